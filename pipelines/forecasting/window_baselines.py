"""Baselines of forecasting: naive forecasts of the same windows, and a regression fitted on those of training."""

import numpy as np
import tensorflow as tf

from pipelines.forecasting import series_data
from pipelines.forecasting.forecast_options import ForecastOptions
from pipelines.forecasting.series_inputs import SeriesInputs
from pipelines.forecasting.window_forecasts import last_values, pieces
from pipelines.runs import Run
from tfmodels.metrics import forecast_baselines as naive
from tfmodels.training import Windows

CONSTANTS = ("mean of the history", "repeat last")  # what any method must beat, or it is broken
_MOST_WINDOWS = 20_000  # at most, to fit the regression on


def forecasts(config: ForecastOptions, run: Run, windows: Windows) -> dict[str, np.ndarray]:
    """What the baselines forecast.

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
            "mean of the history": naive.mean_of_history(history, horizon),
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


def changes(config: ForecastOptions, run: Run, windows: Windows, last: np.ndarray) -> dict[str, np.ndarray]:
    """What the baselines say of directions: up where a change is above zero.

    Args:
        config: Options of the run.
        run: A prepared run.
        windows: The windows to forecast.
        last: Their last values, `[windows, 1, channels]`.

    Returns:
        Name -> `[windows, horizon, channels]`.
    """
    found = {name: rise(config, values, last) for name, values in forecasts(config, run, windows).items()}
    del found["repeat last"]  # with `center=last` it says down always
    train = series_data.windows(config, run, "train")
    read = train.read(np.unique(np.linspace(0, len(train) - 1, min(_MOST_WINDOWS, len(train))).astype(int)))
    changed = rise(config, read["targets"], last_values(read["values"]))
    up = np.ones_like(found["ridge"])
    majority = np.sign(np.nanmean(np.where(np.isnan(changed), np.nan, changed > 0)) - 0.5)
    return {"always up": up, "always down": -up, "majority of training": majority * up, **found}


def rise(config: ForecastOptions, values: np.ndarray, last: np.ndarray) -> np.ndarray:
    """How far values lie above what directions start from: the last value, or zero."""
    return values - (last if config.center == "last" else np.zeros_like(last))


def _known_ahead(inputs: SeriesInputs, read: dict[str, np.ndarray]) -> np.ndarray:
    """Known covariates of the horizon as inputs of the model, `[windows, horizon, covariates]`."""
    context = read["values"].shape[1]
    return inputs({name: tf.constant(array) for name, array in read.items()})["known"][:, context:].numpy()


def _ridge_windows(windows: Windows) -> dict[str, np.ndarray]:
    """Windows of training, evenly spread; without those that lack a target, unless that leaves less than half."""
    most = max(1, _MOST_WINDOWS // windows.rows.values.shape[1])
    numbers = np.unique(np.linspace(0, len(windows) - 1, min(most, len(windows))).astype(int))
    read = windows.read(numbers)
    whole = np.isfinite(read["targets"]).all(axis=(1, 2))
    if whole.mean() >= 0.5:  # one regression then serves all steps
        read = {name: array[whole] for name, array in read.items()}
    return read
