"""Requests of many cases to an endpoint, and the risks that it answers."""

from typing import TYPE_CHECKING, Any

import numpy as np

from pipelines.clinical.data import Cases, Prepared
from pipelines.clinical.static_inputs import StaticInputs
from pipelines.sources.measurements import padded_events

if TYPE_CHECKING:
    from pipelines.runs.predictor import Predictor

_TOGETHER = 1_000  # cases whose texts are in memory at once


def requests(
    prepared: Prepared, fields: StaticInputs, entity: np.ndarray, hour: np.ndarray, width: int, notes: int = 0
) -> dict[str, Any]:
    """The inputs of the endpoint `with_options` for cases.

    Args:
        prepared: The data.
        fields: The static fields that are inputs.
        entity: int `[cases]`.
        hour: float64 `[cases]`, after which nothing is seen; infinity = all is, and the time of the last measurement is
            that of the prediction.
        width: Most measurements of a case.
        notes: Most notes of a case, of a model that reads them.

    Returns:
        Input name -> values of the cases.

    Example:
        `requests(prepared, fields, cases.entity, cases.hour, 512)["variable"]`
    """
    histories = prepared.histories
    found = padded_events.padded(histories, entity, histories.end(entity, hour), width)
    names = np.array(["", *prepared.variables], object)
    events = {"time": found.time, "variable": names[found.variable], "value": found.value}
    if notes and prepared.notes is not None:
        events = with_notes(events, *prepared.notes.columns(entity, hour, notes))
    now = np.where(np.isfinite(hour), hour, -1.0).astype(np.float32)
    return events | {"now": now} | fields.values(prepared.statics, entity)


def with_notes(events: dict[str, np.ndarray], time: np.ndarray, text: np.ndarray) -> dict[str, np.ndarray]:
    """Measurements `[cases, width]` and notes `[cases, notes]` as columns of an endpoint, notes behind measurements.

    Args:
        events: `time`, `variable` and `value`.
        time: Hours of the notes.
        text: Their texts, empty at padding.

    Returns:
        The inputs, and `text`.

    Example:
        `with_notes(events, *notes.columns(entity, hour, 8))["text"]`
    """
    none = {"time": time, "variable": np.full(text.shape, "", object), "value": np.full(text.shape, np.nan, np.float32)}
    joined = {name: np.concatenate([of, none[name]], axis=1) for name, of in events.items()}
    return joined | {"text": np.concatenate([np.full(events["time"].shape, "", object), text], axis=1)}


def risks(
    predictor: "Predictor", prepared: Prepared, fields: StaticInputs, cases: Cases, hours: float = np.inf
) -> np.ndarray:
    """The risks that a model serves.

    Args:
        predictor: What answers.
        prepared: The data.
        fields: The static fields that are inputs.
        cases: The cases.
        hours: Measurements up to this hour are seen, and no later one than each case may see.

    Returns:
        float64 `[cases]`.

    Raises:
        ValueError: An answer is no probability.

    Example:
        `risks(predictor, prepared, fields, prepared.of_split("test"))`
    """
    answered = columns(predictor, prepared, fields, cases, ["probability"], hours)["probability"].astype(np.float64)
    if answered.ndim != 1 or not ((answered >= 0) & (answered <= 1)).all():
        raise ValueError(
            f"Expected an output 'probability' from 0 to 1 for each case. Received: shape {list(answered.shape)}. "
            "Export the run again."
        )
    return answered


def columns(
    predictor: "Predictor",
    prepared: Prepared,
    fields: StaticInputs,
    cases: Cases,
    names: list[str],
    hours: float = np.inf,
) -> dict[str, np.ndarray]:
    """Outputs that a model serves, see `risks`.

    Args:
        predictor: See there.
        prepared: See there.
        fields: See there.
        cases: See there.
        names: Names of the outputs.
        hours: See `risks`.

    Returns:
        Name -> values of the cases.

    Example:
        `columns(predictor, prepared, fields, prepared.of_split("test"), ["mean", "quantiles"])["mean"]`
    """
    hour, width = np.minimum(cases.hour, hours), prepared.content["width"]
    shape = predictor.endpoints["with_options"].inputs["time"].shape
    notes = shape[1] - width if prepared.notes is not None and shape and shape[1] else 0
    parts = []
    for start in range(0, len(hour), _TOGETHER):
        part = slice(start, start + _TOGETHER)
        asked = requests(prepared, fields, cases.entity[part], hour[part], width, notes)
        parts.append(predictor.predict_columns(asked, names, "with_options"))
    return {name: np.concatenate([part[name] for part in parts]) for name in names}
