"""Scores of forecasts."""

import itertools
from collections.abc import Callable, Sequence

import numpy as np

from pipelines.forecasting.forecast_options import ForecastOptions
from pipelines.forecasting.window_forecasts import Forecasts, select
from pipelines.sources.tables.time_splits import bounds_of
from tfmodels.metrics import forecast_scores as metrics
from tfmodels.metrics.bootstrap import FEWEST_BLOCKS, ratio
from tfmodels.training import SeriesRows

ABSOLUTE = ("scaled_mae", "mase")  # the metrics of `primary` that are absolute errors


def seasonal_errors(rows: SeriesRows, season: int, split: str) -> np.ndarray:
    """The unit of MASE and MSIS, `[series, channels]`: the error of the seasonal naive forecast before a split.

    Args:
        rows: The series.
        season: Steps of a season.
        split: `validation` or `test`.

    Returns:
        The unit; NaN if no two values are a season apart.
    """
    place = ("validation", "test").index(split)
    parts = (rows.part(number) for number in range(len(rows)))
    before = (part.values[np.newaxis, : bounds_of(part)[place]] for part in parts)
    return np.concatenate([metrics.seasonal_error(values, season) for values in before])


def scores(
    found: Forecasts, levels: Sequence[float], seasonal_error: np.ndarray, naive: np.ndarray
) -> dict[str, float]:
    """All scores of forecasts, each one number.

    Args:
        found: The forecasts; those without quantiles have no scores of quantiles.
        levels: Levels of the quantiles.
        seasonal_error: See `seasonal_errors`.
        naive: The seasonal naive forecast of the same windows, `[windows, horizon, channels]`, the baseline of OWA.

    Returns:
        Name -> score. `scaled_mae` and `scaled_mse` are in standard deviations of the series' training part, `msse` is
        the squared error in the unit of `mase`; those in percent are from 0 to 100. `series_mape` is the mean over the
        series of the MAPE of each. Absolute errors are those of the median, squared ones those of the mean.

    Example:
        `scores(found, (0.1, 0.5, 0.9), seasonal_errors(rows, 24, "test"), naive)["mase"]`
    """
    targets, mean, median, scale = found.targets, found.mean, found.median, seasonal_error[found.series]
    smape, mase = (float(score) for score in (metrics.smape(targets, median), metrics.mase(targets, median, scale)))
    naive_smape, naive_mase = float(metrics.smape(targets, naive)), float(metrics.mase(targets, naive, scale))
    rise, expected = targets - found.last, mean - found.last
    known = {
        "scaled_mae": scaled_mae(found),
        "scaled_mse": ratio(errors(found, "scaled_mse", seasonal_error).sum(axis=0)),
        "mae": metrics.mae(targets, median),
        "mse": metrics.mse(targets, mean),
        "rmse": metrics.rmse(targets, mean),
        "mape": mape(found),
        "series_mape": np.nanmean([score for *_, score in by_series(found, mape)]),
        "smape": smape,
        "mase": mase,
        "msse": metrics.msse(targets, mean, scale),
        "owa": metrics.owa(smape, mase, naive_smape, naive_mase),
        "direction_accuracy": metrics.direction_accuracy(rise, np.where(np.isnan(rise), 0, expected)),
        "direction_mcc": metrics.direction_mcc(rise, np.where(np.isnan(rise), 0, expected)),
    }
    if found.quantiles.shape[-1] > 1:
        low, high, level = found.quantiles[..., 0], found.quantiles[..., -1], levels[-1] - levels[0]
        known |= {
            "crps": metrics.crps(targets, found.quantiles, levels),
            f"coverage_{100 * level:g}": metrics.coverage(targets, low, high),
            f"msis_{100 * level:g}": metrics.msis(targets, low, high, level, scale),
        }
    return {name: float(value) for name, value in known.items()}


def units(split: str, season: int) -> str:
    """What a report says of the units of its scaled errors.

    Args:
        split: `validation`, `test`, or `other`: all of each series of another table.
        season: Steps of a season.

    Returns:
        A sentence.

    Example:
        `units("test", 24)`
    """
    scale, before = {
        "validation": ("its training part", "its training part"),
        "test": ("its training part", "its training and validation parts"),
    }.get(split, 2 * ("its steps before the first forecast",))
    steps = f"over a season of {season:,} steps" if season > 1 else "from step to step"
    return (
        f"units of each series: scaled_mae and scaled_mse, the standard deviation of {scale}; mase, msse and msis, "
        f"the mean absolute change {steps} in {before}"
    )


def primary(config: ForecastOptions) -> str:
    """The metric that the options train for, by which a model is judged.

    That is an absolute error of the median or, with `--head point --point_loss mse`, a squared error of the mean; in
    standard deviations, or with `--unit season` in seasonal errors. Models of a whole distribution are judged by their
    median, since baselines have only a point.
    """
    squared = config.head == "point" and config.point_loss == "mse"
    if config.unit == "season":
        return "msse" if squared else "mase"
    return "scaled_mse" if squared else "scaled_mae"


def errors(found: Forecasts, metric: str, seasonal_error: np.ndarray) -> np.ndarray:
    """The errors whose mean is a metric of `primary`, by window.

    Args:
        found: The forecasts.
        metric: The metric.
        seasonal_error: See `seasonal_errors`.

    Returns:
        float64 `[windows, 2]`, the sum and the number of the errors of each window, NaN as in `scores` where a
        forecast is missing.
    """
    unit = found.scale
    if metric in ("mase", "msse"):
        unit = seasonal_error[found.series][:, np.newaxis]
        unit = np.where(unit > 0, unit, np.nan)
    if metric in ("scaled_mse", "msse"):
        with np.errstate(over="ignore"):  # infinite, as `metrics.mse`
            each = np.square((found.targets - found.mean) / unit)
    else:
        each = np.abs(found.targets - found.median) / unit
    return sums_and_counts(each, ~np.isnan(found.targets / unit))


def sums_and_counts(each: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """The sum and the number of the counted values of each window, float64 `[windows, 2]`."""
    sums = np.where(counted, each, 0).sum(axis=(1, 2), dtype=np.float64)
    return np.stack([sums, counted.sum(axis=(1, 2))], axis=1)


def blocks(found: Forecasts) -> np.ndarray:
    """Blocks of windows that may depend on each other, for `metrics.paired_difference`.

    A block holds the windows of all series in a stretch of time: neighbouring windows overlap or resemble each other,
    and series move together. Its length grows with the cube root of the number of forecasts that follow each other
    without overlap. Where a split is too short for enough stretches, as with one forecast of each of many series, a
    block is a series.

    Args:
        found: The forecasts.

    Returns:
        int `[windows]`.
    """
    start, steps = found.time[:, 0], found.time.shape[1]
    if steps > 1:
        horizon = np.median(found.time[:, -1] - start) * steps / (steps - 1)
    else:
        horizon = np.median(np.diff(np.unique(start))) if len(np.unique(start)) > 1 else 1
    place = (start - start.min()) / max(float(horizon), 1)
    count = int(place.max()) + 1
    length = max(1, min(int(np.cbrt(count)), count // FEWEST_BLOCKS))
    by_time = (place // length).astype(np.int64)
    stretches, series = len(np.unique(by_time)), len(np.unique(found.series))
    return found.series if stretches < FEWEST_BLOCKS and series > stretches else by_time


def by_series(found: Forecasts, score: Callable[[Forecasts], float]) -> list[tuple[int, int, float]]:
    """A score of each series.

    Args:
        found: The forecasts, series after series.
        score: Such as `mape`.

    Returns:
        For each series its number, the number of its forecasts, and the score.

    Example:
        `by_series(found, mape)`
    """
    edges = [*np.flatnonzero(np.diff(found.series, prepend=-1)), len(found.series)]
    scored = []
    for start, stop in itertools.pairwise(edges):
        one = select(found, slice(start, stop))
        scored.append((int(found.series[start]), int(stop - start), score(one)))
    return scored


def mape(found: Forecasts) -> float:
    """Mean absolute error in percent."""
    return float(metrics.mape(found.targets, found.median))


def scaled_mae(found: Forecasts) -> float:
    """Mean absolute error in standard deviations of the series' training parts."""
    return float(ratio(errors(found, "scaled_mae", found.scale[:, 0]).sum(axis=0)))
