"""The panel of a forecaster: a table, how it is read, history and horizon with the seasonal naive beside them."""

import csv
import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import gradio as gr

from pipelines.app import pictures, tables
from pipelines.app.model import Model
from pipelines.app.panel import Outputs, Rows, Values
from pipelines.runs.rows.asked import Asked
from pipelines.sources.faults import heard

if TYPE_CHECKING:
    from gradio.components import Component

WIDE = True  # its figures
_CHOICES = {"on_bad": ("error", "drop", "warn"), "ambiguous": ("earlier", "later")}
_AS_TRAINED = "as in training"
_ROLES = ("time", "target", "series", "past", "known", "static", "layout", "time_format", "time_zone")


def inputs(model: Model) -> "dict[str, Component]":
    """A table like that of training, how it is read, and what can be decided otherwise."""
    label = "History; known covariates go on for the horizon, with empty targets"
    found = tables.inputs(label, _header(model))
    gr.Textbox(_read_as(model), label="Read as (decided in training)", max_lines=8)
    for name, choices in _CHOICES.items():
        found[name] = gr.Dropdown([_AS_TRAINED, *choices], value=_AS_TRAINED, label=f"--{name}")
    return found


def request(model: Model, values: Values) -> tuple[Asked, Rows]:
    """The histories of the table."""
    asked = model.asked(**{name: values[name] for name in _CHOICES if values[name] != _AS_TRAINED})
    return asked, tables.read(asked, values)


def outputs(model: Model) -> "dict[str, Component]":
    """What was noticed, a figure, the forecasts and a file of them."""
    return {
        "said": gr.Textbox(label="Noticed in the table", max_lines=6),
        "figure": pictures.component("History and horizon"),
        **tables.outputs(),
    }


def shown(model: Model, values: Values, asked: Asked, rows: Rows, answers: Outputs) -> dict[str, Any]:
    """The forecasts as `tfmodels predict` shows and writes them, and their figure."""
    assert model.task is not None
    with heard() as said:  # again: what reads it says it each time
        tables.read(asked, values)
    _, names, cells = model.task.shown(rows, answers, asked.card)
    figures = model.task.answer_figures(rows, answers, asked.card)
    written = tables.shown(asked, values, rows, answers)
    return {
        "said": "\n".join(said) or "nothing",
        "figure": pictures.drawn(figures).get("forecasts"),
        "answers": tables.cells(names, cells),
        "download": written["download"],
    }


def _columns(model: Model) -> Mapping[str, Any]:
    table = model.card.get("table")
    found = table.get("columns") if isinstance(table, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _header(model: Model) -> str:
    """The first line that a table has."""
    columns = _columns(model)
    names = [name for role in ("series", "time", "target", "past", "known", "static") for name in columns.get(role, ())]
    line = io.StringIO()
    csv.writer(line).writerow(names)
    return line.getvalue().strip() + "\n"


def _read_as(model: Model) -> str:
    """What was decided about tables, a line each."""
    columns = _columns(model)
    found = [(name.replace("_", " "), columns.get(name)) for name in _ROLES]
    marks = columns.get("numbers")
    if isinstance(marks, Mapping):
        missing = marks.get("missing")
        found += [("decimal mark", marks.get("decimal")), ("thousands", marks.get("thousands")), ("missing", missing)]
    table = model.card.get("table", {})
    found += [(name, table.get(name)) for name in ("frequency", "context", "horizon")]
    return "\n".join(f"{name}: {_words(value)}" for name, value in found if value not in (None, "", [], ()))


def _words(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
