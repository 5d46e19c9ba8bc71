"""Baselines of forecasting, in NumPy.

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


def ridge(
    history: np.ndarray,
    horizon: int,
    train_history: np.ndarray,
    train_targets: np.ndarray,
    alpha: float = 1.0,
    known: np.ndarray | None = None,
    train_known: np.ndarray | None = None,
) -> np.ndarray:
    """Forecasts by ridge regression on normalised windows, with the same weights for all channels.

    Each window and channel is centred and scaled by its observed values. A missing value becomes 0, their mean; time
    steps that have missing values in training get an indicator column. The known covariates of the whole horizon are
    further columns. Training windows with less than half of their values are left out where the others suffice: their
    scale is unreliable and they would dominate the least squares.

    Args:
        history: See above.
        horizon: Number of steps to forecast.
        train_history: `[train_rows, context, channels]`, training windows.
        train_targets: `[train_rows, horizon, channels]`, the values after them, NaN = missing.
        alpha: Regularization strength.
        known: `[rows, horizon, covariates]`, scaled to about unit variance, NaN = missing. None if there are none.
        train_known: The same for the training windows.

    Returns:
        The forecast.

    Raises:
        ValueError: A step of the horizon has no training target.

    Example:
        `ridge(test_history, 24, train_history, train_targets)`
    """
    from sklearn.linear_model import Ridge

    columns = np.any(np.isnan(train_history), axis=(0, 2))
    inputs, center, scale = _normalised(train_history, columns, train_known)
    targets = (_by_channel(train_targets) - center) / scale
    observed = ~np.isnan(targets)
    full = np.mean(~np.isnan(_by_channel(train_history)), axis=1) >= 0.5
    if observed[full].any(axis=0).all():
        inputs, targets, observed = inputs[full], targets[full], observed[full]
    if not observed.any(axis=0).all():
        raise ValueError(
            "Expected at least one training target for each step of the horizon. "
            f"Received: none for step {int(np.argmin(observed.any(axis=0)))}"
        )
    rows, center, scale = _normalised(history, columns, known)
    if observed.all():
        forecasts = Ridge(alpha).fit(inputs, targets).predict(rows)
    else:
        steps = zip(observed.T, targets.T, strict=True)
        by_step = [Ridge(alpha).fit(inputs[there], target[there]).predict(rows) for there, target in steps]
        forecasts = np.stack(by_step, axis=1)
    forecasts = center + scale * forecasts.reshape(len(rows), horizon)
    return forecasts.reshape(len(history), -1, horizon).transpose(0, 2, 1)


def _last(history: np.ndarray) -> np.ndarray:
    """The last observed values, `[rows, channels]`."""
    place = history.shape[1] - 1 - np.argmax(~np.isnan(history)[:, ::-1], axis=1)
    return np.nan_to_num(np.take_along_axis(history, place[:, np.newaxis], axis=1)[:, 0])


def _by_channel(x: np.ndarray) -> np.ndarray:
    """`[rows, time, channels]` as `[rows * channels, time]`."""
    return x.transpose(0, 2, 1).reshape(-1, x.shape[1])


def _normalised(
    history: np.ndarray, columns: np.ndarray, known: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Windows, the indicators of `columns`, `known`; and the centre and scale of each, `[rows * channels, 1]`."""
    windows = _by_channel(history)
    observed = ~np.isnan(windows)
    count = np.maximum(observed.sum(axis=1, keepdims=True), 1)
    center = np.nansum(windows, axis=1, keepdims=True) / count
    deviations = np.where(observed, windows - center, 0)
    scale = np.sqrt(np.square(deviations).sum(axis=1, keepdims=True) / count)
    scale = np.where(scale == 0, 1, scale)
    parts = [deviations / scale, ~observed[:, columns]]
    if known is not None:
        parts.append(np.repeat(np.nan_to_num(known).reshape(len(known), -1), history.shape[2], axis=0))
    return np.concatenate(parts, axis=1), center, scale
