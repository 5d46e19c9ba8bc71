"""Time series from a table, long or wide, one or many, each on a regular time grid unless they are irregular."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.sources.faults import Faults
from pipelines.sources.tables import (
    column_guesses,
    grid_rows,
    series_names,
    table_covariates,
    table_decisions,
    table_files,
    table_numbers,
    time_grid,
    time_splits,
    timestamps,
)
from pipelines.sources.tables.grid_rows import called
from pipelines.sources.tables.table_columns import VALUE, Columns
from pipelines.sources.tables.table_files import FILE, SPLIT, place
from pipelines.sources.tables.table_numbers import NONE, Marks, numbers
from pipelines.sources.tables.table_reading import Reading
from pipelines.sources.tables.time_grid import Grid
from tfmodels.checked_options import OptionError
from tfmodels.preprocessing.clock import Clock
from tfmodels.training import Series

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_LARGEST, _WHOLE = 1e300, 2.0**53  # sums over a window stay finite; from here on float64 skips whole numbers
_SHOWN = 5  # names in a message
_ZONE = " (an hour that summer time repeats needs --time_zone NAME)"


@dataclass(frozen=True)
class Table:
    """The series of a table.

    Attributes:
        series: The series.
        reading: How the table was read, with every target named.
        grid: The distance of two steps; if they are irregular, the most frequent one.
        irregular: Whether the timestamps follow no grid.
        missing: Texts without an option that count as missing values, as far as the numbers hold any.
        unused: Columns without a role.
    """

    series: list[Series]
    reading: Reading
    grid: Grid
    irregular: bool
    missing: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()

    @property
    def channels(self) -> list[str]:
        """Names of the channels of each series."""
        if self.reading.columns.layout == "columns":
            return [VALUE]
        return [name.replace("*", "").strip("_- .") or VALUE for name in self.reading.columns.target]

    def named(self, name: str) -> "Table":
        """The table, with this name for a series that neither a column nor a file names; an empty one changes nothing.

        Raises:
            OptionError: Its series have names.
        """
        if not name:
            return self
        if [one.name for one in self.series] != [""]:
            there = ", ".join(one.name for one in self.series[:_SHOWN])
            raise OptionError("series_name", f"to be left out, since the series have names: {there}", name)
        return replace(self, series=[self.series[0]._replace(name=name)])


def read(data: str | Path, reading: Reading, frequency: str | Grid, faults: Faults) -> Table:
    """Reads series.

    Args:
        data: See `table_files.read`.
        reading: The roles and what else is known of the table; the rest is decided from all of it.
        frequency: See `time_grid.grid_of`; or the grid of training.
        faults: Receives bad rows and series. Rows without a readable timestamp or a name, and rows off the grid, are
            left out, rows out of order are sorted, of rows with the same timestamp the first counts, infinite values
            are missing.

    Returns:
        The series, with a row of NaN for each step of the grid that the table has no row for.

    Raises:
        FileNotFoundError: There is no table.
        ValueError: A column is missing, a numeric one holds text, cells have two readings, or a fault is an error.

    Example:
        `read("load.csv", Reading(Columns(("hour",), ("load",), ("region",))), "h", Faults("warn")).series`
    """
    import numpy as np

    is_training = reading.categories is None
    frame, reading = table_decisions.decide(data, reading, faults)
    columns = reading.columns
    irregular = frequency == time_grid.IRREGULAR
    grid = frequency if isinstance(frequency, Grid) else time_grid.grid_of(frequency)
    times = clock = None
    if columns.time:
        times, form = timestamps.read(frame, columns, faults, reading.form)
        reading, clock = replace(reading, form=form), form.clock
    elif not grid.step:
        raise ValueError(
            f"Expected timestamps ({column_guesses.without_dates(frame)}), or the frequency of rows in order, such as "
            "--frequency D. Received: time='', frequency=''"
        )
    arrays = _arrays(frame, reading, faults)
    groups, names = _groups(frame, columns, faults), table_files.names(frame)
    if times is not None and is_training and len(groups) == 1:
        column_guesses.refuse_several(columns, frame, names, times)
    if times is None or clock is None:
        ordered = {name: (rows, grid.times(grid.step * np.arange(len(rows)))) for name, rows in groups.items()}
    else:
        several = partial(column_guesses.several, columns, frame, names, times)
        order = partial(_ordered, frame, times=times, clock=clock, several=several, faults=faults)
        ordered = {name: group for name, rows in groups.items() if len((group := order(rows, name))[0])}
        grid = grid_rows.grid_of(frame, ordered, frequency, clock, faults)
        if not irregular:
            grid_rows.check_gaps(frame, ordered, grid, sum(array.shape[1] for array in arrays.values()))
    series = []
    for name, (rows, time) in ordered.items():
        if not irregular:
            rows, time = grid_rows.on_grid(frame, rows, time, grid, name, is_training, faults)
        if len(rows):
            series += _series(frame, columns, arrays, name, rows, time, None if irregular else grid, faults)
    words = reading.categories.words if reading.categories else {}
    missing = table_numbers.met(frame, [name for name in columns.of_numbers if name not in words])
    return Table(series, reading, grid, irregular, tuple(missing), columns.unused(names))


def _groups(frame: "pd.DataFrame", columns: Columns, faults: Faults) -> dict[str, "np.ndarray"]:
    """Positions of the rows of each series, by its name."""
    import numpy as np

    if columns.series:
        return series_names.rows_of(frame, columns.series, faults)
    if (frame[SPLIT] < 0).all() and frame[FILE].nunique() > 1:
        grouped = frame.groupby(FILE, sort=False, observed=True).indices
        return {table_files.stem(str(name)): np.asarray(rows) for name, rows in grouped.items()}
    return {"": np.arange(len(frame))}


def _arrays(frame: "pd.DataFrame", reading: Reading, faults: Faults) -> dict[str, "np.ndarray"]:
    """All columns of each role as numbers, float64 `[rows, columns]`, without infinite ones."""
    import numpy as np

    columns, categories = reading.columns, reading.categories or table_covariates.Categories()
    marks = reading.marks or Marks(".", NONE)
    found = {"values": np.stack([numbers(frame, column, marks) for column in columns.target], axis=1)}
    for number, column in enumerate(columns.target):
        _check_told_apart(frame, column, found["values"][:, number], marks)
    for role, of in columns.covariates.items():
        found[role] = table_covariates.as_numbers(frame, of, columns, categories, marks, faults)
    names = {"values": columns.target} | {role: categories.names(of) for role, of in columns.covariates.items()}
    for role, array in found.items():
        row, column = np.nonzero(np.abs(array) > _LARGEST)
        if len(row):
            faults.found(
                f"finite values, at most {_LARGEST:g}",
                f"{array[row[0], column[0]]} in column {names[role][column[0]]!r}"
                f"{_of_series(frame, columns, row[0])}, {place(frame, row[0])}", "they count as missing", len(row),
            )  # fmt: skip
            array[row, column] = np.nan
    return found


def _check_told_apart(frame: "pd.DataFrame", column: str, values: "np.ndarray", marks: Marks) -> None:
    """Refuses numbers with so many digits that two of them become one in float64."""
    import numpy as np

    large = np.flatnonzero((np.abs(values) >= _WHOLE) & np.isfinite(values))
    if not len(large):
        return
    written = table_numbers.exact(frame[column].iloc[large], marks)
    _, first, group = np.unique(values[large], return_index=True, return_inverse=True)
    if len(other := large[written != written[first][group]]):
        raise ValueError(
            f"Expected numbers in column {column!r} that differ within 16 digits; subtract a constant from them. "
            f"Received: {frame[column].iloc[other[0]]} in {place(frame, other[0])}, equal to another one in float64"
        )


def _of_series(frame: "pd.DataFrame", columns: Columns, row: int) -> str:
    return called("/".join(str(frame[column].iloc[row]) for column in columns.series))


def _ordered(
    frame: "pd.DataFrame",
    rows: "np.ndarray",
    name: str,
    times: "np.ndarray",
    clock: Clock,
    several: Callable[[], str],
    faults: Faults,
) -> tuple["np.ndarray", "np.ndarray"]:
    """Positions of a series' rows in the order of time, and their timestamps, int64, without duplicates."""
    import numpy as np

    text = Grid(0, clock=clock).text
    rows = rows[np.isfinite(times[rows])]
    time = times[rows].astype(np.int64)
    mixed = several() if len(np.unique(time)) < len(time) else ""
    late = np.flatnonzero(np.diff(time) < 0)
    if len(late):
        faults.found(
            f"{mixed}rows in the order of time",
            f"{text(time[late[0] + 1])} after {text(time[late[0]])}{called(name)}, "
            f"{place(frame, rows[late[0] + 1])}", "they are sorted", len(late),
        )  # fmt: skip
        order = np.argsort(time, kind="stable")
        rows, time = rows[order], time[order]
    again = np.flatnonzero(np.diff(time) == 0) + 1
    if len(again):
        zone = _ZONE if not clock.changes and (time[again] % clock.day < 3 * 3600 * clock.ticks).all() else ""
        faults.found(
            f"{mixed}each timestamp once{zone}",
            f"{text(time[again[0]])} twice{called(name)}, {place(frame, rows[again[0]])}",
            "its first row counts", len(again),
        )  # fmt: skip
        rows, time = np.delete(rows, again), np.delete(time, again)
    return rows, time


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
        full = np.full([length, array.shape[1]], np.nan)
        full[places] = array[rows]
        return full

    statics = arrays["static"][rows]
    there = np.isfinite(statics)
    static = np.take_along_axis(statics, there.argmax(axis=0)[np.newaxis], axis=0)[0]  # NaN if all are
    other = np.flatnonzero((there & (statics != static)).any(axis=1))
    if len(other):
        faults.found(
            "static covariates that are constant", f"another value{called(name)}, {place(frame, rows[other[0]])}",
            "the first value counts", len(other),
        )  # fmt: skip
    whole = Series(
        name=name,
        time=grid.times(time[0] + grid.step * np.arange(length)) if grid else time,
        values=spread(arrays["values"]),
        past=spread(arrays["past"]),
        known=spread(arrays["known"]),
        static=static,
        bounds=time_splits.bounds_of_files(frame[SPLIT].to_numpy()[rows], places, length, name),
    )
    if columns.layout != "columns":
        yield whole
        return
    for channel, target in enumerate(columns.target):
        own = series_names.joined([*series_names.parted(name, max(len(columns.series), 1)), target]) if name else target
        yield whole._replace(name=own, values=whole.values[:, channel : channel + 1])
