"""The panel of a classifier: a text, bars of the calibrated probabilities, and the words that it looked at."""

from typing import TYPE_CHECKING, Any

import gradio as gr

from pipelines.app import pictures, words
from pipelines.app.model import Model
from pipelines.app.panel import Outputs, Rows, Values
from pipelines.runs.rows.asked import Asked

if TYPE_CHECKING:
    from gradio.components import Component

_BARS = 10
_DOUBTFUL = 1 / 3  # of the tokens


def inputs(model: Model) -> "dict[str, Component]":
    """What is classified."""
    return {"text": gr.Textbox(label="Text", lines=5, autofocus=True)}


def request(model: Model, values: Values) -> tuple[Asked, Rows]:
    """The text."""
    asked = model.asked()
    return asked, asked.of_texts([values["text"] or ""])


def outputs(model: Model) -> "dict[str, Component]":
    """Label, bars, words."""
    found: dict[str, Component] = {
        "label": gr.Textbox(label="Label"),
        "probabilities": gr.Label(label="Probabilities", num_top_classes=_BARS, show_heading=False),
    }
    if pictures.explains(model):
        found["words"] = words.component("Words by attention, which alone is no explanation")
    return found


def shown(model: Model, values: Values, asked: Asked, rows: Rows, answers: Outputs) -> dict[str, Any]:
    """Label, bars, and the words by attention, where the model tells it."""
    answer = answers[0]
    bars = dict(zip(answer["labels"], answer["probabilities"], strict=True))
    label = f"{answer['label']}, {answer['probability']:.4f}{_doubt(answer.get('unknown', 0.0))}"
    found: dict[str, Any] = {"label": label, "probabilities": bars}
    if pictures.explains(model):
        numbers = pictures.explained(model, rows[0]).numbers
        found["words"] = words.of(rows[0], numbers["start"], numbers["end"], numbers["scores"]["attention"])
    return found


def _doubt(unknown: float) -> str:
    """What to say of the tokens that the vocabulary lacks."""
    if not unknown:
        return ""
    end = ": doubt the label" if unknown > _DOUBTFUL else ""
    return f"; the model does not know {unknown:.0%} of the text{end}"
