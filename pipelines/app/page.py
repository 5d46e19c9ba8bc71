"""The page: for each model its panel, its endpoints and its card."""

import importlib
from collections.abc import Callable, Mapping

import gradio as gr

from pipelines.app import card, form, panel
from pipelines.app.model import Model
from pipelines.app.panel import Panel
from pipelines.runs.rows.asked import DEFAULT

# Task -> the module of its panel; other models have forms alone.
PANELS = {"classification": "pipelines.app.classification"}
_MOST_ENDPOINTS = 20  # with a form each
_AT_A_TIME = 4  # requests that are answered
_WAITING = 100
_KEPT = 3_600  # seconds that a file stays at most


def make(models: Mapping[str, Callable[[], Model]]) -> gr.Blocks:
    """Makes the page.

    Args:
        models: Name -> what opens the model: one at once, of several each when it is chosen.

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

    page.queue(max_size=_WAITING, default_concurrency_limit=_AT_A_TIME, api_open=False)
    return page


def panel_of(model: Model) -> Panel | None:
    """The panel of a model's task; None where a form is all that there is.

    Args:
        model: The model.

    Example:
        `panel_of(model).__name__` -> `"pipelines.app.classification"`
    """
    name = model.card.get("task")
    return importlib.import_module(PANELS[name]) if model.task and name in PANELS else None  # pyrefly: ignore


def _place(model: Model) -> None:
    endpoints = list(model.predictor.endpoints)[:_MOST_ENDPOINTS]
    own = panel_of(model)
    gr.Textbox(
        f"{model.name}: {model.card.get('description') or model.card.get('task') or model.address}", label="Model"
    )
    if own:
        with gr.Tab("Ask"):
            panel.place(own, model, form.example(model, DEFAULT))
    for endpoint in endpoints:
        with gr.Tab(endpoint):
            panel.place(form.of(endpoint), model, form.example(model, endpoint))
    with gr.Accordion("Card"):
        card.place(model.card)
