"""Naive baselines of forecasting, in NumPy.

A history is `[rows, context, channels]`, NaN = missing; a forecast is `[rows, horizon, channels]`. A channel without
any observed value is forecast as 0.
"""

import numpy as np


def repeat_last(history: np.ndarray, horizon: int) -> np.ndarray:
    """Repeats the last observed value for `horizon` steps.

    Example:
        `repeat_last(np.array([[[1.0], [3.0]]]), horizon=2)` -> `[[[3.0], [3.0]]]`
    """
    return np.repeat(_last(history)[:, np.newaxis], horizon, axis=1)


def mean_of_history(history: np.ndarray, horizon: int) -> np.ndarray:
    """Repeats the mean of the observed values for `horizon` steps.

    Example:
        `mean_of_history(np.array([[[1.0], [3.0]]]), horizon=2)` -> `[[[2.0], [2.0]]]`
    """
    observed = ~np.isnan(history)
    total = np.where(observed, history, 0).sum(axis=1, keepdims=True, dtype=np.float64)
    mean = total / np.maximum(observed.sum(axis=1, keepdims=True), 1)
    return np.repeat(mean.astype(history.dtype), horizon, axis=1)


def seasonal_naive(history: np.ndarray, horizon: int, period: int) -> np.ndarray:
    """Repeats the last season for `horizon` steps.

    A step of the season without any observation is forecast as the last observed value.

    Args:
        history: See above.
        horizon: Number of steps to forecast.
        period: Number of steps in a season.

    Returns:
        The forecast.

    Example:
        `seasonal_naive(history, horizon=24, period=7)`
    """
    rows, context, channels = history.shape
    missing = -context % period
    whole = np.concatenate([np.full([rows, missing, channels], np.nan, history.dtype), history], axis=1)
    seasons = whole.reshape(rows, -1, period, channels)
    latest = np.full([rows, period, channels], np.nan, history.dtype)
    for season in np.moveaxis(seasons, 1, 0):
        latest = np.where(np.isnan(season), latest, season)
    latest = np.where(np.isnan(latest), _last(history)[:, np.newaxis], latest)
    return latest[:, np.arange(horizon) % period]


def drift(history: np.ndarray, horizon: int) -> np.ndarray:
    """Extrapolates the straight line through the first and the last observed value for `horizon` steps.

    Example:
        `drift(np.array([[[1.0], [3.0]]]), horizon=2)` -> `[[[5.0], [7.0]]]`
    """
    observed = ~np.isnan(history)
    first = np.argmax(observed, axis=1)
    last = history.shape[1] - 1 - np.argmax(observed[:, ::-1], axis=1)
    start, end = (
        np.nan_to_num(np.take_along_axis(history, place[:, np.newaxis], axis=1)[:, 0]) for place in (first, last)
    )
    slope = (end - start) / np.maximum(last - first, 1)
    ahead = history.shape[1] - last[:, np.newaxis] + np.arange(horizon)[:, np.newaxis]
    return end[:, np.newaxis] + ahead * np.where(last > first, slope, 0)[:, np.newaxis]


def _last(history: np.ndarray) -> np.ndarray:
    """The last observed values, `[rows, channels]`."""
    place = history.shape[1] - 1 - np.argmax(~np.isnan(history)[:, ::-1], axis=1)
    return np.nan_to_num(np.take_along_axis(history, place[:, np.newaxis], axis=1)[:, 0])
