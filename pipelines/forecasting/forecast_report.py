"""The report of a forecaster, whether of values or of directions, and its figures."""

from functools import partial
from typing import Any

import numpy as np

from pipelines import runs
from pipelines.forecasting import (
    direction_scoring,
    forecast_figures,
    series_data,
    value_scoring,
    window_answers,
    window_forecasts,
    window_scores,
)
from pipelines.forecasting.baselines import window_baselines
from pipelines.forecasting.forecast_endpoints import ForecastEndpoints
from pipelines.forecasting.forecast_options import ForecastOptions
from pipelines.forecasting.other_data import other_series
from pipelines.forecasting.scoring import Scoring
from pipelines.forecasting.teachers import teacher_forecasts
from pipelines.forecasting.window_forecasts import Forecasts
from pipelines.runs import Run, overfitting, predictor
from pipelines.runs.report import Report
from pipelines.runs.reports import captions, row_scores
from pipelines.runs.reports.row_scores import RowScores
from pipelines.sources.split_names import OTHER
from tfmodels.training import Windows


def make(config: ForecastOptions, run: Run, forecaster: ForecastEndpoints, split: str) -> Report:
    """Forecasts a split as an export does, and scores it.

    The figures of a forecaster of values are `forecasts`, `errors` and `coverage`.

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
    about = [] if forecaster.predicts_direction else [window_scores.units(split, series_data.season(config, run))]
    if run.other:
        windows, notes = other_series.read(config, run, split)
        about += notes
        split = "test" if split == OTHER else split  # of which the history is the part before
    else:
        windows = series_data.some_windows(config, run, split)
    answering = predictor.to_score(run, forecaster.endpoints())
    forecasts = window_forecasts.forecast(answering, windows)
    scoring = _scored(config, run, forecaster, windows, split, forecasts)
    held_out = series_data.held_out_windows(config, run, split)
    tables = [overfitting.table(run.history)]
    told = window_answers.told(forecasts, window_answers.names_of(run, windows))
    if len(held_out) and not run.other:
        found = window_forecasts.forecast(answering, held_out)
        tables.append(_of_held_out(_scored(config, run, forecaster, held_out, split, found)))
    return Report(
        task="forecasting",
        model=type(forecaster.network).__name__,
        split=split,
        rows=len(windows),
        primary={"metric": scoring.primary, "higher_is_better": scoring.higher_is_better},
        metrics=scoring.metrics,
        baselines=scoring.baselines,
        comparisons=scoring.judgement.comparisons,
        broken=scoring.judgement.broken,
        tables=[*scoring.tables, *tables],
        seed=config.training.seed,
        parameters=forecaster.network.count_params(),
        train_seconds=sum(row["seconds"] for row in run.history),
        command=runs.command_line(),
        notes=[
            *about,
            *scoring.notes,
            overfitting.verdict(run.history),
            *([f"held out from training: {config.hold_out}"] if config.hold_out else []),
            *([f"started from the weights of {config.start_from}"] if config.start_from else []),
            *teacher_forecasts.notes(config, run),
        ],
        data=captions.data(run),
        figures=scoring.figures,
        answers=scoring.answers,
        row_scores=RowScores(scoring.row_metrics, scoring.judgement.blocks, told),
        rows_digest=row_scores.digest([forecasts.series, forecasts.time, forecasts.targets]),
    )


def _scored(
    config: ForecastOptions,
    run: Run,
    forecaster: ForecastEndpoints,
    windows: Windows,
    split: str,
    found: Forecasts,
) -> Scoring:
    if forecaster.predicts_direction:
        return direction_scoring.score(config, run, windows, found)
    return _of_values(config, run, forecaster, windows, split, found)


def _of_held_out(scoring: Scoring) -> dict[str, Any]:
    """The scores of the series that were held out, which choose and fit nothing."""
    rows = [
        [name, score, *(baseline.get(name) for baseline in scoring.baselines.values())]
        for name, score in scoring.metrics.items()
    ]
    return {"title": "series held out from training", "columns": ["metric", "model", *scoring.baselines], "rows": rows}


def _of_values(
    config: ForecastOptions,
    run: Run,
    forecaster: ForecastEndpoints,
    windows: Windows,
    split: str,
    found: Forecasts,
) -> Scoring:
    baselines = {
        name: found._replace(mean=mean, median=mean, quantiles=mean[..., np.newaxis][..., :0])
        for name, mean in window_baselines.forecasts(config, run, windows).items()
    }
    trained = None
    if run.served is None:  # what an export would answer before its correction is not known
        trained = window_forecasts.as_trained(forecaster, windows).quantiles
    figures = {
        "forecasts": partial(forecast_figures.draw_forecasts, forecaster, windows, found),
        "errors": partial(forecast_figures.draw_errors, {type(forecaster.network).__name__: found, **baselines}),
        "coverage": partial(forecast_figures.draw_coverage, forecaster.levels, trained, found),
    }
    return value_scoring.score(config, run, windows, split, found, baselines, trained)._replace(figures=figures)
