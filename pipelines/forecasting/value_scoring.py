"""Scores of forecasts of values beside those of baselines, by steps ahead and by series."""

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from pipelines.forecasting import (
    conformal,
    interval_coverage,
    row_metrics,
    series_data,
    window_answers,
    window_forecasts,
    window_scores,
)
from pipelines.forecasting.baselines.window_baselines import CONSTANTS
from pipelines.forecasting.decisions import command_to_try
from pipelines.forecasting.forecast_options import ForecastOptions
from pipelines.forecasting.scoring import Scoring
from pipelines.forecasting.window_forecasts import Forecasts
from pipelines.runs import Run
from pipelines.runs.reports.judgement import judge
from pipelines.runs.rows import quantile_levels
from tfmodels.training import Windows

_GROUPS = 8  # of steps ahead, in the table
_MOST_SERIES = 20  # in a table


def score(
    config: ForecastOptions,
    run: Run,
    windows: Windows,
    split: str,
    found: Forecasts,
    baselines: Mapping[str, Forecasts],
    trained: np.ndarray | None,
) -> Scoring:
    """Scores the forecasts of a split.

    Args:
        config: Options of the run.
        run: The run.
        windows: The windows of the split.
        split: `validation` or `test`.
        found: What the model forecasts for them.
        baselines: What the baselines forecast.
        trained: The quantiles before the correction; None if they are not known.

    Returns:
        The scores.
    """
    levels = quantile_levels.parse(config.levels)
    seasonal_error = window_scores.seasonal_errors(windows.rows, series_data.season(config, run), split)
    primary, blocks = window_scores.primary(config), window_scores.blocks(found)

    def scores(of: Forecasts) -> dict[str, float]:
        return window_scores.scores(of, levels, seasonal_error, baselines["seasonal naive"].mean)

    metrics = scores(found)
    baseline_metrics = {name: scores(baseline) for name, baseline in baselines.items()}
    judgement = judge(
        window_scores.errors(found, primary, seasonal_error),
        {name: window_scores.errors(baseline, primary, seasonal_error) for name, baseline in baselines.items()},
        blocks,
        constants=CONSTANTS,
        higher_is_better=False,
    )
    coverage = interval_coverage.measure(found, trained, levels, blocks)
    better = command_to_try.notes(config, run.name, primary, metrics, baseline_metrics, judgement.comparisons)
    return Scoring(
        primary=primary,
        higher_is_better=False,
        metrics=metrics,
        baselines=baseline_metrics,
        judgement=judgement,
        row_metrics=row_metrics.of_values(found, levels, seasonal_error, baselines["seasonal naive"].mean),
        tables=[
            _skill(metrics, baseline_metrics, judgement.broken),
            _by_horizon(found, baselines),
            _by_series("scaled_mae", window_scores.scaled_mae, found, baselines, windows.rows.names),
            _by_series("mape", window_scores.mape, found, baselines, windows.rows.names),
            interval_coverage.table(coverage),
        ],
        notes=[
            f"{_counted(len(windows), 'forecast')} of {_counted(config.horizon, 'step')}, "
            f"{_counted(windows.stride, 'step')} apart; "
            f"{np.isfinite(found.targets).sum():,} observed values",
            *interval_coverage.notes(coverage, split == "validation" and not run.other, conformal.is_learnt(run)),
            *(better if split == "validation" else []),
        ],
        answers=window_answers.of_values(found, window_answers.names_of(run, windows), levels),
    )


def _skill(
    metrics: Mapping[str, float], baselines: Mapping[str, Mapping[str, float]], broken: Mapping[str, str]
) -> dict[str, Any]:
    """Skill score against each baseline, 1 - error of the model / error of the baseline; none against broken ones."""
    names = ("scaled_mae", "scaled_mse", "mae", "rmse")
    rows: list[list[Any]] = []
    for title, baseline in baselines.items():
        if title in broken:
            rows.append([f"{title} (broken)", *(None for _ in names)])
        else:
            rows.append([title, *(1 - metrics[name] / baseline[name] if baseline[name] else None for name in names)])
    return {
        "title": "skill score against each baseline: 1 - error / error of the baseline",
        "columns": ["baseline", *names],
        "rows": rows,
    }


def _by_horizon(found: Forecasts, baselines: Mapping[str, Forecasts]) -> dict[str, Any]:
    """Scaled absolute error of groups of steps ahead."""
    edges = np.unique(np.linspace(0, found.mean.shape[1], _GROUPS + 1).astype(int))
    errors = [window_forecasts.scaled_error(one) for one in (found, *baselines.values())]
    rows = []
    for start, stop in itertools.pairwise(edges):
        steps = f"{start + 1}" if stop == start + 1 else f"{start + 1}-{stop}"
        rows.append([steps, *(_mean(error[:, start:stop]) for error in errors)])
    return {"title": "scaled_mae by steps ahead", "columns": ["steps", "model", *baselines], "rows": rows}


def _mean(error: np.ndarray) -> float | None:
    """The mean of the errors; None where no target was observed."""
    return float(np.nanmean(error)) if np.isfinite(error).any() else None


def _by_series(
    name: str,
    score: Callable[[Forecasts], float],
    found: Forecasts,
    baselines: Mapping[str, Forecasts],
    names: list[str],
) -> dict[str, Any]:
    """A score of each series, the worst first."""
    scored = [window_scores.by_series(one, score) for one in (found, *baselines.values())]
    rows = [[names[same[0][0]], same[0][1], *(value for *_, value in same)] for same in zip(*scored, strict=True)]
    rows.sort(key=lambda row: -np.nan_to_num(row[2]))
    shown = f", the worst {_MOST_SERIES} of {len(rows):,}" if len(rows) > _MOST_SERIES else ""
    columns = ["series", "forecasts", "model", *baselines]
    return {"title": f"{name} by series{shown}", "columns": columns, "rows": rows[:_MOST_SERIES]}


def _counted(number: int, thing: str) -> str:
    """Such as "1 step" or "24 steps"."""
    return f"{number:,} {thing}{'s' * (number != 1)}"
