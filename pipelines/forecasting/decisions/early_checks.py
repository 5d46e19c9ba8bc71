"""What would make a training pointless or its report void, said before it starts."""

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pipelines.forecasting import series_data, window_scores
from pipelines.forecasting.forecast_options import ForecastOptions
from pipelines.runs import Run
from pipelines.sources.tables import time_splits

if TYPE_CHECKING:
    from pipelines.sources.tables.time_grid import Grid
    from tfmodels.training import Series, SeriesRows, Windows

_PARTS = ("train", "validation", "test")
_SPLITS = ("0.6,0.2,0.2", "0.6,0.1,0.3", "0.8,0.1,0.1", "0.5,0.2,0.3", "0.5,0.3,0.2", "0.4,0.3,0.3", "0.3,0.3,0.4")
_FEW = 3  # forecasts to validate on
_LITTLE = 0.1  # of the spread by which `center=training` divides: less is hardly seen


def check(config: ForecastOptions, run: Run) -> list[str]:
    """Refuses splits that cannot be trained or validated on, and finds what is doubtful.

    Args:
        config: Options of the run.
        run: A prepared run.

    Returns:
        What is doubtful, each with what would help.

    Raises:
        ValueError: No forecast of the training or the validation split has a value to compare it with.

    Example:
        `check(config, run)` -> `["one forecast to validate on: ..."]`
    """
    rows, grid = series_data.rows(run), series_data.inputs(run).grid
    for split in _PARTS[:2]:
        if not _observed(series_data.windows(config, run, split)).any():
            raise ValueError(_without_values(config, rows, split, grid))
    return [
        *_about_test(config, run, rows, grid),
        *_about_forecasts(config, run),
        *_about_context(config, rows),
        *_about_values(rows),
        *_about_levels(config, run, rows),
        *_about_decoder(config, run),
        *_about_season(config, run, rows),
    ]


def _observed(windows: "Windows") -> np.ndarray:
    """Number of observed target values of each window, int64 `[windows]`."""
    rows = windows.rows
    before = np.concatenate([[0], np.cumsum(np.isfinite(rows.values).sum(axis=1))])
    series, origin = windows.locate(np.arange(len(windows)))
    first = rows.offsets[series] + origin
    return before[first + windows.horizon] - before[first]


def _without_values(config: ForecastOptions, rows: "SeriesRows", split: str, grid: "Grid") -> str:
    place = _PARTS.index(split)
    received = f"split={config.split!r}, none in any of {len(rows):,} series"
    if len(rows) == 1:
        series = rows.part(0)
        start, stop = ((0, *time_splits.bounds_of(series))[place + n] for n in (0, 1))
        received = (
            f"split={config.split!r}, {_span(series, start, stop, grid)} without any{_gap(series, start, stop, grid)}"
        )
    if config.hold_out and split == "train":
        received += f", with hold_out={config.hold_out!r}"
    if config.issue:
        received += f", with issue={config.issue!r}"
    return (
        f"Expected values to compare the forecasts of the {split} part with. Received: {received}. "
        f"{_remedy(config, rows, grid)}"
    )


def _remedy(config: ForecastOptions, rows: "SeriesRows", grid: "Grid") -> str:
    parts = [rows.part(number) for number in range(len(rows))]
    if any(time_splits.bounds(config.split, one.time, grid.clock) != one.bounds for one in parts):
        return "The files named by split decide: move rows between them, or give two dates, --split DATE,DATE."
    for split in _SPLITS:
        if _has_values(split, parts, config.horizon):
            return f"All three parts have values with --split {split}."
    return "No other shares that were tried have values in all three parts: give two dates, --split DATE,DATE."


def _has_values(split: str, parts: "list[Series]", horizon: int) -> bool:
    """Whether each part of a split has as many values as a forecast has steps, over all series."""
    counts = np.zeros(3, np.int64)
    for one in parts:
        edges = (0, *time_splits.bounds(split, one.time))
        sizes = np.diff(edges)
        values = [np.isfinite(one.values[slice(*ends)]).any(axis=1).sum() for ends in itertools.pairwise(edges)]
        counts += np.where(sizes >= horizon, values, 0)
    return bool((counts >= horizon).all())


def _gap(series: "Series", start: int, stop: int, grid: "Grid") -> str:
    """The outage that a part without values lies in."""
    there = np.flatnonzero(np.isfinite(series.values).any(axis=1))
    first = int(there[there < start].max(initial=-1)) + 1
    last = int(there[there >= stop].min(initial=len(series.time)))
    return f" (the outage is {_span(series, first, last, grid)})" if last > first else ""


def _span(series: "Series", start: int, stop: int, grid: "Grid") -> str:
    if stop <= start:
        return "no step"
    first, last = (grid.text(int(series.time[at])).removesuffix(" 00:00:00") for at in (start, stop - 1))
    return f"{stop - start:,} steps from {first} to {last}"


def _about_test(config: ForecastOptions, run: Run, rows: "SeriesRows", grid: "Grid") -> list[str]:
    if _observed(series_data.windows(config, run, "test")).any():
        return []
    return [
        f"no forecast of the test part has a value to compare it with, so `evaluate --split test` will be refused. "
        f"{_remedy(config, rows, series_data.inputs(run).grid)}"
    ]


def _about_forecasts(config: ForecastOptions, run: Run) -> list[str]:
    count = int((_observed(series_data.windows(config, run, "validation")) > 0).sum())
    if count >= _FEW:
        return []
    most = int((_observed(series_data.windows(replace(config, stride=1, issue=""), run, "validation")) > 0).sum())
    help_ = f"--stride 1 makes {most}" if most > count else "a longer validation part (--split) makes more"
    return [f"{count} forecast{'s' * (count > 1)} to validate on, for the best weights and the intervals: {help_}"]


def _about_context(config: ForecastOptions, rows: "SeriesRows") -> list[str]:
    longest = int(rows.bounds[:, 1].max())
    if config.context <= longest:
        return []
    return [
        f"the context of {config.context:,} steps is longer than the longest training part, {longest:,} steps: "
        "the rest is padding in all training. A smaller --context helps"
    ]


def _about_values(rows: "SeriesRows") -> list[str]:
    """Parts that are constant, and channels without a value to learn from."""
    silent, constant = [], []
    for number, name in enumerate(rows.names):
        edges = rows.bounds[number] + rows.offsets[number]
        train, validation = (rows.values[start:stop] for start, stop in ((edges[0], edges[1]), (edges[1], edges[2])))
        if not np.isfinite(train).any(axis=0).all():
            silent.append(name)
        if np.isfinite(validation).any() and not (_spread(validation) > 0).any():
            constant.append(name)
    return [
        f"{what} in {len(names):,} of {len(rows):,} series{_named(names)}: {then}"
        for names, what, then in (
            (silent, "a channel has no value to train on", "its forecasts are not learnt; --target names the others"),
            (constant, "the validation part is constant", "its scores say little; another --split may help"),
        )
        if names
    ]


def _about_levels(config: ForecastOptions, run: Run, rows: "SeriesRows") -> list[str]:
    """Series whose own spread is little beside the one that `center=training` scales all windows by."""
    if config.center != "training":
        return []
    shares = (rows.scale / np.array(series_data.inputs(run).spread)).min(axis=1)
    if not len(little := np.flatnonzero(shares < _LITTLE)):
        return []
    names = _named([rows.names[number] for number in little])
    return [
        f"with center=training all series are scaled alike, but {len(little):,} of {len(rows):,}{names} vary by less "
        f"than {_LITTLE:g} of the common spread (the least by {shares.min():.2g}), so that little of their changes is "
        "seen: --center mean scales each window by itself"
    ]


def _about_decoder(config: Any, run: Run) -> list[str]:
    """A decoder of steps that has no earlier seasons to look at."""
    options, season = getattr(config, config.model), series_data.season(config, run)
    if options.decoder != "steps" or not options.seasonal_attention:
        return []
    reasons = {
        "the probability of a direction is no mean of values": config.head == "direction",
        "irregular steps have no phase in a season": series_data.inputs(run).irregular,
        "a season has one step only, and --season names another": season == 1,
        f"a season has {season:,} steps, more than the context: --context {2 * season} holds two": season
        > config.context,
    }
    return [f"the decoder of steps looks at no earlier seasons: {why}" for why, holds in reasons.items() if holds][:1]


def _about_season(config: ForecastOptions, run: Run, rows: "SeriesRows") -> list[str]:
    season = series_data.season(config, run)
    found = window_scores.seasonal_errors(rows, season, "validation")
    void = [name for name, unit in zip(rows.names, found, strict=True) if not (unit > 0).all()]
    if not void:
        return []
    instead = "; they are trained in units of their standard deviation instead" if config.unit == "season" else ""
    return [
        f"MASE has no unit in {len(void):,} of {len(rows):,} series{_named(void)}, whose values repeat each season of "
        f"{season} steps or lack two that far apart: MASE leaves them out{instead}. --season names another season"
    ]


def _spread(values: np.ndarray) -> np.ndarray:
    """Highest minus lowest observed value of each channel; minus infinity where there is none."""
    observed = np.isfinite(values)
    return values.max(axis=0, where=observed, initial=-np.inf) - values.min(axis=0, where=observed, initial=np.inf)


def _named(names: list[str]) -> str:
    return f" ({', '.join(names[:3])}{' ...' if len(names) > 3 else ''})" if any(names) else ""
