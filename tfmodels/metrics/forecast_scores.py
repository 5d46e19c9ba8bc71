"""Scores of forecasts, in NumPy.

Arrays are `[rows, horizon, channels]`. Elements whose target is NaN do not count; a forecast that is NaN where there is
a target makes the score NaN. Each score is a mean over `axis`: None for one number, `(0, 2)` for one per step of the
horizon, 1 for one per row and channel.
"""

from collections.abc import Sequence

import numpy as np

Axis = int | tuple[int, ...] | None


def mae(targets: np.ndarray, forecasts: np.ndarray, axis: Axis = None) -> np.ndarray:
    """Mean absolute error."""
    return _mean(np.abs(targets - forecasts), ~np.isnan(targets), axis)


def mse(targets: np.ndarray, forecasts: np.ndarray, axis: Axis = None) -> np.ndarray:
    """Mean squared error."""
    return _mean(np.square(targets - forecasts), ~np.isnan(targets), axis)


def rmse(targets: np.ndarray, forecasts: np.ndarray, axis: Axis = None) -> np.ndarray:
    """Root of the mean squared error."""
    return np.sqrt(mse(targets, forecasts, axis))


def mape(targets: np.ndarray, forecasts: np.ndarray, axis: Axis = None) -> np.ndarray:
    """Mean absolute error in percent of the target; targets of zero, for which there is none, do not count."""
    counts = ~np.isnan(targets) & (targets != 0)
    return 100 * _mean(np.abs(targets - forecasts) / np.where(counts, np.abs(targets), 1), counts, axis)


def smape(targets: np.ndarray, forecasts: np.ndarray, axis: Axis = None) -> np.ndarray:
    """Mean absolute error in percent of the mean of both sizes, from 0 to 200 (M4; Makridakis et al., 2020)."""
    size = np.abs(targets) + np.abs(forecasts)
    errors = np.abs(targets - forecasts) / np.where(size == 0, 1, size)
    return 200 * _mean(errors, ~np.isnan(targets), axis)


def seasonal_error(history: np.ndarray, period: int) -> np.ndarray:
    """Mean absolute difference between the values of a history one period apart: the unit of `mase` and `msis`.

    Args:
        history: `[rows, time, channels]`, NaN = missing: what came before the forecast.
        period: Steps of a season, 1 for series without one.

    Returns:
        `[rows, channels]`; NaN where no two values are one period apart.
    """
    differences = np.abs(history[:, period:] - history[:, :-period])
    return _mean(differences, ~np.isnan(differences), 1)


def mase(targets: np.ndarray, forecasts: np.ndarray, scale: np.ndarray, axis: Axis = None) -> np.ndarray:
    """Mean absolute scaled error (Hyndman and Koehler, 2006): 1 is as good as repeating the season, inside the history.

    Args:
        targets: `[rows, horizon, channels]`.
        forecasts: The same shape.
        scale: `[rows, channels]`, from `seasonal_error`; rows where it is zero or NaN do not count.
        axis: See above.

    Returns:
        The score.
    """
    counts, scale = _scaled(targets, scale)
    return _mean(np.abs(targets - forecasts) / scale, counts, axis)


def owa(smape: float, mase: float, naive_smape: float, naive_mase: float) -> float:
    """Overall weighted average of M4: the mean of both scores relative to those of its naive forecast."""
    return (smape / naive_smape + mase / naive_mase) / 2


def pinball(targets: np.ndarray, quantiles: np.ndarray, levels: Sequence[float], axis: Axis = None) -> np.ndarray:
    """Pinball loss, mean over the levels as well (Koenker and Bassett, 1978).

    Args:
        targets: `[rows, horizon, channels]`.
        quantiles: `[rows, horizon, channels, levels]`.
        levels: The levels of the quantiles.
        axis: See above.

    Returns:
        The score.
    """
    errors = targets[..., np.newaxis] - quantiles
    losses = np.maximum(np.multiply(levels, errors), np.multiply(np.subtract(levels, 1), errors))
    return _mean(losses.mean(axis=-1), ~np.isnan(targets), axis)


def crps(targets: np.ndarray, quantiles: np.ndarray, levels: Sequence[float], axis: Axis = None) -> np.ndarray:
    """Continuous ranked probability score by its quantiles, twice their pinball loss (Gneiting and Raftery, 2007).

    Exact in the limit of many levels that are evenly spread over (0, 1).
    """
    return 2 * pinball(targets, quantiles, levels, axis)


def coverage(targets: np.ndarray, lower: np.ndarray, upper: np.ndarray, axis: Axis = None) -> np.ndarray:
    """Share of the targets from `lower` to `upper`, in percent."""
    observed = ~np.isnan(targets)
    inside = np.where(np.isnan(lower + upper), np.nan, (lower <= targets) & (targets <= upper))
    return 100 * _mean(inside, observed, axis)


def msis(
    targets: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    level: float,
    scale: np.ndarray,
    axis: Axis = None,
) -> np.ndarray:
    """Mean scaled interval score of M4: width, and what a target lies outside, `2 / (1 - level)` times.

    Args:
        targets: `[rows, horizon, channels]`.
        lower: Lower ends of the intervals.
        upper: Upper ends.
        level: Share of the targets that are meant to lie inside, such as 0.95.
        scale: See `mase`.
        axis: See above.

    Returns:
        The score.
    """
    counts, scale = _scaled(targets, scale)
    outside = np.maximum(lower - targets, 0) + np.maximum(targets - upper, 0)
    return _mean((upper - lower + 2 / (1 - level) * outside) / scale, counts, axis)


def direction_accuracy(rose: np.ndarray, forecast_rise: np.ndarray, axis: Axis = None) -> np.ndarray:
    """How often the direction of a forecast is right, in percent.

    Args:
        rose: Changes that came; above zero is up, NaN does not count.
        forecast_rise: Forecast changes, in any unit: a probability less one half will do.
        axis: See above.

    Returns:
        The score.
    """
    right = np.where(np.isnan(forecast_rise), np.nan, (rose > 0) == (forecast_rise > 0))
    return 100 * _mean(right, ~np.isnan(rose), axis)


def direction_mcc(rose: np.ndarray, forecast_rise: np.ndarray, axis: Axis = None) -> np.ndarray:
    """Matthews' correlation of directions, from -1 to 1; 0 where one of both always has the same.

    Args:
        rose: See `direction_accuracy`.
        forecast_rise: See `direction_accuracy`.
        axis: See above.

    Returns:
        The score.
    """
    observed = ~np.isnan(rose)
    up, told = (np.where(np.isnan(x), np.nan, x > 0) for x in (rose, forecast_rise))
    mean_up, mean_told, mean_both = (_mean(x, observed, axis) for x in (up, told, up * told))
    spread = np.sqrt(mean_up * (1 - mean_up) * mean_told * (1 - mean_told))
    return np.where(spread == 0, 0.0, (mean_both - mean_up * mean_told) / np.where(spread == 0, 1, spread))


def _scaled(targets: np.ndarray, scale: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which elements count, and the scale with the horizon's axis."""
    usable = (scale > 0)[:, np.newaxis]
    return ~np.isnan(targets) & usable, np.where(usable, scale[:, np.newaxis], 1)


def _mean(values: np.ndarray, counts: np.ndarray, axis: Axis) -> np.ndarray:
    """Mean of the elements that count, in float64; NaN without any."""
    total = np.sum(np.where(counts, values, 0), axis=axis, dtype=np.float64)
    number = np.sum(counts, axis=axis, dtype=np.float64)
    return total / np.where(number == 0, np.nan, number)
