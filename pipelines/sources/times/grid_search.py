"""The grid that most series of a table follow, found from their timestamps."""

from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines.sources.tables.time_grid import LAST_DAY, Grid
from tfmodels.preprocessing.clock import Clock

if TYPE_CHECKING:
    import numpy as np

_FEW = 3  # distances, from which on a frequency shows
REGULAR = 0.5  # least share of the steps of a grid that have a timestamp


def completed(grid: Grid, times: "dict[str, np.ndarray]", irregular: bool) -> Grid:
    """The grid of most series, with what its frequency leaves open.

    Args:
        grid: What `grid_of` returned.
        times: Name of a series -> its timestamps, int64, sorted and distinct.
        irregular: Whether timestamps may lie off the grid.

    Returns:
        The grid: of months if all timestamps are the same day of a month or all are last days; of business days if
        none is on a weekend and Fridays are followed by Mondays.

    Raises:
        ValueError: No series has two timestamps, and there is no frequency.
    """
    import numpy as np

    clock = grid.clock
    local = clock.local_days(np.concatenate(list(times.values())))
    days, time_of_day = local // clock.day, local % clock.day
    found, counts = np.unique(time_of_day, return_counts=True)
    usual = int(found[np.argmax(counts)])
    if grid.kind == "months":
        day = grid.day or (_day_of_month(days) if len(found) == 1 else 0)
        return replace(grid, day=day, time_of_day=usual if day else 0)
    if grid.kind == "business":
        return replace(grid, time_of_day=usual)
    if grid.step:
        return grid
    likely = grid
    if not irregular and len(found) == 1 and (day := _day_of_month(days)):
        likely = Grid(0, "months", day, usual, clock)
    elif not irregular and len(found) == 1 and _are_business(days, times, clock):
        likely = Grid(0, "business", 0, usual, clock)
    ticks = [likely.ticks(time) for time in times.values()]
    steps = [step for one in ticks if (step := common_step(one))]
    if not steps:
        raise ValueError(
            "Expected a frequency, or a series with two timestamps to infer it from. Received: frequency=''"
        )
    step = max(set(steps), key=steps.count)
    if likely.kind == "elapsed" and not irregular and step % clock.day == 0:
        return replace(likely, step=step, kind="days")
    return replace(likely, step=step)


def common_step(ticks: "np.ndarray") -> int:
    """The most frequent distance of neighbouring ticks, which are sorted and distinct; 0 for a single one."""
    import numpy as np

    steps, counts = np.unique(np.diff(ticks), return_counts=True)
    return int(steps[np.argmax(counts)]) if len(steps) else 0


def are_coarser(ticks: "np.ndarray", own: int, step: int) -> bool:
    """Whether ticks follow a coarser grid: no two are one step apart, and half of the distances or more are alike.

    Args:
        ticks: Sorted and distinct.
        own: Their most frequent distance.
        step: That of the grid.

    Example:
        `are_coarser(np.array([0, 24, 48, 72]), 24, 1)` is True.
    """
    import numpy as np

    apart = np.diff(ticks)
    return len(apart) >= _FEW and bool(apart.min() > step) and bool(2 * (apart == own).sum() >= len(apart))


def regularity(local: "np.ndarray") -> float:
    """The share of the steps of a grid that have a timestamp.

    Args:
        local: Timestamps in microseconds, int64, sorted and distinct.

    Returns:
        The share, 1 where none is missing.

    Example:
        `regularity(np.array([0, 10, 20, 40]))` -> `0.8`
    """
    if len(local) < 2:
        return 1.0
    grid = completed(Grid(0, clock=Clock(1_000_000)), {"": local}, irregular=False)
    ticks = grid.ticks(local)
    return len(ticks) / float((ticks[-1] - ticks[0]) // grid.step + 1)


def _day_of_month(days: "np.ndarray") -> int:
    """The day of the month that all days are, `LAST_DAY` for last days; 0 if they differ or lie in one month."""
    import numpy as np

    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    if (months == months[0]).all():
        return 0
    day = (dates - months).astype(np.int64) + 1
    length = ((months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")).astype(np.int64)
    if (day == length).all():
        return LAST_DAY
    return int(day.max()) if (day == np.minimum(day.max(), length)).all() else 0


def _are_business(days: "np.ndarray", times: "dict[str, np.ndarray]", clock: Clock) -> bool:
    """Whether no day is on a weekend, most are one day apart, and weekends were left out twice at least."""
    import numpy as np

    if ((days + 3) % 7 > 4).any():
        return False
    apart = np.concatenate([np.diff(clock.local(time) // clock.day) for time in times.values()])
    fridays = np.concatenate([(clock.local(time[:-1]) // clock.day + 3) % 7 == 4 for time in times.values()])
    return bool((apart == 1).mean() > REGULAR and (apart[fridays] == 3).sum() >= 2)
