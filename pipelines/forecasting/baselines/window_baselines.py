"""Baselines of forecasting: naive forecasts of the same windows, and models fitted on those of training."""

from typing import NamedTuple

import numpy as np

from pipelines.forecasting import series_batches, series_data, window_scores
from pipelines.forecasting.baselines import known_numbers
from pipelines.forecasting.forecast_options import ForecastOptions
from pipelines.forecasting.series_inputs import SeriesInputs
from pipelines.forecasting.window_forecasts import last_values, pieces
from pipelines.runs import Run
from pipelines.sources.tables import time_splits
from pipelines.sources.tables.time_grid import Grid
from tfmodels import metrics
from tfmodels.metrics import SeenWindows
from tfmodels.preprocessing.clock import Clock
from tfmodels.training import Windows

CONSTANTS = ("mean of the history", "repeat last")  # what any method must beat, or it is broken
_MOST_WINDOWS = 20_000  # at most, to fit on
_LATEST = 0.2  # of the training windows of each series, to judge what a baseline leaves open by
TREES = "boosted trees"


class _Read(NamedTuple):
    """Windows, without what no baseline reads.

    Attributes:
        seen: What is known of them, as trees read it.
        known: Known covariates of the horizon as regressions read them; no columns if there are none.
        targets: `[windows, horizon, channels]`, NaN = missing.
        unit: `[windows, 1, channels]`, of their errors.
    """

    seen: SeenWindows
    known: np.ndarray
    targets: np.ndarray
    unit: np.ndarray

    @property
    def history(self) -> np.ndarray:
        """`[windows, context, channels]`."""
        return self.seen.history

    def whole(self) -> "_Read":
        """Those with all targets, unless that leaves less than half: one regression then serves all steps."""
        whole = np.asarray(np.isfinite(self.targets).all(axis=(1, 2)))
        if whole.mean() < 0.5:
            return self
        return _Read(self.seen.part(whole), self.known[whole], self.targets[whole], self.unit[whole])


class _Data(NamedTuple):
    """Windows to forecast, and windows of training to fit to.

    Attributes:
        asked: The windows to forecast.
        train: Windows of training.
        recent: bool `[train_windows]`, the latest of each series.
        seasons: Steps of the seasons, the shortest first.
    """

    asked: _Read
    train: _Read
    recent: np.ndarray
    seasons: tuple[int, ...]


def forecasts(config: ForecastOptions, run: Run, windows: Windows) -> dict[str, np.ndarray]:
    """What the baselines forecast.

    Args:
        config: Options of the run.
        run: A prepared run.
        windows: The windows to forecast.

    Returns:
        Name -> `[windows, horizon, channels]`. There is a regression for squared errors and, if the options train for
        absolute ones, one for those; boosted trees, unless `config.baselines` leaves them out, are fitted for either.
        All are in the unit of `config.unit`.
    """
    data, horizon = _data(config, run, windows), config.horizon
    train = data.train.whole()
    arguments = (data.asked.history, horizon, train.history, train.targets)
    covariates = {"known": data.asked.known, "train_known": train.known}
    found = _naive(config, run, data.asked.history)
    found["ridge"] = metrics.ridge(*arguments, unit=train.unit, **covariates)
    absolute = window_scores.primary(config) in window_scores.ABSOLUTE
    if absolute:
        found["least absolute errors"] = metrics.least_absolute_errors(*arguments, unit=train.unit, **covariates)
    if config.baselines == "all":
        found[TREES] = metrics.boosted_trees(
            data.asked.seen,
            horizon,
            data.train.seen,
            data.train.targets,
            seasons=data.seasons,
            unit=data.train.unit,
            absolute=absolute,
            recent=data.recent,
        )
    return found


def changes(config: ForecastOptions, run: Run, windows: Windows, last: np.ndarray) -> dict[str, np.ndarray]:
    """What the baselines say of directions: up where a change is above zero.

    Args:
        config: Options of the run.
        run: A prepared run.
        windows: The windows to forecast.
        last: Their last values, `[windows, 1, channels]`.

    Returns:
        Name -> `[windows, horizon, channels]`.
    """
    data = _data(config, run, windows)
    train = data.train.whole()
    rises = _rises(config, train)
    ridge = metrics.ridge_of_directions(
        data.asked.history, config.horizon, train.history, rises, known=data.asked.known, train_known=train.known
    )
    up = np.ones_like(ridge)
    share_up = np.mean(rises[np.isfinite(rises)] > 0)
    found = {name: rise(config, values, last) for name, values in _naive(config, run, data.asked.history).items()}
    if config.center == "last":
        del found["repeat last"]  # which says down always
    return {
        "always up": up,
        "always down": -up,
        "majority of training": up if share_up > 0.5 else -up,
        **found,
        "ridge": ridge,
        **(_trees_of_directions(config, data) if config.baselines == "all" else {}),
    }


def rise(config: ForecastOptions, values: np.ndarray, last: np.ndarray) -> np.ndarray:
    """How far values lie above what directions start from: the last value, or zero."""
    return values - (last if config.center == "last" else np.zeros_like(last))


def _rises(config: ForecastOptions, train: _Read) -> np.ndarray:
    return rise(config, train.targets, last_values(train.history))


def _trees_of_directions(config: ForecastOptions, data: _Data) -> dict[str, np.ndarray]:
    found = metrics.boosted_trees_of_directions(
        data.asked.seen,
        config.horizon,
        data.train.seen,
        _rises(config, data.train),
        seasons=data.seasons,
        recent=data.recent,
    )
    return {TREES: found}


def _naive(config: ForecastOptions, run: Run, history: np.ndarray) -> dict[str, np.ndarray]:
    season, horizon = series_data.season(config, run), config.horizon
    return {
        "mean of the history": metrics.mean_of_history(history, horizon),
        "repeat last": metrics.repeat_last(history, horizon),
        "seasonal naive": metrics.seasonal_naive(history, horizon, season),
        "drift": metrics.drift(history, horizon),
    }


def _data(config: ForecastOptions, run: Run, windows: Windows) -> _Data:
    inputs = series_data.inputs(run)
    every = series_data.windows(config, run, "train", series_batches.training_scale(config, run))
    numbers, recent = _train_windows(config, every, inputs.grid.clock)
    seasons = _seasons(series_data.season(config, run), inputs.grid, config.context)
    return _Data(_read(inputs, windows), _read(inputs, every, numbers), recent, seasons)


def _read(inputs: SeriesInputs, windows: Windows, numbers: np.ndarray | None = None) -> _Read:
    """The windows of these numbers, by default all."""
    parts = []
    for _, part in pieces(windows, numbers):
        part = known_numbers.expected(inputs, part)
        known = known_numbers.of_models(inputs, part)
        of_trees = known_numbers.of_trees(inputs, part, known)
        parts.append((part["values"], *of_trees, known, part["targets"], part["scale"]))
    history, of_steps, latest, *rest = map(np.concatenate, zip(*parts, strict=True))
    return _Read(SeenWindows(history, of_steps, latest), *rest)


def _seasons(season: int, grid: Grid, context: int) -> tuple[int, ...]:
    """The season, and the day and the week that the context holds, but for a week of days, which seasons reach."""
    day = grid.clock.day
    cycles = (day, 7 * day) if grid.kind == "elapsed" else ()
    lengths = {cycle // grid.step for cycle in cycles if cycle % grid.step == 0}
    return (season, *sorted(length for length in lengths if season < length <= context and length != 7 * season))


def _train_windows(config: ForecastOptions, windows: Windows, clock: Clock) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of windows of training, evenly spread, and which are the latest of their series.

    With `config.issue` they are those of that time of day, as the windows to forecast.
    """
    numbers = np.arange(len(windows))
    if (issue := time_splits.seconds_of_day(config.issue)) is not None:
        series, origin = windows.locate(numbers)
        local = clock.local(windows.rows.time[windows.rows.offsets[series] + origin - 1])
        issued = numbers[local % clock.day == issue * clock.ticks]
        numbers = issued if len(issued) else numbers
    most = max(1, _MOST_WINDOWS // windows.rows.values.shape[1])
    numbers = numbers[np.unique(np.linspace(0, len(numbers) - 1, min(most, len(numbers))).astype(int))]
    series, _ = windows.locate(numbers)
    rank = numbers - (np.cumsum(windows.counts) - windows.counts)[series]
    return numbers, rank >= (1 - _LATEST) * windows.counts[series]
