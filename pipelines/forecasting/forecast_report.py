"""The report of a forecaster: scores beside those of baselines, by horizon and by series, and figures."""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from pipelines import runs
from pipelines.forecasting import forecast_figures, series_data, window_forecasts, window_scores
from pipelines.forecasting.forecast_endpoints import ForecastEndpoints
from pipelines.forecasting.forecast_options import ForecastOptions
from pipelines.forecasting.window_forecasts import Forecasts
from pipelines.runs import Run, overfitting
from pipelines.runs.report import Report

_GROUPS = 8  # of steps ahead, in the table
_MOST_SERIES = 20  # in a table


def make(config: ForecastOptions, run: Run, forecaster: ForecastEndpoints, split: str) -> Report:
    """Forecasts a split, scores it, and draws `forecasts.png`, `errors.png` and `coverage.png` into the run's folder.

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
    raw = window_forecasts.forecast(forecaster, windows)
    found = window_forecasts.corrected(forecaster, raw)
    baselines = {
        name: found._replace(mean=mean, median=mean, quantiles=mean[..., np.newaxis][..., :0])
        for name, mean in window_scores.baselines(config, run, windows).items()
    }
    seasonal_error = window_scores.seasonal_errors(windows.rows, series_data.season(config, run), split)

    def scores(of: Forecasts) -> dict[str, float]:
        return window_scores.scores(of, forecaster.levels, seasonal_error, baselines["seasonal naive"].mean)

    metrics = scores(found)
    baseline_metrics = {name: scores(baseline) for name, baseline in baselines.items()}
    primary = "scaled_mse" if config.head == "point" and config.point_loss == "mse" else "scaled_mae"
    name = type(forecaster.network).__name__
    forecast_figures.draw_forecasts(forecaster, windows, found, run.path / "forecasts.png")
    forecast_figures.draw_errors({name: found, **baselines}, run.path / "errors.png")
    forecast_figures.draw_coverage(forecaster.levels, raw, found, run.path / "coverage.png")
    return Report(
        task="forecasting",
        model=name,
        split=split,
        primary={"metric": primary, "higher_is_better": False},
        metrics=metrics,
        baselines=baseline_metrics,
        tables=[
            _skill(metrics, baseline_metrics),
            _by_horizon(found, baselines),
            _by_series("scaled_mae", window_scores.scaled_mae, found, baselines, windows.rows.names),
            _by_series("mape", window_scores.mape, found, baselines, windows.rows.names),
            _coverage(raw, found, forecaster.levels),
            overfitting.table(run.history),
        ],
        seed=config.training.seed,
        parameters=forecaster.network.count_params(),
        train_seconds=sum(row["seconds"] for row in run.history),
        command=runs.command_line(),
        notes=[
            f"{len(windows):,} forecasts of {config.horizon} steps, {windows.stride} steps apart; "
            f"{np.isfinite(found.targets).sum():,} observed values",
            "scaled_mae and scaled_mse are in standard deviations of each series' training part",
            *_about_correction(split),
            overfitting.verdict(run.history),
            *([f"held out from training: {config.hold_out}"] if config.hold_out else []),
            *([f"started from the weights of {config.start_from}"] if config.start_from else []),
        ],
    )


def _skill(metrics: dict[str, float], baselines: dict[str, dict[str, float]]) -> dict[str, Any]:
    """Skill score against each baseline: 1 - error of the model / error of the baseline."""
    names = ("scaled_mae", "scaled_mse", "mae", "rmse")

    def skill(name: str, baseline: dict[str, float]) -> float | None:
        return 1 - metrics[name] / baseline[name] if baseline[name] else None

    return {
        "title": "skill score against each baseline: 1 - error / error of the baseline",
        "columns": ["baseline", *names],
        "rows": [[title, *(skill(name, baseline) for name in names)] for title, baseline in baselines.items()],
    }


def _by_horizon(found: Forecasts, baselines: dict[str, Forecasts]) -> dict[str, Any]:
    """Scaled absolute error of groups of steps ahead."""
    edges = np.unique(np.linspace(0, found.mean.shape[1], _GROUPS + 1).astype(int))
    errors = [window_forecasts.scaled_error(one) for one in (found, *baselines.values())]
    rows = []
    for start, stop in itertools.pairwise(edges):
        steps = f"{start + 1}" if stop == start + 1 else f"{start + 1}-{stop}"
        rows.append([steps, *(np.nanmean(error[:, start:stop]) for error in errors)])
    return {"title": "scaled_mae by steps ahead", "columns": ["steps", "model", *baselines], "rows": rows}


def _by_series(
    name: str, score: Callable[[Forecasts], float], found: Forecasts, baselines: dict[str, Forecasts], names: list[str]
) -> dict[str, Any]:
    """A score of each series, the worst first."""
    scored = [window_scores.by_series(one, score) for one in (found, *baselines.values())]
    rows = [[names[same[0][0]], same[0][1], *(value for *_, value in same)] for same in zip(*scored, strict=True)]
    rows.sort(key=lambda row: -np.nan_to_num(row[2]))
    shown = f", the worst {_MOST_SERIES} of {len(rows):,}" if len(rows) > _MOST_SERIES else ""
    columns = ["series", "forecasts", "model", *baselines]
    return {"title": f"{name} by series{shown}", "columns": columns, "rows": rows[:_MOST_SERIES]}


def _coverage(raw: Forecasts, found: Forecasts, levels: tuple[float, ...]) -> dict[str, Any]:
    """Share of the targets inside each prediction interval, before and after the correction."""
    rows = []
    for low in range(len(levels) // 2):
        high = len(levels) - 1 - low
        shares = (_share_inside(one, low, high) for one in (raw, found))
        rows.append([f"{100 * (levels[high] - levels[low]):g} %", *(100 * share for share in shares)])
    return {
        "title": "targets inside the prediction intervals, percent",
        "columns": ["interval", "as trained", "corrected"],
        "rows": rows,
    }


def _about_correction(split: str) -> list[str]:
    here = ", so they have their nominal coverage here by construction" if split == "validation" else ""
    return [f"prediction intervals were corrected on the validation split{here}"]


def _share_inside(one: Forecasts, low: int, high: int) -> float:
    there = np.isfinite(one.targets)
    inside = (one.quantiles[..., low] <= one.targets) & (one.targets <= one.quantiles[..., high])
    return float(inside[there].mean())
