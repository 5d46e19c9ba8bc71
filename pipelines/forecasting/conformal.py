"""Conformal correction of a run's quantiles, so that prediction intervals keep their coverage on new data."""

from typing import TYPE_CHECKING

import numpy as np

from pipelines.forecasting import series_data, window_forecasts
from pipelines.forecasting.forecast_endpoints import ForecastEndpoints
from pipelines.forecasting.forecast_options import ForecastOptions
from pipelines.runs import Run
from tfmodels import array_files, layers, whole_files

if TYPE_CHECKING:
    from tfmodels.layers import ConformalCorrection

_FILE = "conformal.npy"
_TARGETS_IN_TAIL = 20  # expected beyond the outermost level at each step, for each step to be corrected separately


def learn(config: ForecastOptions, run: Run, forecaster: ForecastEndpoints) -> None:
    """Learns the correction from forecasts of the validation split and writes it into the run.

    Args:
        config: Options of the run.
        run: The run.
        forecaster: Its trained forecaster, which gets the correction.
    """
    found = window_forecasts.as_trained(forecaster, series_data.windows(config, run, "validation"))
    correction = layers.ConformalCorrection(forecaster.levels, forecaster.horizon)
    observed = np.isfinite(found.targets).sum(axis=(0, 2)).min()
    per_step = observed * (1 - forecaster.levels[-1]) >= _TARGETS_IN_TAIL
    correction.fit(found.targets, found.quantiles, found.scale, per_step)
    with whole_files.replacing(run.path / _FILE) as unfinished:
        np.save(unfinished, correction.offsets.numpy())
    forecaster.correction = correction


def read(run: Run, levels: tuple[float, ...], horizon: int) -> "ConformalCorrection | None":
    """The correction of a run; None if there is none yet."""
    if not (run.path / _FILE).is_file():
        return None
    correction = layers.ConformalCorrection(levels, horizon)
    correction.build()
    correction.offsets.assign(array_files.read(run.path / _FILE, tuple(correction.offsets.shape)))
    return correction
