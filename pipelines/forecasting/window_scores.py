"""Scores of forecasts, and the baselines that they are compared with."""

import itertools
from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from pipelines.forecasting import series_data
from pipelines.forecasting.forecast_options import ForecastOptions
from pipelines.forecasting.series_inputs import SeriesInputs
from pipelines.forecasting.window_forecasts import Forecasts, pieces, select
from pipelines.runs import Run
from pipelines.sources.tables.time_splits import bounds_of
from tfmodels.metrics import forecast_baselines as naive
from tfmodels.metrics import forecast_scores as metrics
from tfmodels.training import SeriesRows, Windows

_RIDGE_WINDOWS = 20_000  # at most, to fit the regression on


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
        Name -> score. `scaled_mae` and `scaled_mse` are in standard deviations of the series' training part; those in
        percent from 0 to 100. `series_mape` is the mean over the series of the MAPE of each. Absolute errors are those
        of the median, squared ones those of the mean.

    Example:
        `scores(found, (0.1, 0.5, 0.9), seasonal_errors(rows, 24, "test"), naive)["mase"]`
    """
    targets, mean, median, scale = found.targets, found.mean, found.median, seasonal_error[found.series]
    smape, mase = (float(score) for score in (metrics.smape(targets, median), metrics.mase(targets, median, scale)))
    naive_smape, naive_mase = float(metrics.smape(targets, naive)), float(metrics.mase(targets, naive, scale))
    rise, expected = targets - found.last, mean - found.last
    known = {
        "scaled_mae": scaled_mae(found),
        "scaled_mse": metrics.mse(targets / found.scale, mean / found.scale),
        "mae": metrics.mae(targets, median),
        "mse": metrics.mse(targets, mean),
        "rmse": metrics.rmse(targets, mean),
        "mape": mape(found),
        "series_mape": np.nanmean([score for *_, score in by_series(found, mape)]),
        "smape": smape,
        "mase": mase,
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
    return float(metrics.mae(found.targets / found.scale, found.median / found.scale))


def baselines(config: ForecastOptions, run: Run, windows: Windows) -> dict[str, np.ndarray]:
    """Baselines: naive forecasts of the same windows, and ridge regression fitted on the windows of training.

    Args:
        config: Options of the run.
        run: A prepared run.
        windows: The windows to forecast.

    Returns:
        Name -> `[windows, horizon, channels]`.
    """
    season, horizon = series_data.season(config, run), config.horizon
    train = _ridge_windows(series_data.windows(config, run, "train"))
    inputs = series_data.inputs(run)
    parts: dict[str, list[np.ndarray]] = {}
    for _, read in pieces(windows):
        history = read["values"]
        found = {
            "repeat last": naive.repeat_last(history, horizon),
            "seasonal naive": naive.seasonal_naive(history, horizon, season),
            "drift": naive.drift(history, horizon),
        }
        for name, forecast in found.items():
            parts.setdefault(name, []).append(forecast)
    whole = {name: np.concatenate(forecasts) for name, forecasts in parts.items()}
    history = np.concatenate([read["values"] for _, read in pieces(windows)])
    known = train_known = None
    if inputs.known_size:
        known = np.concatenate([_known_ahead(inputs, read) for _, read in pieces(windows)])
        train_known = _known_ahead(inputs, train)
    ridge = naive.ridge(history, horizon, train["values"], train["targets"], known=known, train_known=train_known)
    return whole | {"ridge": ridge}


def _known_ahead(inputs: SeriesInputs, read: dict[str, np.ndarray]) -> np.ndarray:
    """Known covariates of the horizon as inputs of the model, `[windows, horizon, covariates]`."""
    context = read["values"].shape[1]
    return inputs({name: tf.constant(array) for name, array in read.items()})["known"][:, context:].numpy()


def _ridge_windows(windows: Windows) -> dict[str, np.ndarray]:
    """Windows of training, evenly spread; without those that lack a target, unless that leaves less than half."""
    most = max(1, _RIDGE_WINDOWS // windows.rows.values.shape[1])
    numbers = np.unique(np.linspace(0, len(windows) - 1, min(most, len(windows))).astype(int))
    read = windows.read(numbers)
    whole = np.isfinite(read["targets"]).all(axis=(1, 2))
    if whole.mean() >= 0.5:  # one regression then serves all steps
        read = {name: array[whole] for name, array in read.items()}
    return read
