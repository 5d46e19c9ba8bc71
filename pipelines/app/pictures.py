"""Figures of explanations on a page."""

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import gradio as gr

from pipelines.app.model import Model
from pipelines.runs.explanation import Explanation


def component(label: str) -> gr.Image:
    """What shows a figure.

    Args:
        label: What it is, for those who do not see it.

    Example:
        `pictures.component("Attention")`
    """
    return gr.Image(
        label=label, show_label=False, type="filepath", interactive=False, buttons=["download", "fullscreen"]
    )


def drawn(figures: Mapping[str, Callable[[Path], None]]) -> dict[str, str]:
    """Draws figures, as `tfmodels explain` does.

    Args:
        figures: Of an `Explanation`; pages are left out.

    Returns:
        Name -> file.

    Example:
        `pictures.drawn(explanation.figures)`
    """
    folder, found = Path(tempfile.mkdtemp()), {}
    for number, (name, draw) in enumerate(figures.items()):
        if not Path(name).suffix:
            found[name] = str(folder / f"{number}.png")
            draw(folder / f"{number}.png")
    return found


def explains(model: Model) -> bool:
    """Whether a model has the endpoint that explains what it answers.

    Example:
        `pictures.explains(model)`
    """
    return getattr(model.task, "EXPLAINING", None) in model.predictor.endpoints


def explained(model: Model, row: str) -> Explanation:
    """Explains an answer, as `tfmodels explain` does.

    Args:
        model: One that `explains`.
        row: The row as a text.

    Example:
        `explained(model, "A dog.").numbers`
    """
    assert model.task is not None
    return model.task.explain_served(model.predictor, row)
