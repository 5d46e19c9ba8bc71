"""Scores of forecasts, in NumPy.

Arrays are `[rows, horizon, channels]`. Elements without a target (NaN) are left out; a forecast that is NaN where there
is a target makes the score NaN. Each score is a mean over `axis`: None for a single number, `(0, 2)` for one per
step of the horizon, 1 for one per row and channel.
"""

from collections.abc import Sequence

import numpy as np

Axis = int | tuple[int, ...] | None


def mae(targets: np.ndarray, forecasts: np.ndarray, axis: Axis = None) -> np.ndarray:
    """Mean absolute error."""
    return _mean(np.abs(targets - forecasts), ~np.isnan(targets), axis)


def mse(targets: np.ndarray, forecasts: np.ndarray, axis: Axis = None) -> np.ndarray:
    """Mean squared error; infinite for errors whose square no float64 holds."""
    with np.errstate(over="ignore"):
        return _mean(np.square(targets - forecasts), ~np.isnan(targets), axis)


def rmse(targets: np.ndarray, forecasts: np.ndarray, axis: Axis = None) -> np.ndarray:
    """Root mean squared error."""
    errors = targets - forecasts
    largest = np.max(np.abs(errors), where=np.isfinite(errors), initial=0) or 1  # whose square may be infinite, or zero
    return largest * np.sqrt(_mean(np.square(errors / largest), ~np.isnan(targets), axis))


def mape(targets: np.ndarray, forecasts: np.ndarray, axis: Axis = None) -> np.ndarray:
    """Mean absolute percentage error; targets of zero, where it is undefined, are left out."""
    counts = ~np.isnan(targets) & (targets != 0)
    return 100 * _mean(np.abs(targets - forecasts) / np.where(counts, np.abs(targets), 1), counts, axis)


def smape(targets: np.ndarray, forecasts: np.ndarray, axis: Axis = None) -> np.ndarray:
    """Symmetric mean absolute percentage error, from 0 to 200, as in M4 (Makridakis et al., 2020)."""
    size = np.abs(targets) + np.abs(forecasts)
    errors = np.abs(targets - forecasts) / np.where(size == 0, 1, size)
    return 200 * _mean(errors, ~np.isnan(targets), axis)


def seasonal_error(history: np.ndarray, period: int) -> np.ndarray:
    """Mean absolute difference between values one period apart: the scale of `mase` and `msis`.

    Args:
        history: `[rows, time, channels]`, the values before the forecast, NaN = missing.
        period: Number of steps in a season; 1 for series without seasonality.

    Returns:
        `[rows, channels]`; NaN where no two values are one period apart.
    """
    differences = np.abs(history[:, period:] - history[:, :-period])
    return _mean(differences, ~np.isnan(differences), 1)


def mase(targets: np.ndarray, forecasts: np.ndarray, scale: np.ndarray, axis: Axis = None) -> np.ndarray:
    """Mean absolute scaled error (Hyndman and Koehler, 2006): 1 is the error of the seasonal naive within the history.

    Args:
        targets: `[rows, horizon, channels]`.
        forecasts: The same shape.
        scale: `[rows, channels]`, from `seasonal_error`; rows where it is zero or NaN are left out.
        axis: See above.

    Returns:
        The score.
    """
    counts, scale = _scaled(targets, scale)
    return _mean(np.abs(targets - forecasts) / scale, counts, axis)


def msse(targets: np.ndarray, forecasts: np.ndarray, scale: np.ndarray, axis: Axis = None) -> np.ndarray:
    """Mean squared scaled error, the square of RMSSE (Makridakis et al., 2022) in the unit of `mase`."""
    counts, scale = _scaled(targets, scale)
    return _mean(np.square((targets - forecasts) / scale), counts, axis)


def owa(smape: float, mase: float, naive_smape: float, naive_mase: float) -> float:
    """Overall weighted average of M4: the mean of both scores relative to those of the naive forecast.

    NaN where the naive forecast is exact, since nothing can be relative to that.
    """
    return (smape / naive_smape + mase / naive_mase) / 2 if naive_smape and naive_mase else float("nan")


def pinball(targets: np.ndarray, quantiles: np.ndarray, levels: Sequence[float], axis: Axis = None) -> np.ndarray:
    """Pinball loss, averaged over the levels (Koenker and Bassett, 1978).

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
    """Continuous ranked probability score from quantiles: twice their pinball loss (Gneiting and Raftery, 2007).

    Exact in the limit of many levels that are evenly spaced over (0, 1).
    """
    return 2 * pinball(targets, quantiles, levels, axis)


def coverage(targets: np.ndarray, lower: np.ndarray, upper: np.ndarray, axis: Axis = None) -> np.ndarray:
    """Percentage of the targets within `[lower, upper]`."""
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
    """Mean scaled interval score of M4: the width, plus `2 / (1 - level)` times the distance of a target outside.

    Args:
        targets: `[rows, horizon, channels]`.
        lower: Lower bounds of the prediction intervals.
        upper: Upper bounds.
        level: Nominal coverage, such as 0.95.
        scale: See `mase`.
        axis: See above.

    Returns:
        The score.
    """
    counts, scale = _scaled(targets, scale)
    outside = np.maximum(lower - targets, 0) + np.maximum(targets - upper, 0)
    return _mean((upper - lower + 2 / (1 - level) * outside) / scale, counts, axis)


def direction_accuracy(rose: np.ndarray, forecast_rise: np.ndarray, axis: Axis = None) -> np.ndarray:
    """Percentage of forecasts with the correct direction.

    Args:
        rose: Observed changes; above zero is up, NaN is left out.
        forecast_rise: Forecast changes in any unit, such as the probability of a rise minus one half.
        axis: See above.

    Returns:
        The score.
    """
    right = np.where(np.isnan(forecast_rise), np.nan, (rose > 0) == (forecast_rise > 0))
    return 100 * _mean(right, ~np.isnan(rose), axis)


def direction_mcc(rose: np.ndarray, forecast_rise: np.ndarray, axis: Axis = None) -> np.ndarray:
    """Matthews correlation coefficient of directions, from -1 to 1; 0 where either side has only one direction.

    Args:
        rose: See `direction_accuracy`.
        forecast_rise: See `direction_accuracy`.
        axis: See above.

    Returns:
        The score.
    """
    observed = ~np.isnan(rose)
    up, predicted = (np.where(np.isnan(x), np.nan, x > 0) for x in (rose, forecast_rise))
    mean_up, mean_predicted, mean_both = (_mean(x, observed, axis) for x in (up, predicted, up * predicted))
    spread = np.sqrt(mean_up * (1 - mean_up) * mean_predicted * (1 - mean_predicted))
    return np.where(spread == 0, 0.0, (mean_both - mean_up * mean_predicted) / np.where(spread == 0, 1, spread))


def _scaled(targets: np.ndarray, scale: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which elements to include, and the scale with an axis for the horizon."""
    usable = (scale > 0)[:, np.newaxis]
    return ~np.isnan(targets) & usable, np.where(usable, scale[:, np.newaxis], 1)


def _mean(values: np.ndarray, counts: np.ndarray, axis: Axis) -> np.ndarray:
    """Mean of the elements that are included, in float64; NaN without any."""
    total = np.sum(np.where(counts, values, 0), axis=axis, dtype=np.float64)
    number = np.sum(counts, axis=axis, dtype=np.float64)
    return total / np.where(number == 0, np.nan, number)
