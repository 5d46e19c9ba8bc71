"""Forecasts from many origins beside what came, as a data frame."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from pipelines.forecasting.frames import forecast_tables
from pipelines.runs import Run
from pipelines.runs.report import Report
from pipelines.sources.split_names import OTHER

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

ACTUAL = "_actual"  # ends the name of the column of what came


class Backtest(NamedTuple):
    """Forecasts from many origins, and their scores.

    Attributes:
        forecasts: A row for each series, origin and step: `series` (as in the table of training), `origin`, the time of
            the last step that the model saw, the time, `step`, and for each target what came, `TARGET_actual`, and the
            forecast, as in a frame of forecasts.
        report: The scores.

    Example:
        `forecaster.backtest().forecasts.query("step == 1")`
    """

    forecasts: "pd.DataFrame"
    report: Report

    def __repr__(self) -> str:
        return f"{self.forecasts}\n\n{self.report}"

    def _repr_html_(self) -> str:
        from pipelines.runs.reports import report_html

        return f"{self.forecasts.head().to_html()}{report_html.of(self.report)}"


def forecasts(run: Run, data: str = "", split: str = "") -> "pd.DataFrame":
    """Forecasts the windows of a split, as an export does.

    Args:
        run: A trained run.
        data: A table like that of training; empty for that of the run.
        split: `validation` or `test`. Default: validation; of other data all of it.

    Returns:
        See `Backtest`.

    Raises:
        ValueError: There is no window, or the data is wrong.

    Example:
        `forecasts(runs.load("load"), split="test")`
    """
    from pipelines.progress.quiet_import import import_tensorflow

    import_tensorflow()
    import numpy as np

    from pipelines.forecasting import series_data, task, window_forecasts
    from pipelines.forecasting.other_data import other_series
    from pipelines.runs import predictor

    config = run.config
    if data:
        windows = other_series.read(config, replace(run, other=data), split or OTHER).windows
    else:
        windows = series_data.some_windows(config, run, split or "validation")
    forecaster = task.forecaster(config, run)
    found = window_forecasts.forecast(predictor.to_score(run, forecaster.endpoints()), windows)
    names = [windows.rows.names[number] for number in found.series]
    answered = "up" if forecaster.predicts_direction else "mean"
    outputs = [
        {"time": time, answered: mean, **({} if forecaster.predicts_direction else {"quantiles": quantiles})}
        for time, mean, quantiles in zip(found.time, found.mean, found.quantiles, strict=True)
    ]
    table = series_data.card(config, run, forecaster.levels)
    frame = forecast_tables.answer_frame([{"series": name} for name in names], outputs, table)
    last = [read["time"][:, windows.context - 1] for _, read in window_forecasts.pieces(windows)]
    frame = _with_origins(frame, np.concatenate(last), found.time.shape[1], table)
    for number, channel in enumerate(table["channels"]):
        place = list(frame).index(_forecast_of(channel, frame))
        frame.insert(place, f"{channel}{ACTUAL}", found.targets[..., number].ravel())
    return frame


def _with_origins(frame: "pd.DataFrame", last: "np.ndarray", horizon: int, table: dict[str, Any]) -> "pd.DataFrame":
    """The frame with the time of the last step that each forecast knows, and the steps after it."""
    import numpy as np

    place = list(frame).index(_forecast_of(table["channels"][0], frame))
    origin = (
        forecast_tables.dates(np.repeat(last, horizon), table) if table["columns"]["time"] else np.repeat(last, horizon)
    )
    frame.insert(place - 1, "origin", origin)
    if table["columns"]["time"]:
        frame.insert(place + 1, "step", np.tile(np.arange(1, horizon + 1), len(last)))
    return frame


def _forecast_of(channel: str, frame: "pd.DataFrame") -> str:
    """The first column of a channel's forecast."""
    return channel if channel in frame else f"{channel}_up"
