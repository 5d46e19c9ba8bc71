"""The panel of files: rows in, answers out, for any task."""

from typing import TYPE_CHECKING, Any

from pipelines.app import tables
from pipelines.app.model import Model
from pipelines.app.panel import Outputs, Rows, Values
from pipelines.runs.rows.asked import Asked

if TYPE_CHECKING:
    from gradio.components import Component


def inputs(model: Model) -> "dict[str, Component]":
    """A file, or its text."""
    return tables.inputs("Rows")


def request(model: Model, values: Values) -> tuple[Asked, Rows]:
    """The rows of the file."""
    asked = model.asked()
    return asked, tables.read(asked, values)


def outputs(model: Model) -> "dict[str, Component]":
    """The answers."""
    return tables.outputs()


def shown(model: Model, values: Values, asked: Asked, rows: Rows, answers: Outputs) -> dict[str, Any]:
    """The answers beside the rows, as in a file of `tfmodels predict`."""
    return tables.shown(asked, values, rows, answers)
