"""The panel of any endpoint: a form made of its signature."""

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import gradio as gr

from pipelines.app.model import Model
from pipelines.app.panel import Outputs, Panel, Rows, Values
from pipelines.runs.rows import input_texts
from pipelines.runs.rows.asked import Asked
from tfmodels.export.graph.field import Field

if TYPE_CHECKING:
    from gradio.components import Component

_LONGEST = 20_000  # characters of an answer that is shown


def of(endpoint: str) -> Panel:
    """The panel of an endpoint: a text for each input, read as `tfmodels predict --endpoint` reads options.

    Args:
        endpoint: Its name.

    Example:
        `panel.place(form.of("nbest"), model)`
    """

    def inputs(model: Model) -> "dict[str, Component]":
        fields, asked = model.predictor.endpoints[endpoint].inputs, model.asked(endpoint)
        known = input_texts.defaults(asked.card, fields)
        return {
            name: gr.Textbox(
                label=input_texts.described(field),
                value=_written(known[name]) if name in known else "",
                lines=1 if input_texts.is_scalar(field) and field.dtype != "string" else 2,
                placeholder=None if input_texts.is_scalar(field) else "[...] in JSON",
            )
            for name, field in fields.items()
        }

    def request(model: Model, values: Values) -> tuple[Asked, Rows]:
        fields = model.predictor.endpoints[endpoint].inputs
        return model.asked(endpoint), [{name: _read(field, values[name] or "") for name, field in fields.items()}]

    def outputs(model: Model) -> "dict[str, Component]":
        return {"answer": gr.Code(label="Answer", language="json", interactive=False, wrap_lines=True)}

    def shown(model: Model, values: Values, asked: Asked, rows: Rows, answers: Outputs) -> dict[str, Any]:
        text = json.dumps(answers[0], indent=2, ensure_ascii=False)
        cut = f"\n... {len(text):,} characters in all" if len(text) > _LONGEST else ""
        return {"answer": text[:_LONGEST] + cut}

    return SimpleNamespace(inputs=inputs, request=request, outputs=outputs, shown=shown)


def example(model: Model, endpoint: str) -> dict[str, str]:
    """The card's example as it would be typed.

    Args:
        model: The model.
        endpoint: The endpoint.

    Returns:
        Name of an input -> what is typed; empty if the card has none for the endpoint.

    Example:
        `example(model, "serving_default")` -> `{"text": "some words"}`
    """
    return {name: _written(value) for name, value in model.example(endpoint).items()}


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _read(field: Field, text: str) -> Any:
    if input_texts.is_scalar(field):
        return input_texts.parsed(field, text)
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(
            f"Expected {input_texts.described(field)} in JSON, such as [1, 2]. Received: {text[:80]!r}"
        ) from None
