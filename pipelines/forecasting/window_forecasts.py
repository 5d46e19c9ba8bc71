"""Forecasts of many windows, with their targets."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from pipelines.forecasting.forecast_endpoints import ForecastEndpoints
from pipelines.runs.predictor import Predictor
from tfmodels.training import Windows

_ROWS = 256  # windows at a time
_ENDPOINT = "serving_default"


class Forecasts(NamedTuple):
    """Forecasts of windows; the first axis of each array is that of the windows.

    Attributes:
        series: int64 `[windows]`, number of the series.
        time: int64 `[windows, horizon]`.
        last: `[windows, 1, channels]`, the last observed value of the history; NaN where there is none.
        targets: `[windows, horizon, channels]`, NaN = missing.
        scale: `[windows, 1, channels]`, standard deviation of the series' training part.
        mean: `[windows, horizon, channels]`, the forecast that squared errors are computed from; of directions the
            probability of up.
        median: The same shape, the forecast that absolute errors are computed from.
        quantiles: `[windows, horizon, channels, levels]`; no levels for baselines and directions.
    """

    series: np.ndarray
    time: np.ndarray
    last: np.ndarray
    targets: np.ndarray
    scale: np.ndarray
    mean: np.ndarray
    median: np.ndarray
    quantiles: np.ndarray


class TrainedQuantiles(NamedTuple):
    """Quantiles of windows before any correction.

    Attributes:
        targets: `[windows, horizon, channels]`, NaN = missing.
        quantiles: `[windows, horizon, channels, levels]`.
        scale: `[windows, 1, channels]`, the spread of the history.
    """

    targets: np.ndarray
    quantiles: np.ndarray
    scale: np.ndarray


def forecast(served: Predictor, windows: Windows, numbers: np.ndarray | None = None) -> Forecasts:
    """What an export answers for windows, in their order.

    Args:
        served: The model: see `predictor.to_score`.
        windows: The windows of a split.
        numbers: int64, the numbers of those to forecast. Default: all.

    Returns:
        The forecasts. Everything of the model is computed from its answers.

    Example:
        `forecast(pipelines.load("saved_models/load"), series_data.windows(config, run, "test")).mean.shape`
    """
    parts = []
    for piece, read in pieces(windows, numbers):
        histories = _histories(read, windows.context)
        inputs = {name: histories[name] for name in served.endpoints[_ENDPOINT].inputs}
        answered = served.call(_ENDPOINT, **inputs)
        mean = answered["up"] if "up" in answered else answered["mean"]
        quantiles = answered.get("quantiles", mean[..., np.newaxis][..., :0])
        parts.append(
            Forecasts(
                series=windows.locate(piece)[0],
                time=read["time"][:, windows.context :],
                last=last_values(read["values"]),
                targets=read["targets"],
                scale=read["scale"],
                mean=mean,
                median=median(quantiles) if quantiles.shape[-1] else mean,
                quantiles=quantiles,
            )
        )
    return Forecasts(*map(np.concatenate, zip(*parts, strict=True)))


def as_trained(forecaster: ForecastEndpoints, windows: Windows) -> TrainedQuantiles:
    """Quantiles of windows, in their order, before any correction.

    Args:
        forecaster: The forecaster.
        windows: The windows of a split.

    Returns:
        The quantiles.

    Example:
        `as_trained(forecaster, series_data.windows(config, run, "validation")).quantiles.shape`
    """
    answer = tf.function(forecaster.as_trained, autograph=False, reduce_retracing=True)
    parts = []
    for _, read in pieces(windows):
        histories = _histories(read, windows.context)
        names = ("values", "time", *forecaster.inputs.used)
        answered = answer(**{name: tf.constant(histories[name]) for name in names})
        parts.append(TrainedQuantiles(read["targets"], answered["quantiles"].numpy(), answered["scale"].numpy()))
    return TrainedQuantiles(*map(np.concatenate, zip(*parts, strict=True)))


def median(quantiles: np.ndarray) -> np.ndarray:
    """The median of forecasts, from their quantiles alone.

    Args:
        quantiles: `[..., levels]`, at levels that are symmetrical about 0.5.

    Returns:
        `[...]`: the quantile at 0.5, or the middle of the two around it.

    Example:
        `median(np.array([1.0, 2.0, 4.0]))` -> `2.0`
    """
    count = quantiles.shape[-1]
    return (quantiles[..., (count - 1) // 2] + quantiles[..., count // 2]) / 2


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


def _histories(read: dict[str, np.ndarray], context: int) -> dict[str, np.ndarray]:
    """Windows as requests: without the times of the horizon, which a client need not send."""
    return {**read, "time": read["time"][:, :context]}


def histories(windows: Windows) -> Iterator[tuple[np.ndarray, dict[str, np.ndarray]]]:
    """As `pieces` of all windows, as requests: without the times of the horizon, which a client need not send."""
    for piece, read in pieces(windows):
        yield piece, _histories(read, windows.context)


def last_values(values: np.ndarray) -> np.ndarray:
    """The last observed value of histories `[windows, time, channels]`: `[windows, 1, channels]`."""
    newest_first = values[:, ::-1]
    place = np.isfinite(newest_first).argmax(axis=1)[:, np.newaxis]
    return np.take_along_axis(newest_first, place, axis=1)
