"""What the scores of forecasts are computed from, window by window, for `tfmodels compare`."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from pipelines.forecasting import window_scores
from pipelines.forecasting.window_forecasts import Forecasts
from pipelines.forecasting.window_scores import sums_and_counts
from tfmodels.metrics import RowMetric
from tfmodels.metrics import forecast_scores as metrics

_WINDOW = (1, 2)  # its axes

_Lower = partial(RowMetric, higher_is_better=False)


def of_values(
    found: Forecasts, levels: Sequence[float], seasonal_error: np.ndarray, naive: np.ndarray
) -> dict[str, RowMetric]:
    """What `window_scores.scores` computes its scores from.

    Args:
        found: The forecasts.
        levels: Levels of the quantiles.
        seasonal_error: See `window_scores.seasonal_errors`.
        naive: The seasonal naive forecast of the same windows.

    Returns:
        Metric -> its numbers.

    Example:
        `of_values(found, (0.1, 0.5, 0.9), seasonal_error, naive)["mase"].value`
    """
    targets, median, scale = found.targets, found.median, seasonal_error[found.series]
    observed = ~np.isnan(targets)
    errors = np.abs(targets - median)
    with np.errstate(over="ignore"):
        squares = sums_and_counts(np.square(targets - found.mean), observed)
    nonzero = observed & (targets != 0)
    relative = sums_and_counts(100 * errors / np.where(nonzero, np.abs(targets), 1), nonzero)
    scaled = {
        name: _Lower(window_scores.errors(found, name, seasonal_error))
        for name in ("scaled_mae", "scaled_mse", "mase", "msse")
    }
    smape, naive_smape = (_means(metrics.smape(targets, of, _WINDOW), observed) for of in (median, naive))
    naive_mase = window_scores.errors(found._replace(median=naive), "mase", seasonal_error)
    rise = targets - found.last
    known = scaled | {
        "mae": _Lower(sums_and_counts(errors, observed)),
        "mse": _Lower(squares),
        "rmse": _Lower(squares, "root_mean"),
        "mape": _Lower(relative),
        "series_mape": _Lower(np.column_stack([found.series, relative]), "mean_of_groups"),
        "smape": _Lower(smape),
        "owa": _Lower(np.hstack([smape, scaled["mase"].rows, naive_smape, naive_mase]), "mean_of_relative"),
        **of_changes(rise, np.where(np.isnan(rise), 0, found.mean - found.last)),
    }
    if found.quantiles.shape[-1] < 2:
        return known
    low, high, level = found.quantiles[..., 0], found.quantiles[..., -1], levels[-1] - levels[0]
    usable = observed & (scale > 0)[:, np.newaxis]
    return known | {
        "crps": _Lower(_means(metrics.crps(targets, found.quantiles, levels, _WINDOW), observed)),
        f"coverage_{100 * level:g}": RowMetric(
            _means(metrics.coverage(targets, low, high, _WINDOW), observed), higher_is_better=None
        ),
        f"msis_{100 * level:g}": _Lower(_means(metrics.msis(targets, low, high, level, scale, _WINDOW), usable)),
    }


def of_changes(rise: np.ndarray, predicted: np.ndarray) -> dict[str, RowMetric]:
    """What the scores of directions are computed from.

    Args:
        rise: `[windows, horizon, channels]`, observed changes; NaN is left out.
        predicted: Forecast changes.

    Returns:
        `direction_accuracy` and `direction_mcc`.

    Example:
        `of_changes(rise, found.mean - 0.5)["direction_accuracy"].value`
    """
    known = ~np.isnan(rise)
    up, said = (np.where(np.isnan(one), np.nan, one > 0) for one in (rise, predicted))
    right = sums_and_counts(100.0 * np.where(np.isnan(said), np.nan, up == said), known)
    counts = [sums_and_counts(one, known)[:, 0] for one in (up, said, up * said)]
    return {
        "direction_accuracy": RowMetric(right),
        "direction_mcc": RowMetric(np.stack([*counts, known.sum(axis=_WINDOW)], axis=1), "mcc"),
    }


def of_directions(rise: np.ndarray, up: np.ndarray, losses: np.ndarray) -> dict[str, RowMetric]:
    """What the scores of a forecaster of directions are computed from.

    Args:
        rise: See `of_changes`.
        up: Forecast probabilities of up.
        losses: `[windows, horizon, channels]`, minus the logarithm of the probability of what came.

    Returns:
        Metric -> its numbers.

    Example:
        `of_directions(rise, found.mean, losses)["log_loss"].value`
    """
    predicted = np.where(np.isnan(rise), 0, up - 0.5)
    return of_changes(rise, predicted) | {"log_loss": _Lower(sums_and_counts(losses, ~np.isnan(rise)))}


def _means(of_windows: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """Sum and number of the values of each window, from their mean."""
    counts = counted.sum(axis=_WINDOW)
    return np.stack([np.where(counts > 0, of_windows, 0) * counts, counts], axis=1)
