"""The panel of question answering: the answer, marked in its context, and the other spans."""

from typing import TYPE_CHECKING, Any

import gradio as gr

from pipelines.app import tables, words
from pipelines.app.model import Model
from pipelines.app.panel import Outputs, Rows, Values
from pipelines.runs.rows.asked import Asked
from tfmodels.plots import roles

if TYPE_CHECKING:
    from gradio.components import Component

_NBEST = "nbest"
_ANSWER, _OTHERS = "answer", ("2nd", "3rd", "4th", "5th")
_COLOURS = dict(zip((_ANSWER, *_OTHERS), (roles.BLUE, roles.ORANGE, roles.GREEN, roles.PURPLE, roles.SKY), strict=True))


def inputs(model: Model) -> "dict[str, Component]":
    """A question, and the text that it is about."""
    return {
        "question": gr.Textbox(label="Question", lines=2, autofocus=True),
        "context": gr.Textbox(label="Context", lines=8),
    }


def request(model: Model, values: Values) -> tuple[Asked, Rows]:
    """The question and its context."""
    return model.asked(), [{name: values[name] or "" for name in ("question", "context")}]


def outputs(model: Model) -> "dict[str, Component]":
    """The answer, the context with it, and the most probable spans."""
    found: dict[str, Component] = {
        _ANSWER: gr.Textbox(label="Answer"),
        "numbers": gr.Textbox(label="Probabilities"),
        "context": gr.HighlightedText(
            label="In its context; a rank above shows its span", color_map=_COLOURS, show_legend=True,
            show_inline_category=False,
        ),
    }  # fmt: skip
    if _NBEST in model.predictor.endpoints:
        found[_NBEST] = gr.Dataframe(label="Most probable spans", datatype="str", interactive=False, wrap=True)
    return found


def shown(model: Model, values: Values, asked: Asked, rows: Rows, answers: Outputs) -> dict[str, Any]:
    """The answer of `serving_default`, and the spans of `nbest` where there is one."""
    answer, context = answers[0], rows[0]["context"]
    numbers = f"of this answer {answer['score']:.4f}, that there is one {answer['answerable']:.4f}"
    spans = {(answer["start"], answer["end"]): _ANSWER}
    found = {_ANSWER: answer["answer"] or "(the context has no answer)", "numbers": numbers}
    if _NBEST in model.predictor.endpoints:
        best = model.predictor.predict(rows[0], _NBEST)
        ranked = [dict(zip(best, one, strict=True)) for one in zip(*_columns(best), strict=True)]
        ranked = [one for one in ranked if one["end"] > one["start"] >= 0]
        names = ("answer", "score", "start", "end")
        found[_NBEST] = tables.cells(names, [[one[name] for name in names] for one in ranked])
        others = [(one["start"], one["end"]) for one in ranked]
        spans |= dict(zip((one for one in others if one not in spans), _OTHERS, strict=False))
    return found | {"context": words.marked(context, spans)}


def _columns(best: dict[str, Any]) -> list[list[Any]]:
    """The outputs with a value for each span."""
    count = len(best["start"])
    return [values if isinstance(values, list) else [values] * count for values in best.values()]
