"""Rows of a table on its time grid; what most rows miss is no grid of theirs."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines.sources.faults import Faults
from pipelines.sources.tables import time_grid
from pipelines.sources.tables.table_files import place
from pipelines.sources.tables.time_grid import IRREGULAR, Grid
from pipelines.sources.times import grid_search
from pipelines.sources.times.grid_search import REGULAR
from tfmodels.preprocessing.clock import Clock

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_AS_THEY_ARE = f"--frequency {IRREGULAR} takes rows as they are"
_MOST_FILLED = 5_000_000  # cells of all series
_MOST_STEPS = 30  # for each row, such as every 24th of a grid of hours


def grid_of(
    frame: "pd.DataFrame",
    groups: "Mapping[str, tuple[np.ndarray, np.ndarray]]",
    frequency: str | Grid,
    clock: Clock,
    faults: Faults,
) -> Grid:
    """The grid of the rows of a table.

    Args:
        frame: The table.
        groups: Name of a series -> the positions of its rows and their timestamps, int64, sorted and distinct.
        frequency: See `time_grid.grid_of`; or the grid of training.
        clock: That of the timestamps.
        faults: Receives a note if few steps of a grid that was found have a row.

    Returns:
        The grid of training, or else that of most series.

    Raises:
        ValueError: There is no frequency, or more than half of the rows are off its grid.

    Example:
        `grid_of(frame, {"": (np.arange(3), np.array([0, 3600, 7200]))}, "", Clock(), faults)` -> `Grid(3600)`
    """
    if isinstance(frequency, Grid):
        grid, remedy = frequency, "as in training"
    else:
        times = {name: time for name, (_, time) in groups.items()}
        grid = grid_search.completed(time_grid.fitting(frequency, clock), times, frequency == IRREGULAR)
        remedy = f"without --frequency it is found; {_AS_THEY_ARE}" if frequency else _AS_THEY_ARE
    if frequency == IRREGULAR:
        return grid
    off = {name: (rows[there], time[there]) for name, (rows, time) in groups.items() if len(there := _off(time, grid))}
    count, total = (sum(len(rows) for rows, _ in some.values()) for some in (off, groups))
    if 2 * count > total:
        name, (rows, time) = next(iter(off.items()))
        first = f"{grid.text(time[0])}{called(name)}, {place(frame, rows[0])}"
        raise ValueError(
            f"Expected timestamps most of which are whole steps of {grid.frequency} apart; {remedy}. "
            f"Received: {count:,} of {total:,} that are not, the first {first}"
        )
    ticks = [grid.ticks(time) for _, time in groups.values()]
    steps = sum(int((one[-1] - one[0]) // grid.step + 1) for one in ticks)
    if frequency == "" and total < REGULAR * steps:
        faults.note(f"{1 - total / steps:.0%} of the steps of {grid.frequency} have no row; {_AS_THEY_ARE}")
    return grid


def check_gaps(
    frame: "pd.DataFrame", groups: "Mapping[str, tuple[np.ndarray, np.ndarray]]", grid: Grid, columns: int
) -> None:
    """Refuses rows so far apart that the steps without a row would take the memory, such as a mistyped year.

    Args:
        frame: The table.
        groups: See `grid_of`.
        grid: The grid.
        columns: The number of columns that the steps are filled in.

    Raises:
        ValueError: There are too many steps.

    Example:
        `check_gaps(frame, {"": (np.arange(3), np.array([0, 3600, 7200]))}, Grid(3600), 1)`
    """
    import numpy as np

    apart = {name: np.diff(grid.ticks(time)) // grid.step for name, (_, time) in groups.items() if len(time) > 1}
    rows = sum(len(time) for _, time in groups.values())
    steps = len(groups) + sum(int(one.sum()) for one in apart.values())
    if steps * columns <= max(_MOST_FILLED, _MOST_STEPS * rows * columns):
        return
    name = max(apart, key=lambda one: apart[one].max())
    place_of = int(np.argmax(apart[name])) + 1
    before, after = (grid.text(groups[name][1][one]) for one in (place_of - 1, place_of))
    raise ValueError(
        f"Expected at most {max(_MOST_FILLED // columns, _MOST_STEPS * rows):,} steps of {grid.frequency} in "
        f"{rows:,} rows; correct the timestamps. Received: {steps:,}, the widest gap from {before} to "
        f"{after}{called(name)}, {place(frame, groups[name][0][place_of])}"
    )


def on_grid(
    frame: "pd.DataFrame",
    rows: "np.ndarray",
    time: "np.ndarray",
    grid: Grid,
    name: str,
    is_training: bool,
    faults: Faults,
) -> "tuple[np.ndarray, np.ndarray]":
    """The rows of a series on the grid.

    Args:
        frame: The table.
        rows: Positions of the rows.
        time: Their timestamps, int64, sorted and distinct.
        grid: The grid.
        name: Name of the series.
        is_training: Whether options of training can still be given.
        faults: Receives rows off the grid that most rows lie on, which are left out; of a series that has more of
            them than others, all rows are.

    Returns:
        Positions of rows, perhaps none, and their ticks.

    Example:
        `on_grid(frame, np.arange(2), np.array([0, 3600]), Grid(3600), "", True, Faults("warn"))`
    """
    import numpy as np

    ticks, off = grid.ticks(time), _off(time, grid)
    are_most = 2 * len(off) > len(time)
    left_out = "all rows of the series are left out" if are_most else "rows off the grid are left out"
    remedy = f" ({_AS_THEY_ARE})" if is_training else ""
    own = replace(grid, step=grid_search.common_step(np.unique(ticks)))
    whose = f"{own.frequency}{called(name)}, {place(frame, rows[0])}"
    if own.step % grid.step:
        faults.found(f"one frequency, {grid.frequency}{remedy}", whose, left_out)
    elif grid_search.are_coarser(np.unique(ticks), own.step, grid.step):
        faults.found(f"one frequency, {grid.frequency}", whose, "the steps between its rows are missing")
    if len(off):
        faults.found(
            f"timestamps that are whole steps of {grid.frequency} apart{remedy}",
            f"{grid.text(time[off[0]])}{called(name)}, {place(frame, rows[off[0]])}",
            left_out, len(time) if are_most else len(off),
        )  # fmt: skip
    if are_most:
        return rows[:0], ticks[:0]
    rows, ticks = np.delete(rows, off), np.delete(ticks, off)
    again = np.flatnonzero(np.diff(ticks) == 0) + 1
    if len(again):
        faults.found(
            f"one timestamp in each step of {grid.frequency}",
            f"a second one{called(name)}, {place(frame, rows[again[0]])}", "its first row counts", len(again),
        )  # fmt: skip
    return np.delete(rows, again), np.delete(ticks, again)


def called(name: str) -> str:
    """A series in a message; nothing if it has no name."""
    return f" of series {name!r}" if name else ""


def _off(time: "np.ndarray", grid: Grid) -> "np.ndarray":
    """Places of the timestamps that are no whole steps from most of the others."""
    import numpy as np

    ticks, is_on = grid.ticks(time), grid.is_on(time)
    phases, counts = np.unique(ticks[is_on] % grid.step, return_counts=True)
    phase = phases[np.argmax(counts)] if len(phases) else 0
    return np.flatnonzero((ticks % grid.step != phase) | ~is_on)
