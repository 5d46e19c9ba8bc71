"""The page: for each model its panel, its endpoints and its card."""

import importlib
from collections.abc import Callable, Mapping

import gradio as gr

from pipelines.app import card, panel, run_tables
from pipelines.app.model import Model
from pipelines.app.panel import Panel
from pipelines.app.panels import files, form
from pipelines.runs.rows.asked import DEFAULT

# Task -> the module of its panel; other models have forms alone.
PANELS = {
    "classification": "pipelines.app.panels.classification",
    "clinical": "pipelines.app.panels.clinical",
    "forecasting": "pipelines.app.panels.forecasting",
    "recommendation": "pipelines.app.panels.recommendation",
    "question_answering": "pipelines.app.panels.question_answering",
    **dict.fromkeys(("translation", "summarization"), "pipelines.app.panels.text_to_text"),
}
_ASK = "ask"
_MOST_ENDPOINTS = 20  # with a form each
_AT_A_TIME = 4  # requests that are answered
_WAITING = 100
_KEPT = 3_600  # seconds that a file stays at most


def make(models: Mapping[str, Callable[[], Model]], runs: bool = False) -> gr.Blocks:
    """Makes the page.

    Args:
        models: Name -> what opens the model: one at once, of several each when it is chosen.
        runs: Whether the runs of this folder are shown, too.

    Returns:
        The page, which `launching.launch` opens.

    Example:
        `make({"opinions": lambda: model})`
    """
    with gr.Blocks(title="tfmodels", analytics_enabled=False, delete_cache=(_KEPT, _KEPT)) as page:
        if len(models) == 1:
            _place(next(iter(models.values()))())
        else:
            chosen = gr.Dropdown(list(models), value=next(iter(models)), label="Model")

            @gr.render(inputs=[chosen])
            def show(name: str) -> None:
                _place(models[name]())

        if runs:
            with gr.Accordion("Runs side by side", open=False):
                run_tables.place()
    page.queue(max_size=_WAITING, default_concurrency_limit=_AT_A_TIME, api_open=False)
    return page


def panel_of(model: Model) -> Panel | None:
    """The panel of a model's task; None where a form is all that there is.

    Args:
        model: The model.

    Example:
        `panel_of(model).__name__` -> `"pipelines.app.panels.classification"`
    """
    name = model.card.get("task")
    return importlib.import_module(PANELS[name]) if model.task and name in PANELS else None  # pyrefly: ignore


def _place(model: Model) -> None:
    endpoints = list(model.predictor.endpoints)[:_MOST_ENDPOINTS]
    own = panel_of(model)
    about = model.card.get("description") or model.card.get("task") or model.address
    gr.Textbox(str(about), label=model.name)
    if own:
        panel.place(own, model, _ASK, form.example(model, DEFAULT))
    with gr.Accordion("Card", open=bool(own)):
        card.place(model.card)
    if model.task:
        with gr.Accordion("A file", open=False):
            panel.place(files, model, "file")
    for number, endpoint in enumerate(endpoints):  # no tabs: Gradio mixes those of a model with those of the last one
        with gr.Accordion(f"Endpoint {endpoint}", open=not (own or number)):
            panel.place(form.of(endpoint), model, endpoint, form.example(model, endpoint))
