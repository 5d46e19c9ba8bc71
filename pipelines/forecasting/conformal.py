"""Conformal correction of a run's quantiles, so that prediction intervals keep their coverage on new data."""

from typing import TYPE_CHECKING

import numpy as np

from pipelines.forecasting import series_data, window_forecasts
from pipelines.forecasting.forecast_endpoints import ForecastEndpoints
from pipelines.forecasting.forecast_options import ForecastOptions
from pipelines.runs import Run, fitting
from pipelines.runs.rows import quantile_levels
from tfmodels import layers, training

if TYPE_CHECKING:
    from tfmodels.layers import ConformalCorrection
    from tfmodels.models import Forecaster

_FILE = "conformal.npy"
_TARGETS_IN_TAIL = 20  # expected beyond the outermost level at each step, for each step to be corrected separately


def learn(config: ForecastOptions, run: Run, forecaster: ForecastEndpoints) -> None:
    """Learns the correction from forecasts of the validation split and writes it into the run.

    Args:
        config: Options of the run.
        run: The run.
        forecaster: Its trained forecaster, which gets the correction; one of directions has no intervals.
    """
    if forecaster.predicts_direction:
        return
    correction = fitted(config, run, forecaster)
    fitting.write_calibration(run, _FILE, correction.offsets.numpy())
    forecaster.correction = correction


def fitted(config: ForecastOptions, run: Run, forecaster: ForecastEndpoints) -> "ConformalCorrection":
    """The correction of forecasts of the validation split.

    Args:
        config: Options of the run.
        run: The run whose windows these are.
        forecaster: What forecasts them.

    Returns:
        The correction.
    """
    found = window_forecasts.as_trained(forecaster, series_data.windows(config, run, "validation"))
    correction = layers.ConformalCorrection(forecaster.levels, forecaster.horizon)
    observed = np.isfinite(found.targets).sum(axis=(0, 2)).min()
    per_step = observed * (1 - forecaster.levels[-1]) >= _TARGETS_IN_TAIL
    correction.fit(found.targets, found.quantiles, found.scale, per_step)
    return correction


def is_learnt(run: Run) -> bool:
    """Whether a run has its correction."""
    return (run.path / _FILE).is_file()


def corrected(config: ForecastOptions, run: Run, network: "Forecaster", known: bool) -> ForecastEndpoints:
    """The forecaster of a run.

    Args:
        config: Options of the run.
        run: The run.
        network: Its network, which gets the best weights.
        known: Whether the correction is already learnt.

    Returns:
        The forecaster, with the correction if it is known.
    """
    network.build()
    training.restore_best(run.checkpoints, network)
    levels = quantile_levels.parse(config.levels)
    return ForecastEndpoints(network, series_data.inputs(run), levels, read(config, run) if known else None)


def read(config: ForecastOptions, run: Run) -> "ConformalCorrection | None":
    """The correction of a run; None of directions, which have no intervals, and if there is none yet, which is said."""
    if config.head == "direction":
        return None
    correction = layers.ConformalCorrection(quantile_levels.parse(config.levels), config.horizon)
    correction.build()
    found = fitting.calibration(run, _FILE, tuple(correction.offsets.shape), "prediction intervals are not corrected")
    if found is None:
        return None
    correction.offsets.assign(found)
    return correction
