"""Scores of a forecaster of directions: accuracy and calibration, beside those of baselines."""

from typing import Any

import numpy as np

from pipelines.forecasting import row_metrics, window_answers, window_scores
from pipelines.forecasting.baselines import window_baselines
from pipelines.forecasting.forecast_options import ForecastOptions
from pipelines.forecasting.scoring import Scoring
from pipelines.forecasting.window_forecasts import Forecasts
from pipelines.runs import Run
from pipelines.runs.reports.judgement import judge
from tfmodels import metrics
from tfmodels.training import Windows

_CONSTANTS = ("always up", "always down", "majority of training")
_GROUPS = 10  # of probabilities, in the table


def score(config: ForecastOptions, run: Run, windows: Windows, found: Forecasts) -> Scoring:
    """Scores the directions of a split.

    Args:
        config: Options of the run.
        run: The run.
        windows: The windows of the split.
        found: What the model forecasts for them.

    Returns:
        The scores.
    """
    rise = window_baselines.rise(config, found.targets, found.last)
    baselines = {
        name: np.where(np.isnan(rise), 0, changes)
        for name, changes in window_baselines.changes(config, run, windows, found.last).items()
    }
    predicted = np.where(np.isnan(rise), 0, found.mean - 0.5)
    up = rise[np.isfinite(rise)] > 0
    return Scoring(
        primary="direction_accuracy",
        higher_is_better=True,
        metrics=_scores(rise, predicted) | {"log_loss": _log_loss(rise, found.mean)},
        baselines={name: _scores(rise, baseline) for name, baseline in baselines.items()},
        judgement=judge(
            _right(rise, predicted),
            {name: _right(rise, baseline) for name, baseline in baselines.items()},
            window_scores.blocks(found),
            constants=_CONSTANTS,
        ),
        row_metrics=row_metrics.of_directions(rise, found.mean, _losses(rise, found.mean)),
        tables=[_calibration(rise, found)],
        notes=[
            f"{len(up):,} directions, {100 * up.mean():.1f} % of them up",
            f"up is above {'the last value' if config.center == 'last' else 'zero'}",
        ],
        answers=window_answers.of_directions(found, rise, window_answers.names_of(run, windows)),
    )


def _scores(rise: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    return {
        "direction_accuracy": float(metrics.direction_accuracy(rise, predicted)),
        "direction_mcc": float(metrics.direction_mcc(rise, predicted)),
    }


def _right(rise: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Percent of right directions and their number by window, as `window_scores.sums_and_counts`."""
    right = np.where(np.isnan(predicted), np.nan, 100.0 * ((rise > 0) == (predicted > 0)))
    return window_scores.sums_and_counts(right, ~np.isnan(rise))


def _log_loss(rise: np.ndarray, up: np.ndarray) -> float:
    return float(_losses(rise, up)[np.isfinite(rise)].mean())


def _losses(rise: np.ndarray, up: np.ndarray) -> np.ndarray:
    right = np.where(rise > 0, up, 1 - up).astype(np.float64)
    return -np.log(np.maximum(right, 1e-12))


def _calibration(rise: np.ndarray, found: Forecasts) -> dict[str, Any]:
    """Share of values that went up in each group of similar probabilities."""
    observed = np.isfinite(rise)
    up, probability = rise[observed] > 0, found.mean[observed]
    order = np.argsort(probability, kind="stable")
    groups = [group for group in np.array_split(order, _GROUPS) if len(group)]
    rows = [[100 * probability[group].mean(), 100 * up[group].mean(), len(group)] for group in groups]
    return {"title": "probability of up, percent", "columns": ["predicted", "observed", "directions"], "rows": rows}
