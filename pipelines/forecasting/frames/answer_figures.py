"""Figures of what a forecaster answered: the history of each series, the forecast, the seasonal naive beside it."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any


def answer_figures(
    rows: Sequence[Mapping[str, Any]], outputs: Sequence[Mapping[str, Any]], card: Mapping[str, Any]
) -> dict[str, Callable[[Path], None]]:
    """What is drawn of forecasts that a run or an export answered.

    Args:
        rows: What `requests` returned.
        outputs: The answer to each.
        card: Of the run or the export; it may come from anyone.

    Returns:
        Name -> a function that draws the figure into a file; nothing of a forecaster of directions.

    Raises:
        ValueError: The card has another form, or an answer other sizes than it says.

    Example:
        `answer_figures(rows, predictor.predict(rows), predictor.card)["forecasts"](Path("forecasts.png"))`
    """
    import numpy as np

    from pipelines.forecasting.series_files import grid_of
    from pipelines.runs.reports import captions
    from pipelines.runs.rows import output_columns, table_card
    from pipelines.sources.tables import table_reading
    from tfmodels import metrics, plots

    table = table_card.table_of(card)
    if not outputs or "up" in outputs[0]:
        return {}
    grid = grid_of(table, table_reading.from_dict(table["columns"]).form)
    channels, horizon, levels = table["channels"], table["horizon"], table["levels"]
    drawn = []
    for row, output in zip(rows, outputs, strict=True):
        history = np.asarray(row["values"], float)
        mean = output_columns.numbers(output, "mean", (horizon, len(channels)))
        quantiles = output_columns.numbers(output, "quantiles", (horizon, len(channels), len(levels)))
        ahead = output_columns.numbers(output, "time", (horizon,)).astype(np.int64)
        time = grid.dates(np.concatenate([np.asarray(row["time"], np.int64), ahead]))
        season = table.get("season", 0)
        naive = metrics.seasonal_naive(history[np.newaxis], horizon, season)[0] if 0 < season <= len(history) else None
        for place, channel in enumerate(channels):
            drawn.append(
                plots.DrawnForecast(
                    title=f"{row['series']}: {channel}" if row["series"] else channel,
                    time=time,
                    history=history[:, place],
                    truth=np.full(horizon, np.nan),
                    mean=mean[:, place],
                    quantiles=quantiles[:, place],
                    target=channel,
                    naive=None if naive is None else naive[:, place],
                )
            )
    return {"forecasts": partial(plots.draw_forecasts, drawn, levels, caption=captions.of_export(card))}
