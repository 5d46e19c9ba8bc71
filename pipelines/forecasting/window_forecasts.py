"""Forecasts of many windows, with their targets."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from pipelines.forecasting.forecast_endpoints import ForecastEndpoints
from tfmodels.training import Windows

_ROWS = 256  # windows at a time


class Forecasts(NamedTuple):
    """Forecasts of windows; the first axis of each array is that of the windows.

    Attributes:
        series: int64 `[windows]`, number of the series.
        time: int64 `[windows, horizon]`.
        last: float32 `[windows, 1, channels]`, the last observed value of the history; NaN where there is none.
        targets: float32 `[windows, horizon, channels]`, NaN = missing.
        scale: float32 `[windows, 1, channels]`, standard deviation of the series' training part.
        mean: float32 `[windows, horizon, channels]`, the forecast that squared errors are computed from.
        median: The same shape, the forecast that absolute errors are computed from.
        quantiles: float32 `[windows, horizon, channels, levels]`; no levels for baselines.
        window_scale: float32 `[windows, 1, channels]`, the spread of the history.
    """

    series: np.ndarray
    time: np.ndarray
    last: np.ndarray
    targets: np.ndarray
    scale: np.ndarray
    mean: np.ndarray
    median: np.ndarray
    quantiles: np.ndarray
    window_scale: np.ndarray


def forecast(forecaster: ForecastEndpoints, windows: Windows, numbers: np.ndarray | None = None) -> Forecasts:
    """Forecasts windows, in their order, with quantiles that are not corrected.

    Args:
        forecaster: The forecaster.
        windows: The windows of a split.
        numbers: int64, the numbers of those to forecast. Default: all.

    Returns:
        The forecasts.

    Example:
        `forecast(forecaster, series_data.windows(config, run, "test")).mean.shape`
    """
    answer = tf.function(forecaster.uncorrected, autograph=False, reduce_retracing=True)
    parts = []
    for piece, read in pieces(windows, numbers):
        answered = answer({name: tf.constant(array) for name, array in read.items()})
        parts.append(
            Forecasts(
                series=windows.locate(piece)[0],
                time=read["time"][:, windows.context :],
                last=_last(read["values"]),
                targets=read["targets"],
                scale=read["scale"],
                mean=answered["mean"].numpy(),
                median=answered["median"].numpy(),
                quantiles=answered["quantiles"].numpy(),
                window_scale=answered["scale"].numpy(),
            )
        )
    return Forecasts(*map(np.concatenate, zip(*parts, strict=True)))


def corrected(forecaster: ForecastEndpoints, found: Forecasts) -> Forecasts:
    """The same forecasts with corrected quantiles."""
    quantiles = forecaster.corrected(tf.constant(found.quantiles), tf.constant(found.window_scale))
    return found._replace(quantiles=quantiles.numpy())


def select(found: Forecasts, chosen: slice) -> Forecasts:
    """The forecasts of some of the windows."""
    return Forecasts(*(array[chosen] for array in found))


def scaled_error(found: Forecasts) -> np.ndarray:
    """Absolute errors in standard deviations of the series' training parts, `[windows, horizon, channels]`."""
    return np.abs(found.targets - found.median) / found.scale


def pieces(windows: Windows, numbers: np.ndarray | None = None) -> Iterator[tuple[np.ndarray, dict[str, np.ndarray]]]:
    """Reads the windows of these numbers, by default all, some at a time, with their numbers."""
    numbers = np.arange(len(windows)) if numbers is None else numbers
    for start in range(0, len(numbers), _ROWS):
        piece = numbers[start : start + _ROWS]
        yield piece, windows.read(piece)


def _last(values: np.ndarray) -> np.ndarray:
    """The last observed value, `[windows, 1, channels]`."""
    newest_first = values[:, ::-1]
    place = np.isfinite(newest_first).argmax(axis=1)[:, np.newaxis]
    return np.take_along_axis(newest_first, place, axis=1)
