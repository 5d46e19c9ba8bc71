"""What boosted trees read of windows: a row for each step of a horizon and each channel.

Nothing in a row is of the step that it is about, or of a later one, but what is known beforehand.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tfmodels.metrics.window_scale import center_and_scale

_EARLIER = (1, 2, 3, 4, 5, 6, 7, 14)  # seasons back whose value of the same phase is read
_LONGER = (1, 2)  # of the longer seasons
_MEANS = 7  # latest seasons of which the means are read
_LATEST, _MOST_LATEST = 3, 24  # values, with a season and without one
_MOST_CHANNELS = 8  # whose latest values are read beside those of the channel itself


class SeenWindows(NamedTuple):
    """What is known of windows when they are forecast; the first axis of each array is theirs.

    Attributes:
        history: `[windows, context, channels]`, NaN = missing.
        known: `[windows, horizon, covariates]`, numbers known of each step that is forecast; None if there are none.
        latest: `[windows, covariates]`, numbers known of the last step of the history, or of the series; None if there
            are none.
    """

    history: np.ndarray
    known: np.ndarray | None = None
    latest: np.ndarray | None = None

    def part(self, chosen: slice | np.ndarray) -> "SeenWindows":
        """Some of the windows."""
        known, latest = (None if array is None else array[chosen] for array in (self.known, self.latest))
        return SeenWindows(self.history[chosen], known, latest)


class Places(NamedTuple):
    """Which steps of which windows rows are about, by number.

    Attributes:
        window: int64 `[rows]`.
        step: int64 `[rows]`, 0 for the first step after the history.
        channel: int64 `[rows]`.
    """

    window: np.ndarray
    step: np.ndarray
    channel: np.ndarray

    def part(self, chosen: slice | np.ndarray) -> "Places":
        """Some of the rows."""
        return Places(*(array[chosen] for array in self))


class Frame(NamedTuple):
    """What values are measured from, and in.

    Attributes:
        center: `[windows, 1, channels]`, or with axes of length 1 where all have the same.
        scale: The same shape.
    """

    center: np.ndarray
    scale: np.ndarray

    def at(self, places: Places) -> tuple[np.ndarray, np.ndarray]:
        """Center and scale of each row."""
        window, _, channel = places
        shape = (int(window.max(initial=0)) + 1, 1, int(channel.max(initial=0)) + 1)
        return tuple(np.broadcast_to(array, np.maximum(array.shape, shape))[window, 0, channel] for array in self)


class WindowRows:
    """Rows of windows.

    Columns: the step; of the channel, in the given frame, its latest values, the means of its latest seasons, of the
    longer seasons and of the window, its values at the same phase of earlier seasons and their mean; level and spread
    of the window in a frame common to all windows; the number of the channel, and the latest values of few others;
    the known covariates of the step, and those of the last step. What the window does not reach is NaN.

    Args:
        seen: The windows.
        seasons: Steps of the seasons, the shortest first; 1 = none.
        frame: Of the values.
        common: The frame of levels.

    Example:
        `WindowRows(seen, (24,), frame, frame).read(Places(window, step, channel))`
    """

    def __init__(self, seen: SeenWindows, seasons: Sequence[int], frame: Frame, common: Frame) -> None:
        self._seen, self._season, self._longer = seen, seasons[0], seasons[1:]
        self._values = (seen.history - frame.center) / frame.scale
        center, scale = center_and_scale(seen.history)
        level = [(center - common.center) / common.scale, scale / common.scale]
        self._summary = np.stack([*self._latest(), *self._means(), *(part[:, 0] for part in level)], axis=-1)

    def read(self, places: Places) -> np.ndarray:
        """The rows of places, float64 `[rows, columns]`."""
        window, step, channel = places
        columns = [step[:, np.newaxis], self._summary[window, channel], self._earlier(places)]
        channels = self._values.shape[2]
        if channels > 1:
            columns.append(channel[:, np.newaxis])
        if 1 < channels <= _MOST_CHANNELS:
            columns.append(self._values[window, -1])
        if self._seen.known is not None:
            columns.append(self._seen.known[window, step])
        if self._seen.latest is not None:
            columns.append(self._seen.latest[window])
        return np.concatenate(columns, axis=1, dtype=np.float64)

    def _latest(self) -> list[np.ndarray]:
        """Latest values, each `[windows, channels]`."""
        count = min(_LATEST if self._season > 1 else _MOST_LATEST, self._values.shape[1])
        return [self._values[:, -back] for back in range(1, count + 1)]

    def _means(self) -> list[np.ndarray]:
        """Means of stretches of the history, each `[windows, channels]`."""
        context, season = self._values.shape[1], self._season
        seasons = range(_MEANS if season > 1 else 0)
        stretches = [((back + 1) * season, back * season) for back in seasons]
        stretches += [(length, 0) for length in (_MEANS * season, *self._longer) if length > 1]
        reached = [(min(start, context), stop) for start, stop in (*stretches, (context, 0)) if stop < context]
        return [_mean(self._values[:, context - start : context - stop], axis=1) for start, stop in reached]

    def _earlier(self, places: Places) -> np.ndarray:
        """Values at the same phase of earlier seasons and their mean, `[rows, columns]`."""
        window, step, channel = places
        periods = [(self._season, _EARLIER), *((longer, _LONGER) for longer in self._longer)]
        context, found = self._values.shape[1], []
        for period, back in ((period, back) for period, seasons in periods for back in seasons if period > 1):
            at = context + step - period * (step // period + back)  # at least one step before the horizon
            there = self._values[window, np.maximum(at, 0), channel]
            found.append(np.where(at >= 0, there, np.nan))
        if not found:
            return np.empty([len(step), 0])
        return np.stack([*found, _mean(np.stack(found), axis=0)], axis=1)


def _mean(values: np.ndarray, axis: int) -> np.ndarray:
    """The mean of what was observed; NaN where nothing was."""
    observed = ~np.isnan(values)
    count = observed.sum(axis=axis)
    return np.where(count > 0, np.where(observed, values, 0).sum(axis=axis) / np.maximum(count, 1), np.nan)
