"""Forecasts from and to files: a table of histories in, a table of forecasts out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.forecasting.calendars import served_times
from pipelines.sources.faults import Faults, collect_faults
from pipelines.sources.files import file_formats, row_files
from pipelines.sources.tables import number_texts, series_names, table_reading, table_series, time_grid
from pipelines.sources.tables.table_columns import Columns
from pipelines.sources.tables.table_covariates import Categories
from pipelines.sources.tables.table_reading import Reading
from pipelines.sources.tables.table_series import Table
from pipelines.sources.tables.time_grid import IRREGULAR, Grid
from pipelines.sources.times import time_form
from pipelines.sources.times.time_form import TimeForm
from tfmodels.preprocessing.clock import Clock
from tfmodels.training import Series

_SERIES, _TIME, _STEP = "series", "time", "step"  # columns of what has no column in the table


def card(reading: Reading, grid: Grid | None, **rest: Any) -> dict[str, Any]:
    """The description of its tables that an export keeps.

    Args:
        reading: How the training data was read.
        grid: Distance of two steps; None if they are irregular.
        **rest: `context`, `horizon`, `levels`, `channels`, `on_bad`, what `read_requests` does about faults, `dtype`,
            the type of the values, and `daily`, the columns of known covariates that hold for whole days.

    Returns:
        The description, in a form that JSON can hold.
    """
    steps = {name: value for name, value in asdict(grid).items() if name != "clock"} if grid else None
    frequency = grid.frequency if grid else IRREGULAR
    return {"columns": table_reading.to_dict(reading), "frequency": frequency, "grid": steps, **rest}


def check_names(columns: Columns, channels: Sequence[str], levels: Sequence[float]) -> None:
    """Refuses a table whose forecasts would have two columns of one name.

    Args:
        columns: The role of each column.
        channels: Names of the channels.
        levels: Levels of the quantiles.

    Raises:
        ValueError: They would.

    Example:
        `check_names(Columns(("hour",), ("load",)), ["load"], (0.1, 0.9))`
    """
    of_channels = [name for channel in channels for name in _channel_names(channel, levels)]
    name, count = Counter([*_names(columns, named=True), *of_channels]).most_common(1)[0]
    if count > 1:
        raise ValueError(
            f"Expected columns that give the table of forecasts different names. Received: {name!r} twice, of the "
            f"columns {', '.join([*columns.series, *columns.time, *columns.target])}. Rename one of them"
        )


def read_requests(path: Path, table: dict[str, Any]) -> list[dict[str, Any]]:
    """Reads histories.

    The history of a series ends with the last step that has a value; a model with known covariates needs them for the
    whole horizon after it, in rows with empty targets.

    Args:
        path: A table like the one the model was trained on.
        table: What `card` returned, with what `served_times.described` did.

    Returns:
        For each series its name, `series`, and the inputs of `serving_default`.

    Raises:
        ValueError: A series has no value, or a fault is an error; too few rows of known covariates are one.

    Example:
        `read_requests(Path("history.csv"), card["table"])[0]["values"]`
    """
    with collect_faults(table.get("on_bad", "warn")) as faults:
        read = read_table(path, table, faults)
        daily = table.get("daily", ())
        found = [_request(one, table["context"], table["horizon"], read, daily, faults) for one in read.series]
        for note in served_times.notes(found, table, read.grid):
            faults.note(note)
        return found


def read_table(path: Path, table: dict[str, Any], faults: Faults) -> Table:
    """Reads series with all that was decided about the table of training.

    Args:
        path: A table like the one the model was trained on.
        table: What `card` returned; perhaps with `ambiguous`, see `TimeForm`, in place of what training decided.
        faults: Receives bad rows and series.

    Returns:
        The series.
    """
    reading = table_reading.from_dict(table["columns"])
    if reading.form and table.get("ambiguous"):
        reading = replace(reading, form=replace(reading.form, ambiguous=table["ambiguous"]))
    found = table_series.read(path, reading, _steps(table, reading.form), faults)
    if reading.marks and found.reading.marks and found.reading.marks != reading.marks:
        faults.note(f"the training data shows no marks of numbers; those of {path} are read as: {found.reading.marks}")
    return found


def write_answers(
    path: Path, rows: Sequence[dict[str, Any]], outputs: Sequence[dict[str, Any]], table: dict[str, Any]
) -> None:
    """Writes forecasts: a row for each series and step, mean and quantiles (or `up`) of each channel in columns.

    Texts have the delimiter, the encoding and the decimal mark of the training data, so that they continue it.

    Args:
        path: A .csv, .tsv, .jsonl or .parquet file; all but the last may be .gz.
        rows: What `read_requests` returned.
        outputs: The outputs of `serving_default` for them.
        table: What `card` returned.

    Raises:
        ValueError: The file cannot hold a table.
    """
    reading = table_reading.from_dict(table["columns"])
    columns = reading.columns
    if reading.marks is None and (len(columns.series) > 1 or columns.layout == "columns"):
        columns = Columns(columns.time)  # earlier versions wrote one name for all
    if reading.marks is None and not columns.time:
        columns = replace(columns, time=(_TIME,))  # and dates from 1970 on
    named = any(row["series"] for row in rows)
    levels = None if outputs and "up" in outputs[0] else table["levels"]
    names = [name for channel in table["channels"] for name in _channel_names(channel, levels)]
    times = [_stamps(output["time"], reading.form, columns.time, path) for output in outputs]
    typed = file_formats.of(path) in ("jsonl", "parquet")
    write = _exact if typed else _texts if "dtype" in table else _rounded
    comma = not typed and reading.marks is not None and reading.marks.decimal == ","
    parts = (_parts(row["series"], columns) if named else [] for row in rows)
    cells = (
        [*ids, *time, *([str(value).replace(".", ",") for value in values] if comma else values)]
        for ids, stamps, row, output in zip(parts, times, rows, outputs, strict=True)
        for time, values in zip(stamps, write(output, row), strict=True)
    )
    row_files.write(path, [*_names(columns, named), *names], cells, reading.dialect)


def _steps(table: dict[str, Any], form: TimeForm | None) -> str | Grid:
    """The grid of training, or `IRREGULAR`."""
    if table["frequency"] == IRREGULAR:
        return IRREGULAR
    if not table.get("grid"):  # of an earlier version
        return time_grid.grid_of(table["frequency"])
    return Grid(**table["grid"], clock=form.clock if form else Clock())


def _names(columns: Columns, named: bool) -> list[str]:
    """The columns of a table of forecasts that name the series and the time."""
    ids = [*columns.series, *[_SERIES] * (columns.layout == "columns" or not columns.series)] if named else []
    return [*ids, *(columns.time or (_STEP,))]


def _parts(name: str, columns: Columns) -> list[str]:
    """The cells that name a series."""
    if not columns.series:
        return [name]
    return series_names.parted(name, len(columns.series) + (columns.layout == "columns"))


def _channel_names(channel: str, levels: Sequence[float] | None) -> list[str]:
    return [f"{channel}_up"] if levels is None else [channel, *(f"{channel}_q{level:g}" for level in levels)]


def _exact(output: dict[str, Any], row: dict[str, Any]) -> list[list[float]]:
    """The numbers of each step of a forecast, in the order of `_channel_names`."""
    numbers = _numbers(output)
    return numbers.reshape(len(numbers), -1).tolist()


def _rounded(output: dict[str, Any], row: dict[str, Any]) -> list[list[str]]:
    """The same as texts of seven digits, those of the float32 that exports of earlier versions answer."""
    return [[f"{number:.7g}" for number in step] for step in _exact(output, row)]


def _texts(output: dict[str, Any], row: dict[str, Any]) -> list[list[str]]:
    """The same as texts, with the digits of the history."""
    numbers = _numbers(output)
    histories = np.zeros([0, numbers.shape[1]]) if "up" in output else np.asarray(row["values"])
    columns = [
        number_texts.texts(numbers[:, channel].ravel(), histories[:, channel]) for channel in range(numbers.shape[1])
    ]
    texts = np.array(columns, object).reshape(numbers.shape[1], len(numbers), -1)
    return texts.transpose(1, 0, 2).reshape(len(numbers), -1).tolist()


def _numbers(output: dict[str, Any]) -> np.ndarray:
    """The numbers of a forecast, `[horizon, channels, n]`: mean and quantiles, or the probability of up."""
    if "up" in output:
        return np.asarray(output["up"])[..., np.newaxis]
    return np.concatenate([np.asarray(output["mean"])[..., np.newaxis], np.asarray(output["quantiles"])], axis=-1)


def _stamps(times: Any, form: TimeForm | None, names: tuple[str, ...], path: Path) -> list[list[Any]]:
    """The cells of the times of a forecast, as the table of training has them; without times, steps ahead.

    Dates are texts where a file has no others.
    """
    if not names:
        return [[step] for step in range(1, len(times) + 1)]
    written = time_form.written(np.asarray(times), form, names)
    typed = path.suffix in (".parquet", ".pq")
    columns = [
        cells.astype(object) if typed or cells.dtype.kind != "M" else cells.astype(str) for _, cells in written.items()
    ]
    return [list(row) for row in zip(*columns, strict=True)]


def _request(
    series: Series, context: int, horizon: int, read: Table, daily: Sequence[str], faults: Faults
) -> dict[str, Any]:
    name = f"series {series.name!r}" if series.name else "the series"
    observed = np.flatnonzero(np.isfinite(series.values).any(axis=1))
    if not len(observed):
        raise ValueError(f"Expected a history with values. Received: none in {name}")
    end = int(observed[-1]) + 1
    if read.reading.columns.known:
        _check_known(series, end, horizon, read, daily, name, faults)
    window = {"values": series.values[:end], "past": series.past[:end], "time": series.time[:end]}
    fitted = {key: _newest(array, context, 0 if key == "time" else np.nan) for key, array in window.items()}
    ahead = series.known[end : end + horizon]
    absent = np.full([horizon - len(ahead), ahead.shape[1]], np.nan)
    known = _newest(np.concatenate([series.known[:end], ahead, absent]), context + horizon, np.nan)
    return {"series": series.name, **fitted, "known": known, "static": series.static}


def _check_known(
    series: Series, end: int, horizon: int, read: Table, daily: Sequence[str], name: str, faults: Faults
) -> None:
    """Known covariates must be there for the whole horizon, those of days once in each of its days."""
    reading, text = read.reading, read.grid.text
    ahead = len(series.time) - end
    if ahead < horizon:
        faults.found(
            f"rows with known covariates and empty targets for {horizon} steps after the last value",
            f"{ahead} in {name}, whose last value is at {text(int(series.time[end - 1]))}",
            "the covariates of the others are missing for the model",
        )
    columns = (reading.categories or Categories()).sources(reading.columns.known)
    place = [columns.index(column) for column in reading.columns.known]  # one of the indicators of each
    missing = np.isnan(series.known[:, place])
    days = read.grid.clock.local(series.time) // read.grid.clock.day
    for number, of in enumerate(reading.columns.known):
        if of in daily:
            missing[:, number] = ~np.isin(days, days[~missing[:, number]])
    step, column = np.nonzero(missing[end : end + horizon])
    if len(step):
        faults.found(
            f"a value of each known covariate for {horizon} steps after the last value",
            f"none of {reading.columns.known[column[0]]!r} at "
            f"{text(int(series.time[end + step[0]]))} in {name}",
            "it is missing for the model", len(step),
        )  # fmt: skip


def _newest(rows: np.ndarray, steps: int, padding: float) -> np.ndarray:
    """The last steps, padded at the start where there are fewer."""
    rows = rows[-steps:]
    missing = np.full([steps - len(rows), *rows.shape[1:]], padding, rows.dtype)
    return np.concatenate([missing, rows])
