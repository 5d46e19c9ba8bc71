"""A row of numbers for each case: the aggregates of its measurements and its static fields, for models of tables."""

import numpy as np

from pipelines.sources.measurements.measurement_data import MeasurementData
from tfmodels.metrics.risks.event_aggregates import IrregularEvents, aggregate_names, event_aggregates


def make(data: MeasurementData, hours: float = np.inf) -> tuple[np.ndarray, list[str]]:
    """Makes the columns.

    Args:
        data: The data set.
        hours: Measurements up to this hour are seen, and no later one than each case may see.

    Returns:
        float32 `[cases, columns]`, NaN where unknown, and the names of the columns. Each word of a static field that
        is one is a column of 0 and 1.

    Example:
        `make(data, hours=24.0)[0]`
    """
    found, cases = data.histories, data.cases
    end = found.end(cases.entity, np.minimum(cases.hour, hours))
    events = IrregularEvents(found.hours, found.variable, found.value)
    columns = [event_aggregates(events, found.starts[cases.entity], end, len(found.variables))]
    names = aggregate_names(found.variables.to_pylist())
    for name, values in data.statics.numbers.items():
        columns.append(values[cases.entity, None].astype(np.float32))
        names.append(name)
    for name, words in data.statics.words.items():
        distinct = sorted({*words.tolist()} - {""})
        columns += [(words[cases.entity, None] == word).astype(np.float32) for word in distinct]
        names += [f"{name}={word}" for word in distinct]
    return np.concatenate(columns, axis=1), names
