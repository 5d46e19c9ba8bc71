"""Baselines of forecasting: naive forecasts of the same windows, and regressions fitted on those of training."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from pipelines.forecasting import series_batches, series_data, window_scores
from pipelines.forecasting.forecast_options import ForecastOptions
from pipelines.forecasting.series_inputs import SeriesInputs
from pipelines.forecasting.window_forecasts import last_values, pieces
from pipelines.runs import Run
from tfmodels import metrics
from tfmodels.training import Windows

CONSTANTS = ("mean of the history", "repeat last")  # what any method must beat, or it is broken
_MOST_WINDOWS = 20_000  # at most, to fit the regressions on
_PIECE = 500  # windows whose known covariates are computed at once


class _Data(NamedTuple):
    """Windows to forecast, and windows of training to fit regressions on.

    Attributes:
        history: `[windows, context, channels]`.
        train: Windows of training, as `training.Windows.read` gives them, with the unit of their errors as `scale`.
        known: Known covariates of the horizon; None if there are none.
        train_known: The same of the windows of training.
    """

    history: np.ndarray
    train: dict[str, np.ndarray]
    known: np.ndarray | None = None
    train_known: np.ndarray | None = None


def forecasts(config: ForecastOptions, run: Run, windows: Windows) -> dict[str, np.ndarray]:
    """What the baselines forecast.

    Args:
        config: Options of the run.
        run: A prepared run.
        windows: The windows to forecast.

    Returns:
        Name -> `[windows, horizon, channels]`. There is a regression for squared errors and, if the options train for
        absolute ones, one for those; both in the unit of `config.unit`.
    """
    data, horizon = _data(config, run, windows), config.horizon
    arguments = (data.history, horizon, data.train["values"], data.train["targets"])
    unit = data.train["scale"]
    found = _naive(config, run, data.history) | {
        "ridge": metrics.ridge(*arguments, unit=unit, known=data.known, train_known=data.train_known)
    }
    if window_scores.primary(config) in window_scores.ABSOLUTE:
        found["least absolute errors"] = metrics.least_absolute_errors(
            *arguments, unit=unit, known=data.known, train_known=data.train_known
        )
    return found


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
    data = _data(config, run, windows)
    rises = rise(config, data.train["targets"], last_values(data.train["values"]))
    ridge = metrics.ridge_of_directions(
        data.history, config.horizon, data.train["values"], rises, known=data.known, train_known=data.train_known
    )
    up = np.ones_like(ridge)
    share_up = np.mean(rises[np.isfinite(rises)] > 0)
    found = {name: rise(config, values, last) for name, values in _naive(config, run, data.history).items()}
    if config.center == "last":
        del found["repeat last"]  # which says down always
    return {
        "always up": up,
        "always down": -up,
        "majority of training": up if share_up > 0.5 else -up,
        **found,
        "ridge": ridge,
    }


def rise(config: ForecastOptions, values: np.ndarray, last: np.ndarray) -> np.ndarray:
    """How far values lie above what directions start from: the last value, or zero."""
    return values - (last if config.center == "last" else np.zeros_like(last))


def _naive(config: ForecastOptions, run: Run, history: np.ndarray) -> dict[str, np.ndarray]:
    season, horizon = series_data.season(config, run), config.horizon
    return {
        "mean of the history": metrics.mean_of_history(history, horizon),
        "repeat last": metrics.repeat_last(history, horizon),
        "seasonal naive": metrics.seasonal_naive(history, horizon, season),
        "drift": metrics.drift(history, horizon),
    }


def _data(config: ForecastOptions, run: Run, windows: Windows) -> _Data:
    unit = series_batches.training_scale(config, run)
    train = _train_windows(series_data.windows(config, run, "train", unit))
    inputs = series_data.inputs(run)
    read = [part for _, part in pieces(windows)]
    history = np.concatenate([part["values"] for part in read])
    if not inputs.known_size:
        return _Data(history, train)
    known = np.concatenate([_known_ahead(inputs, part) for part in read])
    return _Data(history, train, known, _known_ahead(inputs, train))


def _known_ahead(inputs: SeriesInputs, read: dict[str, np.ndarray]) -> np.ndarray:
    """Known covariates of the horizon as inputs of the model, `[windows, horizon, covariates]`."""
    count, context = read["values"].shape[:2]
    found = []
    for start in range(0, count, _PIECE):  # a harmonic has two columns of all steps
        piece = {name: tf.constant(array[start : start + _PIECE]) for name, array in read.items()}
        found.append(inputs(piece)["known"][:, context:].numpy())
    return np.concatenate(found)


def _train_windows(windows: Windows) -> dict[str, np.ndarray]:
    """Windows of training, evenly spread; without those that lack a target, unless that leaves less than half."""
    most = max(1, _MOST_WINDOWS // windows.rows.values.shape[1])
    numbers = np.unique(np.linspace(0, len(windows) - 1, min(most, len(windows))).astype(int))
    read = windows.read(numbers)
    whole = np.isfinite(read["targets"]).all(axis=(1, 2))
    if whole.mean() >= 0.5:  # one regression then serves all steps
        read = {name: array[whole] for name, array in read.items()}
    return read
