"""The panel of translators and summarizers: a text, its answer, others with their scores, where it looked."""

from typing import TYPE_CHECKING, Any

import gradio as gr

from pipelines.app import pictures, tables
from pipelines.app.model import Model
from pipelines.app.panel import Outputs, Rows, Values
from pipelines.runs.rows import input_texts
from pipelines.runs.rows.asked import DEFAULT, Asked

if TYPE_CHECKING:
    from gradio.components import Component

_HOW = {"best answer": DEFAULT, "with options": "with_options", "drawn at random": "sample"}
_NBEST = "nbest"
_FIGURES = {"cross_attention": "Where it looked", "copied": "What it copied"}


def inputs(model: Model) -> "dict[str, Component]":
    """A text, how it is answered, and the options of that, which are left as they are unless they are changed."""
    endpoints = model.predictor.endpoints
    found: dict[str, Component] = {"text": gr.Textbox(label="Text", lines=5, autofocus=True)}
    ways = [name for name, endpoint in _HOW.items() if endpoint in endpoints]
    found["how"] = gr.Radio(ways, value=ways[0], label="How it is answered")
    with gr.Accordion("Options", open=False):
        for way in ways[1:]:
            fields = endpoints[_HOW[way]].inputs
            known = input_texts.defaults(model.card, fields)
            for name, field in fields.items():
                if name != model.asked().column:
                    label = f"{way}: {input_texts.described(field)}"
                    found[f"{_HOW[way]}.{name}"] = gr.Textbox(str(known.get(name, "")), label=label, lines=1)
    if pictures.explains(model):
        found["attention"] = gr.Checkbox(label="Draw where it looked")
    return found


def request(model: Model, values: Values) -> tuple[Asked, Rows]:
    """The text, with the options of how it is answered."""
    endpoint = _HOW[values["how"]]
    fields, start = model.predictor.endpoints[endpoint].inputs, f"{endpoint}."
    texts = {name.removeprefix(start): text for name, text in values.items() if name.startswith(start) and text}
    return model.asked(endpoint, input_texts.given(texts, endpoint, fields)), [values["text"] or ""]


def outputs(model: Model) -> "dict[str, Component]":
    """The answer, the best ones with their scores, and where it looked."""
    found: dict[str, Component] = {"text": gr.Textbox(label="Answer", lines=3)}
    if _NBEST in model.predictor.endpoints:
        found[_NBEST] = gr.Dataframe(label="Best answers of the search", datatype="str", interactive=False, wrap=True)
    if pictures.explains(model):
        found |= {name: pictures.component(label) for name, label in _FIGURES.items() if _is_there(model, name)}
    return found


def shown(model: Model, values: Values, asked: Asked, rows: Rows, answers: Outputs) -> dict[str, Any]:
    """The answer; what else was wanted is asked for."""
    found: dict[str, Any] = {"text": answers[0]["text"]}
    if _NBEST in model.predictor.endpoints:
        best = model.predictor.predict(rows[0], _NBEST)
        ranked = [one for one in zip(*best.values(), strict=True) if any(one)]
        found[_NBEST] = tables.cells(list(best), ranked)
    if values.get("attention"):
        found |= pictures.drawn(pictures.explained(model, rows[0]).figures)
    return found


def _is_there(model: Model, figure: str) -> bool:
    outputs = model.predictor.endpoints[getattr(model.task, "EXPLAINING", "")].outputs
    return figure != "copied" or figure in outputs
