"""A row of numbers for each case: the aggregates of its measurements and its static fields, for models of tables."""

import numpy as np

from pipelines.sources.measurements.histories import Histories
from pipelines.sources.measurements.static_fields import Statics
from tfmodels.metrics.risks.event_aggregates import IrregularEvents, aggregate_names, event_aggregates


def make(
    found: Histories, statics: Statics, entity: np.ndarray, hour: np.ndarray, hours: float = np.inf
) -> tuple[np.ndarray, list[str]]:
    """Makes the columns.

    Args:
        found: The histories.
        statics: The static fields.
        entity: int `[cases]`.
        hour: float64 `[cases]`, up to which the measurements of each case are seen.
        hours: And no later one than this, of any case.

    Returns:
        float32 `[cases, columns]`, NaN where unknown, and the names of the columns. Each word of a static field that
        is one is a column of 0 and 1.

    Example:
        `make(data.histories, data.statics, data.cases.entity, data.cases.hour, hours=24.0)[0]`
    """
    end = found.end(entity, np.minimum(hour, hours))
    events = IrregularEvents(found.hours, found.variable, found.value)
    columns = [event_aggregates(events, found.starts[entity], end, len(found.variables))]
    names = aggregate_names(found.variables.to_pylist())
    for name, values in statics.numbers.items():
        columns.append(values[entity, None].astype(np.float32))
        names.append(name)
    for name, words in statics.words.items():
        distinct = sorted({*words.tolist()} - {""})
        columns += [(words[entity, None] == word).astype(np.float32) for word in distinct]
        names += [f"{name}={word}" for word in distinct]
    return np.concatenate(columns, axis=1), names
