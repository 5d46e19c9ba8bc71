"""The panel of clinical series: measurements, the risk over time, what each contributed, groups and warnings."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import gradio as gr

from pipelines.app import pictures, tables
from pipelines.app.model import Model
from pipelines.app.panel import Outputs, Rows, Values
from pipelines.runs.rows.asked import Asked
from tfmodels.plots import roles

if TYPE_CHECKING:
    from gradio.components import Component

WIDE = True  # its figures
_NOW = "with_options"
_DRAWN, _TIMES = 5, 24  # entities, and times of each
_COLOURS = [roles.BLUE, roles.VERMILLION, roles.GREEN, roles.PURPLE, roles.ORANGE]


def inputs(model: Model) -> "dict[str, Component]":
    """A table of measurements, in the form of the training data."""
    return tables.inputs("Measurements")


def request(model: Model, values: Values) -> tuple[Asked, Rows]:
    """The measurements of each entity."""
    asked = model.asked()
    return asked, tables.read(asked, values)


def outputs(model: Model) -> "dict[str, Component]":
    """The warnings of the card, the risks, how they came about, and what contributed."""
    gr.Textbox(_warnings(model.card), label="To be kept in mind", max_lines=10)
    return {
        **tables.outputs(),
        "over_time": gr.LinePlot(label=f"Risk over time, of the first {_DRAWN} at most", x="hours", y="probability",
                                 color="entity", x_title="hours", height=340, y_lim=[0, 1]),
        "contributions": pictures.component("What each measurement of the first one contributed"),
    }  # fmt: skip


def shown(model: Model, values: Values, asked: Asked, rows: Rows, answers: Outputs) -> dict[str, Any]:
    """The risks of all; of the first entity how they came about, and what contributed."""
    found = tables.shown(asked, values, rows, answers)
    if _NOW in model.predictor.endpoints:
        found["over_time"] = _over_time(model, rows)
    if pictures.explains(model):
        assert model.task is not None
        found["contributions"] = pictures.drawn(model.task.explain_row(model.predictor, rows[0]).figures).get("events")
    return found


def _over_time(model: Model, rows: Rows) -> Any:
    """The risk of the first entities at the times of their measurements, asked with what was known then."""
    import pandas as pd

    asked, names = [], []
    for number, row in enumerate(rows[:_DRAWN], start=1):
        hours = sorted({hour for hour, name in zip(row["time"], row["variable"], strict=True) if name})
        for hour in hours[:: max(1, len(hours) // _TIMES)]:
            asked.append({**row, "now": hour})
            names.append(f"{number}: {getattr(rows, 'entities', [''] * len(rows))[number - 1]}")
    answers = model.predictor.predict(asked, _NOW)
    if not answers or "probability" not in answers[0]:
        return None
    hours, risks = [row["now"] for row in asked], [one["probability"] for one in answers]
    frame = pd.DataFrame({"hours": hours, "probability": risks, "entity": names})
    return gr.LinePlot(frame, color_map=dict(zip(dict.fromkeys(names), _COLOURS, strict=False)))


def _warnings(card: Mapping[str, Any]) -> str:
    """What the card says of limits and of groups of people."""
    limits = card.get("limits")
    return "\n".join(["A risk is no diagnosis.", *map(str, limits if isinstance(limits, list) else [])])
