"""Windows over time series: a history and the steps after it, read on demand."""

import copy
from collections.abc import Collection

import numpy as np

from tfmodels.preprocessing.clock import Clock
from tfmodels.training.data.series_rows import SeriesRows

_SPLITS = ("train", "validation", "test")
_UTC = Clock()


class Windows:
    """All windows of one split, numbered series by series and from the oldest to the newest.

    The steps that a window predicts all lie in its split; its history may begin in an earlier split. So training
    windows contain nothing of validation and test. Histories are complete, except where the training part of a series
    is shorter than a window.

    Args:
        rows: The series.
        split: `train`, `validation` or `test`.
        context: Steps of the history.
        horizon: Steps to predict.
        stride: Steps between two windows of a series.
        without: Names of series to leave out.
        issue: Time of day, in seconds, of the last step in the history of each window, with a stride of whole days.
            None begins with the first possible window.
        scale: `[series, channels]`, returned by `read` as `scale`. None uses that of `rows`.

        clock: Unit of the timestamps, and the local time that `issue` is one of.

    Attributes:
        counts: int64 `[series]`, number of windows of each series.

    Example:
        >>> windows = Windows(SeriesRows(folder), "test", context=168, horizon=24, stride=24)
        >>> windows.read(np.arange(len(windows)))["values"].shape    # (number of windows, 168, channels)
    """

    def __init__(
        self,
        rows: SeriesRows,
        split: str,
        context: int,
        horizon: int,
        stride: int = 1,
        without: Collection[str] = (),
        issue: int | None = None,
        scale: np.ndarray | None = None,
        clock: Clock = _UTC,
    ) -> None:
        self.rows, self.context, self.horizon, self.stride = rows, context, horizon, stride
        self._scale = rows.scale if scale is None else scale
        self._place = place = _SPLITS.index(split)
        start, stop = rows.bounds[:, place], rows.bounds[:, place + 1]
        if split == "train":
            start = start + np.maximum(np.minimum(context, stop - start - horizon), 0)
        self._first = np.maximum(start, 1)  # a window needs at least one step of history
        self._issued = None
        counts = np.maximum((stop - horizon - self._first) // stride + 1, 0)
        if issue is not None:
            latest = stop - horizon
            issued = [self._at(number, issue * clock.ticks, int(latest[number]), clock) for number in range(len(rows))]
            kept = [steps[:0] if name in without else steps for name, steps in zip(rows.names, issued, strict=True)]
            counts, self._issued = np.array([len(steps) for steps in kept]), np.concatenate(kept)
        self.counts = np.where(np.isin(rows.names, list(without)), 0, counts)
        self._ends = np.cumsum(self.counts)

    def __len__(self) -> int:
        return int(self._ends[-1])

    @property
    def values(self) -> int:
        """Number of observed values in the split, of the series that have windows."""
        edges = self.rows.offsets[:-1, np.newaxis] + self.rows.bounds[:, self._place : self._place + 2]
        return sum(int(np.isfinite(self.rows.values[start:stop]).sum()) for start, stop in edges[self.counts > 0])

    def locate(self, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns the series of each window, and the step of that series at which its prediction begins."""
        series = np.searchsorted(self._ends, numbers, side="right")
        if self._issued is not None:
            return series, self._issued[numbers]
        rank = numbers - (self._ends - self.counts)[series]
        return series, self._first[series] + rank * self.stride

    def _at(self, number: int, issue: int, latest: int, clock: Clock) -> np.ndarray:
        """The steps of a series whose predecessor has the time of day `issue`, `stride` apart in usual days."""
        start, first = self.rows.offsets[number], int(self._first[number])
        times = self.rows.time[start + first - 1 : start + max(latest, first - 1)]
        steps = first + np.flatnonzero(clock.local(times) % clock.day == issue)
        days = round(self.stride / np.median(np.diff(steps))) if len(steps) > 1 else 1
        return steps[:: max(days, 1)]

    def with_context(self, context: int) -> "Windows":
        """The same windows, in the same order, with a longer or shorter history; what a series lacks is NaN."""
        windows = copy.copy(self)
        windows.context = context
        return windows

    def read(self, numbers: np.ndarray) -> dict[str, np.ndarray]:
        """Reads windows.

        Args:
            numbers: Numbers of the windows, int64 `[n]`.

        Returns:
            `values` `[n, context, channels]`, `past` `[n, context, past]`, `known` `[n, context + horizon, known]`,
            `static` `[n, static]`, `time` int64 `[n, context + horizon]`, `targets` `[n, horizon, channels]` and
            `scale` `[n, 1, channels]`, that of the series; numbers have the types of `rows`. Before the start of a
            series, values and past covariates are NaN; known covariates and times are 0.
        """
        series, origin = self.locate(numbers)
        offset = self.rows.offsets[series][:, np.newaxis]
        step = origin[:, np.newaxis] + np.arange(-self.context, self.horizon)
        inside = step >= 0
        row = offset + np.maximum(step, 0)
        history, seen = row[:, : self.context], inside[:, : self.context, np.newaxis]
        return {
            "values": np.where(seen, self.rows.values[history], np.nan),
            "past": np.where(seen, self.rows.past[history], np.nan),
            "known": np.where(inside[:, :, np.newaxis], self.rows.known[row], 0.0),
            "static": self.rows.static[series],
            "time": np.where(inside, self.rows.time[row], 0),
            "targets": self.rows.values[row[:, self.context :]],
            "scale": self._scale[series][:, np.newaxis],
        }
