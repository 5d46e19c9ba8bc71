"""Time series from a table, long or wide, one or many, each on a regular time grid unless they are irregular."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.sources.faults import Faults
from pipelines.sources.tables import table_files, time_grid, timestamps
from pipelines.sources.tables.table_columns import VALUE, Categories, Columns, find_categories, numbers, resolve
from pipelines.sources.tables.table_files import FILE, SPLIT, place
from pipelines.sources.tables.table_layout import in_one_layout
from pipelines.sources.tables.time_grid import Grid
from tfmodels.training import Series

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_MIXED = "--series COLUMN to tell apart rows with the same timestamp, or "


@dataclass(frozen=True)
class Table:
    """The series of a table.

    Attributes:
        series: The series.
        columns: The role of each column, with every target named.
        categories: The texts of the covariates that are not numeric.
        grid: The distance of two steps; if they are irregular, the most frequent one.
        irregular: Whether the timestamps follow no grid.
    """

    series: list[Series]
    columns: Columns
    categories: Categories
    grid: Grid
    irregular: bool

    @property
    def channels(self) -> list[str]:
        """Names of the channels of each series."""
        if self.columns.layout == "columns":
            return [VALUE]
        return [name.replace("*", "").strip("_- .") or VALUE for name in self.columns.target]


def read(
    data: str | Path, columns: Columns, frequency: str, faults: Faults, categories: Categories | None = None
) -> Table:
    """Reads series.

    Args:
        data: See `table_files.read`.
        columns: The role of each column.
        frequency: See `time_grid.grid_of`.
        faults: Receives bad rows and series. Rows without a readable timestamp and rows off the grid are left out, rows
            out of order are sorted, of rows with the same timestamp the first counts, infinite values are missing.
        categories: The texts that have indicators; by default those of the table.

    Returns:
        The series, with a row of NaN for each step of the grid that the table has no row for.

    Raises:
        FileNotFoundError: There is no table.
        ValueError: A column is missing, a numeric one holds text, or a fault is an error.

    Example:
        `read("load.csv", Columns(time="hour", target=("load",), series=("region",)), "h", Faults("warn")).series`
    """
    frame = table_files.read(data, partial(in_one_layout, columns=columns))
    columns = resolve(columns, table_files.names(frame), str(data))
    categories = categories or find_categories(frame, columns)
    grid = time_grid.grid_of(frequency)
    irregular = frequency == time_grid.IRREGULAR
    if columns.time:
        ticks = grid.ticks(timestamps.seconds(frame, columns.time, columns.time_format, faults))
    elif grid.step:
        ticks = None
    else:
        raise ValueError("Expected a frequency for rows without timestamps. Received: time='', frequency=''")
    arrays = _arrays(frame, columns, categories, faults)
    order = partial(_ordered, frame, ticks=ticks, grid=grid, named=bool(columns.series), faults=faults)
    groups = {name: order(rows, name) for name, rows in _groups(frame, columns).items()}
    groups = {name: group for name, group in groups.items() if len(group[1])}
    if not grid.step:  # the ticks are still seconds
        grid = time_grid.agreed_grid({name: time for name, (_, time) in groups.items()}, irregular)
        groups = {
            name: (rows, grid.ticks(time.astype("float64")).astype("int64")) for name, (rows, time) in groups.items()
        }
    series = []
    for name, (rows, time) in groups.items():
        if not irregular:
            rows, time = _on_grid(frame, rows, time, grid, name, faults)
        series += _series(frame, columns, arrays, name, rows, time, None if irregular else grid, faults)
    return Table(series, columns, categories, grid, irregular)


def _groups(frame: "pd.DataFrame", columns: Columns) -> dict[str, "np.ndarray"]:
    """Positions of the rows of each series, by its name."""
    import numpy as np

    if columns.series:
        grouped = frame.groupby(list(columns.series), sort=False, observed=True, dropna=False).indices
        return {_name(key): np.asarray(rows) for key, rows in grouped.items()}
    if (frame[SPLIT] < 0).all() and frame[FILE].nunique() > 1:
        grouped = frame.groupby(FILE, sort=False, observed=True).indices
        return {_name(key): np.asarray(rows) for key, rows in grouped.items()}
    return {"": frame.reset_index().index.to_numpy()}


def _name(key: Hashable) -> str:
    return "/".join(map(str, key)) if isinstance(key, tuple) else str(key)


def _arrays(frame: "pd.DataFrame", columns: Columns, categories: Categories, faults: Faults) -> dict[str, "np.ndarray"]:
    """All columns of each role as numbers, float32 `[rows, columns]`, without infinite ones."""
    import numpy as np

    targets = np.stack([numbers(frame, column) for column in columns.target], axis=1)
    found = {"values": targets.astype(np.float32)}
    found |= {role: categories.numbers(frame, names) for role, names in columns.covariates.items()}
    names = {"values": columns.target} | {role: categories.names(of) for role, of in columns.covariates.items()}
    for role, array in found.items():
        row, column = np.nonzero(np.isinf(array))
        if len(row):
            faults.found(
                "finite values", f"{array[row[0], column[0]]} in column {names[role][column[0]]!r}"
                f"{_of_series(frame, columns, row[0])}, {place(frame, row[0])}", "they count as missing", len(row),
            )  # fmt: skip
            array[row, column] = np.nan
    return found


def _of_series(frame: "pd.DataFrame", columns: Columns, row: int) -> str:
    return _called("/".join(str(frame[column].iloc[row]) for column in columns.series))


def _called(name: str) -> str:
    return f" of series {name!r}" if name else ""


def _ordered(
    frame: "pd.DataFrame",
    rows: "np.ndarray",
    name: str,
    ticks: "np.ndarray | None",
    grid: Grid,
    named: bool,
    faults: Faults,
) -> tuple["np.ndarray", "np.ndarray"]:
    """Positions of a series' rows in the order of time, and their ticks, int64, without duplicates."""
    import numpy as np

    if ticks is None:
        return rows, grid.step * np.arange(len(rows))
    rows = rows[np.isfinite(ticks[rows])]
    time = ticks[rows].astype(np.int64)
    mixed = "" if named or len(np.unique(time)) == len(time) else _MIXED
    late = np.flatnonzero(np.diff(time) < 0)
    if len(late):
        faults.found(
            f"{mixed}rows in the order of time",
            f"{grid.text(time[late[0] + 1])} after {grid.text(time[late[0]])}{_called(name)}, "
            f"{place(frame, rows[late[0] + 1])}", "they are sorted", len(late),
        )  # fmt: skip
        order = np.argsort(time, kind="stable")
        rows, time = rows[order], time[order]
    again = np.flatnonzero(np.diff(time) == 0) + 1
    if len(again):
        faults.found(
            f"{mixed}each timestamp once",
            f"{grid.text(time[again[0]])} twice{_called(name)}, {place(frame, rows[again[0]])}",
            "its first row counts", len(again),
        )  # fmt: skip
        rows, time = np.delete(rows, again), np.delete(time, again)
    return rows, time


def _on_grid(
    frame: "pd.DataFrame", rows: "np.ndarray", time: "np.ndarray", grid: Grid, name: str, faults: Faults
) -> tuple["np.ndarray", "np.ndarray"]:
    """The rows and ticks on the grid that most of the ticks lie on."""
    import numpy as np

    step, own = grid.step, grid._replace(step=time_grid.common_step(time))
    if own.step % step:
        faults.found(
            f"one frequency, {grid.frequency}",
            f"{own.frequency}{_called(name)}, {place(frame, rows[0])}",
            "rows off the grid are left out",
        )
    phases, counts = np.unique(time % step, return_counts=True)
    off = np.flatnonzero(time % step != phases[np.argmax(counts)])
    if len(off):
        faults.found(
            f"timestamps that are whole steps of {grid.frequency} apart",
            f"{grid.text(time[off[0]])}{_called(name)}, {place(frame, rows[off[0]])}",
            "rows off the grid are left out", len(off),
        )  # fmt: skip
    return np.delete(rows, off), np.delete(time, off)


def _series(
    frame: "pd.DataFrame",
    columns: Columns,
    arrays: dict[str, "np.ndarray"],
    name: str,
    rows: "np.ndarray",
    time: "np.ndarray",
    grid: Grid | None,
    faults: Faults,
) -> Iterator[Series]:
    """The series of one name: one with all targets as channels, or one for each target."""
    import numpy as np

    length = int((time[-1] - time[0]) // grid.step + 1) if grid else len(time)
    places = (time - time[0]) // grid.step if grid else np.arange(length)

    def spread(array: "np.ndarray") -> "np.ndarray":
        full = np.full([length, array.shape[1]], np.nan, np.float32)
        full[places] = array[rows]
        return full

    statics = arrays["static"][rows]
    other = np.flatnonzero((statics != statics[0]).any(axis=1) & np.isfinite(statics).all(axis=1))
    if len(other):
        faults.found(
            "static covariates that are constant", f"another value{_called(name)}, {place(frame, rows[other[0]])}",
            "the first row counts", len(other),
        )  # fmt: skip
    whole = Series(
        name=name,
        time=grid.seconds(time[0] + grid.step * np.arange(length)) if grid else time,
        values=spread(arrays["values"]),
        past=spread(arrays["past"]),
        known=spread(arrays["known"]),
        static=statics[0],
        bounds=_bounds(frame[SPLIT].to_numpy()[rows], places, length, name),
    )
    if columns.layout != "columns":
        yield whole
        return
    for channel, target in enumerate(columns.target):
        own = f"{name}/{target}" if name else target
        yield whole._replace(name=own, values=whole.values[:, channel : channel + 1])


def _bounds(split: "np.ndarray", places: "np.ndarray", length: int, name: str) -> tuple[int, int, int] | None:
    """Where validation and test begin if the splits have files of their own; -1 for a validation without one."""
    import numpy as np

    if (split < 0).all():
        return None
    if (np.diff(split) < 0).any():
        raise ValueError(
            "Expected the file of each split to begin where the one before ends. "
            f"Received: rows of an earlier split after those of a later one{_called(name)}"
        )
    starts = [int(places[np.searchsorted(split, number)]) if (split >= number).any() else length for number in (1, 2)]
    return starts[0] if (split == 1).any() else -1, starts[1], length
