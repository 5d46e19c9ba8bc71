"""What a forecaster's report holds: scores beside those of naive forecasts, by horizon and by series, and pictures."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from pipelines import runs
from pipelines.forecasting import series_data, window_forecasts, window_scores
from pipelines.forecasting.forecast_endpoints import ForecastEndpoints
from pipelines.forecasting.forecast_options import ForecastOptions
from pipelines.forecasting.window_forecasts import Forecasts
from pipelines.runs import Run, overfitting
from pipelines.runs.report import Report
from tfmodels import plots

_GROUPS = 8  # of steps ahead, in the table
_MOST_SERIES = 20  # in the table, the worst
_DRAWN = 3  # series


def make(config: ForecastOptions, run: Run, forecaster: ForecastEndpoints, split: str) -> Report:
    """Forecasts a split and scores it; draws `forecasts.png`, `errors.png` and `coverage.png` into the run.

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
        name: found._replace(mean=mean, median=mean, quantiles=None)
        for name, mean in window_scores.baselines(config, run, windows).items()
    }
    seasonal_error = window_scores.seasonal_errors(windows.rows, series_data.season(config, run), split)

    def scores(of: Forecasts) -> dict[str, float]:
        return window_scores.scores(of, forecaster.levels, seasonal_error, baselines["seasonal naive"].mean)

    metrics = scores(found)
    baseline_metrics = {name: scores(baseline) for name, baseline in baselines.items()}
    primary = "scaled_mse" if config.head == "point" and config.point_loss == "mse" else "scaled_mae"
    name = type(forecaster.network).__name__
    _draw(run.path, name, found, raw, baselines, forecaster, windows)
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
            f"{len(windows):,} forecasts of {config.horizon} steps, {windows.stride} steps apart, all counted; "
            f"{np.isfinite(found.targets).sum():,} observed values",
            "scaled_mae and scaled_mse are in standard deviations of each series' training part",
            *_about_correction(split),
            overfitting.verdict(run.history),
            *([f"not trained on: {config.hold_out}"] if config.hold_out else []),
            *([f"started from the weights of {config.start_from}"] if config.start_from else []),
        ],
    )


def _skill(metrics: dict[str, float], baselines: dict[str, dict[str, float]]) -> dict[str, Any]:
    """How much of each baseline's error is gone: 1 - model / baseline."""
    names = ("scaled_mae", "scaled_mse", "mae", "rmse")

    def skill(name: str, baseline: dict[str, float]) -> float | None:
        return 1 - metrics[name] / baseline[name] if baseline[name] else None

    return {
        "title": "skill against each baseline: share of its error that is gone",
        "columns": ["baseline", *names],
        "rows": [[title, *(skill(name, baseline) for name in names)] for title, baseline in baselines.items()],
    }


def _by_horizon(found: Forecasts, baselines: dict[str, Forecasts]) -> dict[str, Any]:
    """Scaled absolute error of groups of steps ahead."""
    edges = np.unique(np.linspace(0, found.mean.shape[1], _GROUPS + 1).astype(int))
    rows = []
    for start, stop in itertools.pairwise(edges):
        steps = f"{start + 1}" if stop == start + 1 else f"{start + 1}-{stop}"
        rows.append([steps, *(np.nanmean(_scaled_error(one)[:, start:stop]) for one in (found, *baselines.values()))])
    return {"title": "scaled_mae by steps ahead", "columns": ["steps", "model", *baselines], "rows": rows}


def _by_series(
    name: str, score: Callable[[Forecasts], float], found: Forecasts, baselines: dict[str, Forecasts], names: list[str]
) -> dict[str, Any]:
    """A score of each series, those with the worst first."""
    scored = [window_scores.by_series(one, score) for one in (found, *baselines.values())]
    rows = [[names[same[0][0]], same[0][1], *(value for *_, value in same)] for same in zip(*scored, strict=True)]
    rows.sort(key=lambda row: -np.nan_to_num(row[2]))
    shown = f", the worst {_MOST_SERIES} of {len(rows):,}" if len(rows) > _MOST_SERIES else ""
    columns = ["series", "forecasts", "model", *baselines]
    return {"title": f"{name} by series{shown}", "columns": columns, "rows": rows[:_MOST_SERIES]}


def _coverage(raw: Forecasts, found: Forecasts, levels: tuple[float, ...]) -> dict[str, Any]:
    """How many truths lie in each interval, before and after the correction."""
    rows = []
    for low in range(len(levels) // 2):
        high = len(levels) - 1 - low
        shares = (_share_inside(one, low, high) for one in (raw, found))
        rows.append([f"{100 * (levels[high] - levels[low]):g} %", *(100 * share for share in shares)])
    return {
        "title": "truths inside of intervals, percent",
        "columns": ["interval", "as trained", "corrected"],
        "rows": rows,
    }


def _about_correction(split: str) -> list[str]:
    same = "so their coverage is right here by construction" if split == "validation" else "which are other data"
    return [f"intervals were corrected by the validation split's forecasts, {same}"]


def _draw(
    folder: Path,
    name: str,
    found: Forecasts,
    raw: Forecasts,
    baselines: dict[str, Forecasts],
    forecaster: ForecastEndpoints,
    windows: Any,
) -> None:
    series = np.unique(found.series)
    chosen = series[np.unique(np.linspace(0, len(series) - 1, _DRAWN).astype(int))]
    firsts = [int(rows[len(rows) // 2]) for rows in (np.flatnonzero(found.series == number) for number in chosen)]
    drawn = [drawn_forecast(found, windows, number, forecaster) for number in firsts]
    plots.draw_forecasts(drawn, forecaster.levels, folder / "forecasts.png")
    errors = {title: np.nanmean(_scaled_error(one), axis=(0, 2)) for title, one in {name: found, **baselines}.items()}
    plots.draw_errors(errors, "mean absolute error, in standard deviations", folder / "errors.png")
    shares = {title: _shares_below(one) for title, one in (("as trained", raw), ("corrected", found))}
    plots.draw_coverage(forecaster.levels, shares, folder / "coverage.png")


def drawn_forecast(
    found: Forecasts, windows: Any, number: int, forecaster: ForecastEndpoints, channel: int = 0
) -> plots.DrawnForecast:
    """The forecast of one window as it is drawn."""
    read = windows.read(np.array([number]))
    series = windows.rows.names[found.series[number]]
    channel_name = forecaster.inputs.channels[channel]
    return plots.DrawnForecast(
        title=f"{series}: {channel_name}" if series else channel_name,
        time=read["time"][0].astype("datetime64[s]"),
        history=read["values"][0, :, channel],
        truth=read["targets"][0, :, channel],
        mean=found.mean[number, :, channel],
        quantiles=found.quantiles[number, :, channel],
    )


def _scaled_error(one: Forecasts) -> np.ndarray:
    return np.abs(one.targets - one.median) / one.scale


def _share_inside(one: Forecasts, low: int, high: int) -> float:
    there = np.isfinite(one.targets)
    inside = (one.quantiles[..., low] <= one.targets) & (one.targets <= one.quantiles[..., high])
    return float(inside[there].mean())


def _shares_below(one: Forecasts) -> np.ndarray:
    """Share of truths at most as large as each quantile, `[levels]`."""
    there = np.isfinite(one.targets)
    return (one.targets[..., np.newaxis] <= one.quantiles)[there].mean(axis=0)
