"""Boosted trees as baselines of forecasting: one model of all steps, series and channels.

They are what many try first: gradient boosting on histograms by scikit-learn, with its usual settings. Rows and trees
are limited, and so are time and memory.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from tfmodels.metrics.window_rows import Frame, Places, SeenWindows, WindowRows
from tfmodels.metrics.window_scale import center_and_scale

_MOST_NUMBERS = 12_000_000  # in the rows to fit on
_FEWEST_TREES, _MOST_TREES, _ROWS_OF_A_TREE = 20, 200, 100  # many trees learn few rows by heart
_CLEARLY = 0.98  # of the error, for a frame of each window: it takes away what levels tell
_TRIAL = 4  # what the frame is chosen by has one in so many of the rows
_NUMBERS_AT_A_TIME = 10_000_000  # to forecast from


def boosted_trees(
    seen: SeenWindows,
    horizon: int,
    train: SeenWindows,
    train_targets: np.ndarray,
    *,
    seasons: Sequence[int] = (1,),
    unit: np.ndarray | None = None,
    absolute: bool = False,
    recent: np.ndarray | None = None,
) -> np.ndarray:
    """Forecasts by boosted trees on the rows of `window_rows`.

    Values are read and forecast as they are, or relative to the mean and standard deviation of their window where that
    does clearly better on the latest training windows after a quick fit to the others.

    Args:
        seen: The windows to forecast.
        horizon: Number of steps to forecast.
        train: Training windows.
        train_targets: `[train_windows, horizon, channels]`, the values after them, NaN = missing.
        seasons: Steps of the seasons, the shortest first; 1 = none.
        unit: `[train_windows, 1, channels]`, what errors are measured in. None = as they are.
        absolute: Whether absolute errors are minimised, not squared ones.
        recent: bool `[train_windows]`, which of them are the latest. None = the last fifth.

    Returns:
        `[windows, horizon, channels]`.

    Raises:
        ValueError: There is no training target.

    Example:
        `boosted_trees(SeenWindows(history), 24, SeenWindows(train_history), train_targets, seasons=(24, 168))`
    """
    unit = np.ones([len(train_targets), 1, 1]) if unit is None else unit
    return _forecast(_Values(absolute), seen, horizon, _Training(train, train_targets, unit, seasons), recent)


def boosted_trees_of_directions(
    seen: SeenWindows,
    horizon: int,
    train: SeenWindows,
    train_rises: np.ndarray,
    *,
    seasons: Sequence[int] = (1,),
    recent: np.ndarray | None = None,
) -> np.ndarray:
    """As `boosted_trees`, but fitted to directions, by which it is judged.

    Args:
        seen: See `boosted_trees`.
        horizon: See `boosted_trees`.
        train: See `boosted_trees`.
        train_rises: `[train_windows, horizon, channels]`, the changes after the training windows, NaN = missing.
        seasons: See `boosted_trees`.
        recent: See `boosted_trees`.

    Returns:
        `[windows, horizon, channels]`, the probability of a change above zero, less one half.

    Raises:
        ValueError: There is no training target.

    Example:
        `boosted_trees_of_directions(SeenWindows(history), 1, SeenWindows(train_history), rises) > 0`
    """
    unit = np.ones([len(train_rises), 1, 1])
    return _forecast(_Directions(), seen, horizon, _Training(train, train_rises, unit, seasons), recent)


class _Training(NamedTuple):
    seen: SeenWindows
    targets: np.ndarray
    unit: np.ndarray
    seasons: Sequence[int]


class _Values:
    """Trees of values, fitted and judged by absolute or squared errors."""

    def __init__(self, absolute: bool) -> None:
        from sklearn.ensemble import HistGradientBoostingRegressor

        self.absolute = absolute
        loss = "absolute_error" if absolute else "squared_error"
        self.trees = partial(HistGradientBoostingRegressor, loss=loss, early_stopping=False, random_state=0)

    def fitted(self, rows: np.ndarray, targets: np.ndarray, scale: np.ndarray, trees: int) -> Any:
        weights = scale if self.absolute else np.square(scale)
        return self.trees(max_iter=trees).fit(rows, targets, sample_weight=weights / weights.mean())

    def predicted(self, model: Any, rows: np.ndarray) -> np.ndarray:
        return model.predict(rows)

    def in_frame(self, targets: np.ndarray, center: np.ndarray, scale: np.ndarray) -> np.ndarray:
        return (targets - center) / scale

    def in_units(self, forecasts: np.ndarray, center: np.ndarray, scale: np.ndarray) -> np.ndarray:
        return center + scale * forecasts

    def errors(self, forecasts: np.ndarray, targets: np.ndarray, scale: np.ndarray) -> np.ndarray:
        each = np.abs(forecasts - targets) * scale
        with np.errstate(over="ignore"):  # infinite
            return each if self.absolute else np.square(each)


class _Directions:
    """Trees of the probability that a change is above zero, which has no unit."""

    def __init__(self) -> None:
        from sklearn.dummy import DummyClassifier
        from sklearn.ensemble import HistGradientBoostingClassifier

        self.always = DummyClassifier()
        self.trees = partial(HistGradientBoostingClassifier, early_stopping=False, random_state=0)

    def fitted(self, rows: np.ndarray, targets: np.ndarray, scale: np.ndarray, trees: int) -> Any:
        model = self.always if len(np.unique(targets)) == 1 else self.trees(max_iter=trees)
        return model.fit(rows, targets)

    def predicted(self, model: Any, rows: np.ndarray) -> np.ndarray:
        return model.predict_proba(rows) @ model.classes_ - 0.5

    def in_frame(self, targets: np.ndarray, center: np.ndarray, scale: np.ndarray) -> np.ndarray:
        return (targets > 0).astype(np.float64)

    def in_units(self, forecasts: np.ndarray, center: np.ndarray, scale: np.ndarray) -> np.ndarray:
        return forecasts

    def errors(self, forecasts: np.ndarray, targets: np.ndarray, scale: np.ndarray) -> np.ndarray:
        return np.square(forecasts + 0.5 - targets)


class _Trees:
    """Trees fitted to places of training windows, in a frame common to all windows or that of each.

    Args:
        kind: What is learnt.
        of: What it is learnt from.
        places: Of the rows.
        each: Whether each window has a frame of its own.
        trees: Number of trees.
    """

    def __init__(self, kind: _Values | _Directions, of: _Training, places: Places, each: bool, trees: int) -> None:
        self.kind, self.seasons, self.each = kind, of.seasons, each
        flat = of.seen.history.reshape(1, -1, 1)
        self.common = Frame(*center_and_scale(flat))
        rows, targets, scale = self.examples(of, places)
        self.columns = np.array([not _is_constant(column) for column in rows.T])
        self.columns[0] |= not self.columns.any()
        with _one_thread():
            self.model = kind.fitted(rows[:, self.columns], targets, scale, trees)

    def examples(self, of: _Training, places: Places) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The rows of places, their targets in the frame, and how many units a difference of 1 there is."""
        window, step, channel = places
        frame = self._frame(of.seen)
        center, scale = frame.at(places)
        unit = np.broadcast_to(of.unit, (len(of.targets), 1, of.targets.shape[2]))[window, 0, channel]
        targets = self.kind.in_frame(of.targets[places.window, step, channel], center, scale)
        return self._rows(of.seen, frame).read(places), targets, scale / unit

    def error(self, of: _Training, places: Places) -> float:
        """The mean error at places, in their units."""
        rows, targets, scale = self.examples(of, places)
        return float(self.kind.errors(self._predicted(rows), targets, scale).mean())

    def forecast(self, seen: SeenWindows, horizon: int) -> np.ndarray:
        """Forecasts, `[windows, horizon, channels]`."""
        windows, context, channels = seen.history.shape
        piece = max(1, _NUMBERS_AT_A_TIME // (channels * (context + horizon * len(self.columns))))
        parts = [seen.part(slice(start, start + piece)) for start in range(0, windows, piece)]
        return np.concatenate([self._forecast(part, horizon) for part in parts])

    def _forecast(self, seen: SeenWindows, horizon: int) -> np.ndarray:
        shape = (len(seen.history), horizon, seen.history.shape[2])
        places = Places(*(index.ravel() for index in np.indices(shape)))
        frame = self._frame(seen)
        found = self._predicted(self._rows(seen, frame).read(places))
        return self.kind.in_units(found, *frame.at(places)).reshape(shape)

    def _predicted(self, rows: np.ndarray) -> np.ndarray:
        with _one_thread():
            return self.kind.predicted(self.model, rows[:, self.columns])

    def _frame(self, seen: SeenWindows) -> Frame:
        return Frame(*center_and_scale(seen.history)) if self.each else self.common

    def _rows(self, seen: SeenWindows, frame: Frame) -> WindowRows:
        return WindowRows(seen, self.seasons, frame, self.common)


def _forecast(
    kind: _Values | _Directions, seen: SeenWindows, horizon: int, of: _Training, recent: np.ndarray | None
) -> np.ndarray:
    if recent is None:
        recent = np.arange(len(of.targets)) >= len(of.targets) - len(of.targets) // 5
    each = _is_each_better(kind, of, recent)
    places = _places(of, np.ones_like(recent), _MOST_NUMBERS)
    if not len(places.window):
        raise ValueError("Expected at least one training target. Received: none")
    return _Trees(kind, of, places, each, _trees(places)).forecast(seen, horizon)


def _is_each_better(kind: _Values | _Directions, of: _Training, recent: np.ndarray) -> bool:
    """Whether a frame of each window does clearly better than a common one; so of windows too few to tell."""
    fitted, judged = (_places(of, chosen, _MOST_NUMBERS // _TRIAL) for chosen in (~recent, recent))
    if not len(fitted.window) or not len(judged.window):
        return True
    common, own = (
        _Trees(kind, of, fitted, each, max(_FEWEST_TREES, _trees(fitted) // 2)).error(of, judged)
        for each in (False, True)
    )
    return own < _CLEARLY * common


def _places(of: _Training, chosen: np.ndarray, numbers: int) -> Places:
    """Places with a target in the chosen windows, drawn at random where their rows hold too many numbers."""
    there = np.flatnonzero(np.isfinite(of.targets) & chosen[:, np.newaxis, np.newaxis])
    one = Places(*(np.zeros(1, np.int64) for _ in Places._fields))
    frame = Frame(np.zeros([1, 1, 1]), np.ones([1, 1, 1]))
    width = WindowRows(of.seen.part(slice(1)), of.seasons, frame, frame).read(one).shape[1]
    most = max(1, numbers // width)
    if len(there) > most:
        there = np.sort(np.random.default_rng(0).choice(there, most, replace=False))
    return Places(*np.unravel_index(there, of.targets.shape))


def _trees(places: Places) -> int:
    return int(np.clip(len(places.window) // _ROWS_OF_A_TREE, _FEWEST_TREES, _MOST_TREES))


def _is_constant(column: np.ndarray) -> bool:
    return bool(((column == column[0]) | (np.isnan(column) & np.isnan(column[0]))).all())


def _one_thread() -> AbstractContextManager[Any]:
    """Several, on a busy machine, wait for each other many times as long; nor do sums then depend on their number."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1, user_api="openmp")
