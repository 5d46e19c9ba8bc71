"""Intervals that hold on data that was not trained on: the correction of a run's quantiles."""

from typing import TYPE_CHECKING, Any

import numpy as np

from pipelines.forecasting import series_data, window_forecasts
from pipelines.forecasting.forecast_endpoints import ServedForecaster
from pipelines.runs import Run
from tfmodels import layers

if TYPE_CHECKING:
    from tfmodels.layers import ConformalCorrection

_FILE = "conformal.npy"
_TARGETS_IN_TAIL = 20  # beyond the outermost level, that a step of the horizon must have for shifts of its own


def learn(config: Any, run: Run, served: ServedForecaster) -> None:
    """Learns the correction from the forecasts of the validation split and writes it into the run.

    Args:
        config: Of `forecasting`.
        run: The run.
        served: Its forecaster, trained; it is corrected from then on.
    """
    found = window_forecasts.forecast(served, series_data.windows(config, run, "validation"))
    correction = layers.ConformalCorrection(served.levels, served.horizon)
    observed = np.isfinite(found.targets).sum(axis=(0, 2)).min()
    per_step = observed * (1 - served.levels[-1]) >= _TARGETS_IN_TAIL
    correction.fit(found.targets, found.quantiles, found.window_scale, per_step)
    np.save(run.path / _FILE, correction.offsets.numpy())
    served.correction = correction


def read(run: Run, levels: tuple[float, ...], horizon: int) -> "ConformalCorrection | None":
    """The correction of a run; None before it is learnt."""
    if not (run.path / _FILE).is_file():
        return None
    correction = layers.ConformalCorrection(levels, horizon)
    correction.build()
    correction.offsets.assign(np.load(run.path / _FILE))
    return correction
