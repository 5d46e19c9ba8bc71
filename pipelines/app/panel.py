"""A panel of a page: inputs, a call, outputs."""

import contextlib
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import gradio as gr

from pipelines.app import limits, same_request
from pipelines.app.model import Model
from pipelines.app.refusals import refusal
from pipelines.runs.rows.asked import Asked

if TYPE_CHECKING:
    from gradio.components import Component

Rows, Outputs, Values = Sequence[Any], list[dict[str, Any]], Mapping[str, Any]


class Panel(Protocol):
    """What the module of a panel has; one with figures that need all of the width has `WIDE = True`, too."""

    def inputs(self, model: Model) -> "dict[str, Component]":
        """Makes what is filled in.

        Args:
            model: The model.

        Returns:
            Name -> component.
        """
        ...

    def request(self, model: Model, values: Values) -> tuple[Asked, Rows]:
        """What is asked.

        Args:
            model: The model.
            values: Name -> what was filled in.

        Raises:
            ValueError: What was filled in is no row.
        """
        ...

    def outputs(self, model: Model) -> "dict[str, Component]":
        """Makes what shows the answer.

        Args:
            model: The model.

        Returns:
            Name -> component.
        """
        ...

    def shown(self, model: Model, values: Values, asked: Asked, rows: Rows, answers: Outputs) -> dict[str, Any]:
        """What the outputs show.

        Args:
            model: The model.
            values: Name -> what was filled in.
            asked: What was asked.
            rows: The rows.
            answers: The answer to each row.

        Returns:
            Name -> value of the component; others are emptied.
        """
        ...


def place(panel: Panel, model: Model, name: str, example: Values | None = None) -> None:
    """Places a panel, with its button, its example, and what is said of each answer.

    Args:
        panel: The panel.
        model: The model.
        name: What the panel is called among those of the page.
        example: Name of an input -> what is filled in by one click.
    """
    is_wide = getattr(panel, "WIDE", False)
    with gr.Column(elem_id=f"panel-{name}"):
        with contextlib.nullcontext() if is_wide else gr.Row():
            with gr.Column():
                inputs = panel.inputs(model)
                button = gr.Button("Ask", variant="primary")
                if filled := {name: value for name, value in (example or {}).items() if name in inputs}:
                    gr.Examples([list(filled.values())], [inputs[name] for name in filled], label="Example of the card")
            with gr.Column():
                error = gr.Textbox(label="Not answered", visible=False, lines=2, elem_classes="refused")
                outputs = panel.outputs(model)
                about = gr.Textbox(label="Time and endpoint")
        with gr.Accordion("Ask the same without this page", open=False):
            curl = gr.Code(label="Shell", language="shell", interactive=False, wrap_lines=True)
            python = gr.Code(label="Python", language="python", interactive=False, wrap_lines=True)
            body = gr.File(label="request.json, which the lines read", visible=False)
    shown = [error, *outputs.values(), about, curl, python, body]

    def answer(*given: Any) -> list[Any]:
        values = dict(zip(inputs, given, strict=True))
        try:
            found, said = answered(panel, model, values)
        except Exception as refused:
            sentence = refusal(refused)
            return [gr.update(value=sentence, visible=True), *[None] * len(outputs), "", "", "", _file(None)]
        return [gr.update(value="", visible=False), *(found.get(name) for name in outputs), *said]

    submits = [one.submit for one in inputs.values() if isinstance(one, gr.Textbox) and one.lines == 1]
    gr.on([button.click, *submits], answer, list(inputs.values()), shown, api_visibility="private",
          scroll_to_output=True)  # fmt: skip


def answered(panel: Panel, model: Model, values: Values) -> tuple[dict[str, Any], list[Any]]:
    """Asks what was filled in.

    Args:
        panel: The panel.
        model: The model.
        values: Name of an input -> what was filled in.

    Returns:
        Name of an output -> what it shows; time and endpoint, the lines for a shell and Python, and the file that they
        read if they need one.

    Raises:
        ValueError: What was filled in is no row.
    """
    limits.check_texts(list(values.values()))
    asked, rows = panel.request(model, values)
    limits.check_rows(len(rows))
    start = time.monotonic()
    answers = asked.predict(rows)
    seconds = time.monotonic() - start
    found = panel.shown(model, values, asked, rows, answers)
    same = same_request.lines(model, asked, rows)
    many = "" if len(rows) == 1 else f" for {len(rows):,} rows"
    about = f"{seconds:.3f} s{many}, {asked.endpoint} of {model.address}"
    return found, [about, same.curl, same.python, _file(same.body if same.is_long else None)]


def _file(body: str | None) -> Any:
    if body is None:
        return gr.update(value=None, visible=False)
    path = Path(tempfile.mkdtemp()) / same_request.FILE
    path.write_text(body, encoding="utf-8")
    return gr.update(value=str(path), visible=True)
