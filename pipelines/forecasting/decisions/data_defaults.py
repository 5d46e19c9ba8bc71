"""What a table decides of the options that are left to it: season, horizon, context, calendar, model and its size."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from pipelines.forecasting.calendars import calendar_cycles
from pipelines.forecasting.decisions.center_choice import better_on_validation
from pipelines.forecasting.decisions.open_options import OPEN, with_patches
from pipelines.sources.tables import time_splits
from pipelines.sources.tables.table_series import Table
from pipelines.sources.tables.time_grid import Grid
from tfmodels import option_lists
from tfmodels.checked_options import AUTO
from tfmodels.training import Series

_LONGEST_DAY = 300  # steps; of shorter ones the season is an hour
_LARGE = 20_000  # values to learn from, from which on a Transformer is trained
_FEW = 3  # forecasts to validate on
_WEEKS = (5, 7)  # seasons of days
_YEARS = 2  # to learn how it repeats
_HARMONICS = {"hour_of_day": 6, "day_of_week": 12, "day_of_year": 2}  # at most; hours differ by the weekday


def decide(config: Any, table: Table) -> Any:
    """Completes the options of a run by the series of its table.

    Season and horizon follow the frequency: of steps shorter than a day a day, of days a week, of business days five,
    of weeks a year (52) with a horizon of 13, of months and quarters a year. The horizon is at most as long as the
    validation or the test part of the longest series. The context is two seasons or two horizons, or a week if that is
    longer, and at most half of what is there to train on. Calendar features are those that change from step to step and
    repeat in the training part. Below 20,000 values the model is linear; whether it forecasts values or changes from
    a season earlier is what does better on the validation part.

    Args:
        config: The options.
        table: The table.

    Returns:
        The options, none left open.

    Example:
        `decide(Config(data="load.csv"), table).context`
    """
    held_out = option_lists.split(config.hold_out)  # they choose nothing
    trained = [one for one in table.series if one.name not in held_out] or table.series
    series = [one._replace(bounds=time_splits.decided(one, config.split, table.grid.clock)) for one in trained]
    edges = np.array([(0, *time_splits.bounds_of(one)) for one in series])
    train, validation, test = np.diff(edges, axis=1).max(axis=0).tolist()
    found: dict[str, Any] = {} if config.season else {"season": season(table.grid, table.irregular)}
    length = found.get("season", config.season)
    if config.horizon == OPEN["horizon"]:
        shortest = min(size for size in (validation, test, _horizon(table.grid, length)) if size)
        found["horizon"] = max(min(shortest, train // 2), 1)
    horizon = found.get("horizon", config.horizon)
    if config.context == OPEN["context"]:
        found["context"] = _context(table, length, horizon, train)
    if config.calendar == AUTO:
        found["calendar"] = ",".join(_calendar(table, train))
    if config.model == AUTO:
        found["model"] = "transformer" if _values(series) >= _LARGE else "linear"
    if config.center == AUTO:
        context = found.get("context", config.context)
        linear = found.get("model") == "linear" and config.head != "direction"
        seasonal = linear and better_on_validation(series, context, horizon, length)
        found["center"] = "season" if seasonal else "last" if config.head == "direction" else "mean"
    if not config.stride and not config.issue and config.horizon == OPEN["horizon"]:
        most = sum(max(stop - start, 0) // horizon for start, stop in edges[:, 1:3].tolist())
        found["stride"] = 1 if most < _FEW else 0
    chosen = replace(config, **found)
    return _patched(chosen) if config.context == OPEN["context"] else chosen


def season(grid: Grid, irregular: bool) -> int:
    """Steps of a season of a frequency.

    Args:
        grid: The grid.
        irregular: Whether the steps follow none.

    Example:
        `season(Grid(1, "months"), irregular=False)` -> `12`
    """
    if irregular:
        return 1
    day = grid.clock.day
    weeks = (364 * day,) if grid.step % (7 * day) == 0 else ()
    cycles = {"months": (12,), "business": (5,)}.get(grid.kind, (day, 7 * day, *weeks))
    found = next((cycle // grid.step for cycle in cycles if cycle % grid.step == 0 and cycle > grid.step), 1)
    hour = 3600 * grid.clock.ticks
    return hour // grid.step if found > _LONGEST_DAY and hour % grid.step == 0 and hour > grid.step else found


def _horizon(grid: Grid, length: int) -> int:
    """Steps to forecast: a season; of weeks a quarter, without a season a few."""
    if grid.kind in ("elapsed", "days") and grid.step == 7 * grid.clock.day:
        return 13
    return length if length > 1 else 6


def _context(table: Table, length: int, horizon: int, train: int) -> int:
    week = 7 * table.grid.clock.day // table.grid.step if table.grid.kind in ("elapsed", "days") else 0
    wanted = max(2 * length, 2 * horizon, week if length < week <= 1000 else 0, 28 if length in _WEEKS else 8)
    return max(min(wanted, max((train - horizon) // 2, length), train - horizon), 1)


def _calendar(table: Table, train: int) -> list[str]:
    """The features that change from step to step and repeat in the training part, with a few harmonics."""
    if not table.reading.columns.time:
        return []
    grid = table.grid
    names = ("month_of_year",) if grid.kind == "months" else _HARMONICS
    steps = {name: calendar_cycles.steps(grid, name) for name in names}
    return [
        calendar_cycles.written(name, min(_HARMONICS.get(name, 1), calendar_cycles.most_harmonics(grid, name)))
        for name, cycle in steps.items()
        if cycle > 1 and train >= _YEARS * cycle
    ]


def _values(series: Sequence[Series]) -> int:
    return sum(int(np.isfinite(one.values[: time_splits.bounds_of(one)[0]]).sum()) for one in series)


def _patched(config: Any) -> Any:
    """The options of the network with patches that fit the context, where they are left at their defaults."""
    own = getattr(config, config.model)
    if not hasattr(own, "patch"):
        return config
    patch = max(min(config.season if config.season > 1 else own.patch, own.patch, config.context // 4), 1)
    fitting = replace(own, patch=patch, **({"stride": min(own.stride, patch)} if hasattr(own, "stride") else {}))
    return with_patches(config, fitting)
