"""The windows of a run's series in batches, with the unit of their errors in training."""

import numpy as np

from pipelines.forecasting import series_data, window_scores
from pipelines.forecasting.forecast_options import ForecastOptions
from pipelines.forecasting.teachers import teacher_forecasts
from pipelines.runs import Run
from tfmodels import training


def make(config: ForecastOptions, run: Run) -> dict[str, training.WindowBatches]:
    """Puts the windows of each split that has any into batches.

    Args:
        config: Options of the run.
        run: A prepared run.

    Returns:
        Split -> batches of `(inputs, {"values", "scale"}, weights)`; of training with a teacher the targets have its
        forecasts as `beside`.
    """
    options, scale = config.training, training_scale(config, run)
    windows = {split: series_data.windows(config, run, split, scale) for split in ("train", "validation", "test")}
    return {
        split: training.WindowBatches(
            found,
            max(1, options.batch_tokens // max(config.context, config.horizon)),
            training.replicas(options.replicas),
            options.seed,
            series_data.inputs(run),
            options.accumulate if split == "train" else 1,
            shuffle=split == "train",
            beside=teacher_forecasts.read(config, run) if split == "train" else None,
        )
        for split, found in windows.items()
        if len(found)
    }


def training_scale(config: ForecastOptions, run: Run) -> np.ndarray:
    """What errors are divided by in training, so that series of large values do not outweigh the others.

    Args:
        config: Options of the run.
        run: A prepared run.

    Returns:
        `[series, channels]`: the standard deviation of each training part; with `unit=season` its seasonal
        error, where there is one.
    """
    rows = series_data.rows(run)
    if config.unit == "spread":
        return rows.scale
    found = window_scores.seasonal_errors(rows, series_data.season(config, run), "validation")
    return np.where(found > 0, found, rows.scale).astype(rows.scale.dtype)
