"""Impossible values by limits from a file, and values that look like two units."""

import math
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.sources.faults import Faults
from pipelines.sources.files import row_files
from pipelines.sources.measurements.measurement_rows import RowReader, Rows
from tfmodels.suggestions import did_you_mean

if TYPE_CHECKING:
    import numpy as np

Limits = dict[str, tuple[float, float]]
_FEWEST = 50  # values of a variable, from which on its units are looked at
_SMALLEST = 0.005  # share of the values that the smaller of two groups has at least
_RATIO = 1.5  # between the medians of the groups, at least
_WIDER = 2.0  # than the spread within the groups: the gap between them


def read(path: str | Path) -> Limits:
    """Reads the limits of variables.

    Args:
        path: A table with the columns `variable`, `low` and `high`; an empty cell is no limit.

    Returns:
        Variable -> its least and largest possible value.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: A column is missing, a cell is no number, a variable is there twice, or `low` is above `high`.

    Example:
        `read("limits.csv")["Temp"]` -> `(25.0, 45.0)`
    """
    rows = row_files.read(path)
    places = [rows.column(name) for name in ("variable", "low", "high")]
    found: Limits = {}
    for line, cells in rows.rows:
        name, low, high = (cells[place] for place in places)
        bounds = _bound(low, -math.inf), _bound(high, math.inf)
        if name in found or any(map(math.isnan, bounds)) or bounds[0] > bounds[1]:
            raise ValueError(
                "Expected a variable once, and numbers of which `low` is not above `high`. "
                f"Received: {name!r}, {low!r}, {high!r}, {rows.place(line)}"
            )
        found[str(name)] = bounds
    return found


def within(rows: Rows, limits: Limits, reader: RowReader, faults: Faults) -> Rows:
    """The rows whose values are possible.

    Args:
        rows: The rows.
        limits: The limits.
        reader: What read the rows.
        faults: Receives impossible values.

    Returns:
        The others.

    Raises:
        ValueError: A limit is of a variable that no row has, or a fault is an error.

    Example:
        `within(rows, {"Temp": (25.0, 45.0)}, reader, Faults("warn"))`
    """
    import numpy as np

    names = reader.variables.to_list()
    for name in limits:
        if name not in names:
            raise ValueError(
                f"Expected limits of variables of the measurements. Received: limits of {name!r}"
                f"{did_you_mean(name, names)}"
            )
    low = np.array([limits.get(name, (-np.inf, np.inf))[0] for name in names])[rows.variable]
    high = np.array([limits.get(name, (-np.inf, np.inf))[1] for name in names])[rows.variable]
    wrong = (rows.value < low) | (rows.value > high)
    for name in limits:
        of_it = np.flatnonzero(wrong & (rows.variable == names.index(name)))
        if len(of_it):
            bounds = f"{limits[name][0]:g} to {limits[name][1]:g}"
            received = f"{rows.value[of_it[0]]:g}, {reader.place(rows, of_it[0])}"
            faults.found(f"values of {name!r} from {bounds}, by --limits", received, "the value is left out",
                         len(of_it))  # fmt: skip
    return rows.chosen(~wrong)


def mixed_units(rows: Rows, names: list[str]) -> list[str]:
    """Says which variables have two groups of positive values, far apart: two units, or a slip of the decimal mark.

    Args:
        rows: The rows.
        names: Names of the variables.

    Returns:
        A sentence for each.

    Example:
        `mixed_units(rows, ["Temp"])` -> `["Temp: 970 values from 35.1 to 40 and 30 from 95 to 103, ..."]`
    """
    import numpy as np

    order = np.argsort(rows.variable, kind="stable")
    counts = np.bincount(rows.variable, minlength=len(names))
    said = []
    for name, values in zip(names, np.split(rows.value[order], np.cumsum(counts)[:-1]), strict=True):
        values = np.sort(values[np.isfinite(values) & (values > 0)])
        place = _gap(values)
        if place:
            low, high = values[:place], values[place:]
            said.append(
                f"{name}: {len(low):,} values from {low[0]:g} to {low[-1]:g} and {len(high):,} from {high[0]:g} to "
                f"{high[-1]:g}, nothing between: two units? --limits FILE leaves out what is impossible"
            )
    return said


def _gap(values: "np.ndarray") -> int:
    """Where the second of two groups begins; 0 if there is one."""
    import numpy as np

    if len(values) < _FEWEST or len(np.unique(values)) < 10:
        return 0
    logs = np.log(values)
    least = max(int(np.ceil(_SMALLEST * len(values))), 3)
    steps = np.diff(logs)[least - 1 : len(logs) - least]
    place = int(np.argmax(steps)) + least
    low, high = logs[:place], logs[place:]
    spread = max(np.subtract(*np.quantile(part, [0.95, 0.05])) for part in (low, high))
    apart = np.median(high) - np.median(low) > np.log(_RATIO)
    return place if apart and steps.max() > _WIDER * spread else 0


def _bound(cell: object, absent: float) -> float:
    try:
        return absent if cell is None or cell == "" else float(str(cell))
    except ValueError:
        return math.nan
