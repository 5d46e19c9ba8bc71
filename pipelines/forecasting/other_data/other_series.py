"""Series of another table than a run was prepared from, to be scored with all that the run decided."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np

from pipelines.forecasting import series_data, series_files
from pipelines.forecasting.forecast_options import ForecastOptions
from pipelines.runs import Run
from pipelines.runs.rows import quantile_levels
from pipelines.sources.faults import collect_faults
from pipelines.sources.split_names import OTHER
from pipelines.sources.tables import time_splits
from tfmodels import training
from tfmodels.training import Series, SeriesRows


class OtherSeries(NamedTuple):
    """The series to score.

    Attributes:
        windows: Their windows.
        notes: What a report says of them.
    """

    windows: training.Windows
    notes: list[str]


def read(config: ForecastOptions, run: Run, split: str) -> OtherSeries:
    """Reads the table that `run.other` names, as that of training was read; nothing is fitted to it.

    Args:
        config: Options of the run.
        run: A prepared run.
        split: `validation` or `test`, divided as `config.split` says; or `other`, all of each series: the first
            forecast follows a full history of at least two seasons, which are the unit of MASE, or what a short series
            has before its last `config.horizon` steps.

    Returns:
        The windows. Errors are measured in units of the table's own series: see `window_scores.units`.

    Raises:
        FileNotFoundError: There is no table.
        ValueError: The table has another form, or no series has room for a forecast.

    Example:
        `read(config, replace(run, other="next_year.csv"), "other").windows`
    """
    table = series_data.card(config, run, quantile_levels.parse(config.levels))
    with collect_faults(config.on_bad) as faults:
        read = series_files.read_table(Path(run.other), table, faults)
        if split == OTHER:
            history = max(config.context, 2 * series_data.season(config, run))
            series = [one._replace(bounds=_after(history, one, config.horizon)) for one in read.series]
        else:
            series = time_splits.divide(read.series, config.split, config.horizon, faults, read.grid)
    with TemporaryDirectory() as folder:  # the open files outlive it
        rows = SeriesRows.write(Path(folder) / "series", series)
    windows = series_data.windows_of(config, run, rows, "test" if split == OTHER else split)
    if not len(windows):
        raise ValueError(
            f"Expected series with room for a history and {config.horizon} steps. Received: data={run.other!r}, whose "
            f"longest has {int(np.diff(rows.offsets).max()):,}"
        )
    return OtherSeries(windows, _notes(run, rows, windows))


def _after(history: int, one: Series, horizon: int) -> tuple[int, int, int]:
    steps = len(one.time)
    first = min(history, max(steps - horizon, 1))
    return first, first, steps


def _notes(run: Run, rows: SeriesRows, windows: training.Windows) -> list[str]:
    """Which series are new to the run, and which forecasts lie in what it was trained on."""
    trained = series_data.rows(run)
    places = {name: place for place, name in enumerate(trained.names)}
    series, origin = windows.locate(np.arange(len(windows)))
    starts = rows.time[rows.offsets[series] + origin]
    known = np.array([places.get(name, -1) for name in rows.names])[series]
    place = np.maximum(known, 0)
    last = trained.time[trained.offsets[place] + np.maximum(trained.bounds[place, 1] - 1, 0)]
    seen = int(((known >= 0) & (starts <= last)).sum())
    unseen = sum(name not in places for name in rows.names)
    return [
        f"{unseen:,} of {len(rows.names):,} series are not in the data of the run",
        *([f"{seen:,} of {len(windows):,} forecasts begin within the training data of the run"] if seen else []),
    ]
