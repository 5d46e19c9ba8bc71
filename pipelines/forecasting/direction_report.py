"""The report of a forecaster of directions: accuracy and calibration, beside those of baselines."""

from typing import Any

import numpy as np

from pipelines import runs
from pipelines.forecasting import series_data, window_forecasts, window_scores
from pipelines.forecasting.forecast_endpoints import ForecastEndpoints
from pipelines.forecasting.forecast_options import ForecastOptions
from pipelines.forecasting.window_forecasts import Forecasts
from pipelines.runs import Run, overfitting
from pipelines.runs.report import Report
from tfmodels import metrics

_GROUPS = 10  # of probabilities, in the table


def make(config: ForecastOptions, run: Run, forecaster: ForecastEndpoints, split: str) -> Report:
    """Scores the directions of a split.

    Args:
        config: Options of the run.
        run: The run.
        forecaster: Its forecaster.
        split: `validation` or `test`.

    Returns:
        The report.

    Raises:
        ValueError: The split has no window.
    """
    windows = series_data.some_windows(config, run, split)
    found = window_forecasts.forecast(forecaster, windows)
    center = found.last if config.center == "last" else np.zeros_like(found.last)
    rise = found.targets - center
    baselines = {"always up": np.ones_like(rise)}
    baselines |= {name: mean - center for name, mean in window_scores.baselines(config, run, windows).items()}
    predicted = np.where(np.isnan(rise), 0, found.mean - 0.5)
    count = int(np.isfinite(rise).sum())
    return Report(
        task="forecasting",
        model=type(forecaster.network).__name__,
        split=split,
        primary={"metric": "direction_accuracy", "higher_is_better": True},
        metrics=_scores(rise, predicted) | {"log_loss": _log_loss(rise, found.mean)},
        baselines={name: _scores(rise, np.where(np.isnan(rise), 0, baseline)) for name, baseline in baselines.items()},
        tables=[_calibration(rise, found), overfitting.table(run.history)],
        seed=config.training.seed,
        parameters=forecaster.network.count_params(),
        train_seconds=sum(row["seconds"] for row in run.history),
        command=runs.command_line(),
        notes=[
            f"{count:,} directions, {100 * np.mean(rise[np.isfinite(rise)] > 0):.1f} % of them up; one standard "
            f"error of the accuracy is {50 / np.sqrt(count):.1f} points",
            f"up is above {'the last value' if config.center == 'last' else 'zero'}",
            overfitting.verdict(run.history),
        ],
    )


def _scores(rise: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    return {
        "direction_accuracy": float(metrics.direction_accuracy(rise, predicted)),
        "direction_mcc": float(metrics.direction_mcc(rise, predicted)),
    }


def _log_loss(rise: np.ndarray, up: np.ndarray) -> float:
    there = np.isfinite(rise)
    right = np.where(rise > 0, up, 1 - up)[there].astype(np.float64)
    return float(-np.log(np.maximum(right, 1e-12)).mean())


def _calibration(rise: np.ndarray, found: Forecasts) -> dict[str, Any]:
    """Share of values that went up in each group of similar probabilities."""
    observed = np.isfinite(rise)
    up, probability = rise[observed] > 0, found.mean[observed]
    order = np.argsort(probability, kind="stable")
    groups = [group for group in np.array_split(order, _GROUPS) if len(group)]
    rows = [[100 * probability[group].mean(), 100 * up[group].mean(), len(group)] for group in groups]
    return {"title": "probability of up, percent", "columns": ["predicted", "observed", "directions"], "rows": rows}
