"""Tables of forecasts, in files and data frames: a row for each series and step."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipelines.sources.files import file_formats, row_files
from pipelines.sources.tables import number_texts, series_names, table_reading
from pipelines.sources.tables.table_columns import Columns
from pipelines.sources.times import time_form
from pipelines.sources.times.time_form import TimeForm

if TYPE_CHECKING:
    import pandas as pd

_MEDIAN = 0.5
_SERIES, _TIME, _STEP = "series", "time", "step"  # columns of what has no column in the table


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


def write_answers(
    path: Path, rows: Sequence[dict[str, Any]], outputs: Sequence[dict[str, Any]], table: dict[str, Any]
) -> None:
    """Writes forecasts: a row for each series and step, mean and quantiles (or `up`) of each channel in columns.

    Texts have the delimiter, the encoding and the decimal mark of the training data, so that they continue it.

    Args:
        path: A .csv, .tsv, .jsonl or .parquet file; all but the last may be .gz.
        rows: What `series_files.read_requests` returned.
        outputs: The outputs of `serving_default` for them.
        table: What `series_files.card` returned.

    Raises:
        ValueError: The file cannot hold a table.
    """
    reading = table_reading.from_dict(table["columns"])
    typed = file_formats.of(path) in ("jsonl", "parquet")
    write = _exact if typed else _texts if "dtype" in table else _rounded
    if not typed and reading.marks is not None and reading.marks.decimal == ",":
        write = partial(_with_commas, write)
    names, cells = _answered(rows, outputs, table, write, path.suffix in (".parquet", ".pq"))
    row_files.write(path, names, cells, reading.dialect)


def answer_frame(
    rows: Sequence[dict[str, Any]], outputs: Sequence[dict[str, Any]], table: dict[str, Any]
) -> "pd.DataFrame":
    """As `write_answers`, a data frame: its times are dates, in the zone of the series if timestamps name theirs.

    Returns:
        The columns of the file. Where training had several columns of time, they are one, `time`.
    """
    import pandas as pd

    columns = table["columns"]
    form = {**columns["time_form"], "formats": [time_form.TYPED]} if columns.get("time_form") else None
    time = list(columns["time"]) if len(columns["time"]) <= 1 else [_TIME]
    typed = table | {"columns": columns | {"time": time, "time_form": form}}
    names, cells = _answered(rows, outputs, typed, _exact, dates=True)
    return pd.DataFrame(list(cells), columns=names)


def shown(
    rows: Sequence[dict[str, Any]], outputs: Sequence[dict[str, Any]], table: dict[str, Any]
) -> tuple[int, list[str], list[list[Any]]]:
    """What the terminal shows of forecasts: a row for each series, channel and step.

    Args:
        rows: What `series_files.read_requests` returned.
        outputs: The outputs of `serving_default` for them.
        table: What `series_files.card` returned.

    Returns:
        How many columns name the series and the channel, where there are several; the names of the columns: these, the
        time, and the median (of models without one the mean) with the outermost quantiles, or `up`; and the rows.

    Example:
        `shown(rows, predictor.predict(rows), card["table"])[1]` -> `["series", "time", "median", "q0.1", "q0.9"]`
    """
    names, cells = _answered(rows, outputs, table, _texts if "dtype" in table else _rounded, dates=False)
    channels, found = table["channels"], list(cells)
    levels = None if outputs and "up" in outputs[0] else table["levels"]
    width = len(_channel_names("", levels))
    about = len(names) - width * len(channels)
    ids = about - max(1, len(table["columns"]["time"]))
    picked = _picked(levels)
    several = len(channels) > 1
    chosen, start = [], 0
    for output in outputs:
        steps = found[start : start + len(output["time"])]
        start += len(steps)
        for place, channel in enumerate(channels):
            of = about + place * width
            chosen += [
                [*step[:ids], *([channel] if several else []), *step[ids:about], *(step[of + one] for one in picked)]
                for step in steps
            ]
    return ids + several, [*names[:ids], *(["channel"] if several else []), *names[ids:about], *picked.values()], chosen


def _picked(levels: Sequence[float] | None) -> dict[int, str]:
    """Place of a number of a channel -> what it is called, of those that the terminal shows."""
    if levels is None:
        return {0: "up"}
    middle = {1 + levels.index(_MEDIAN): "median"} if _MEDIAN in levels else {0: "mean"}
    return middle | ({1: f"q{levels[0]:g}", len(levels): f"q{levels[-1]:g}"} if len(levels) > 1 else {})


def dates(times: np.ndarray, table: dict[str, Any]) -> "pd.Series":
    """Times of series as `answer_frame` has them.

    Args:
        times: int64 `[n]`.
        table: What `series_files.card` returned.
    """
    form = table_reading.from_dict(table["columns"]).form
    typed = replace(form, formats=(time_form.TYPED,)) if form else None
    return time_form.written(times, typed, (_TIME,))[_TIME]


def _answered(
    rows: Sequence[dict[str, Any]],
    outputs: Sequence[dict[str, Any]],
    table: dict[str, Any],
    write: Callable[[dict[str, Any], dict[str, Any]], list[list[Any]]],
    dates: bool,
) -> tuple[list[str], Iterator[list[Any]]]:
    """The columns of a table of forecasts, and its rows; times that are dates are dates, or else texts."""
    reading = table_reading.from_dict(table["columns"])
    columns = reading.columns
    if reading.marks is None and (len(columns.series) > 1 or columns.layout == "columns"):
        columns = Columns(columns.time)  # earlier versions wrote one name for all
    if reading.marks is None and not columns.time:
        columns = replace(columns, time=(_TIME,))  # and dates from 1970 on
    named = any(row["series"] for row in rows)
    levels = None if outputs and "up" in outputs[0] else table["levels"]
    names = [name for channel in table["channels"] for name in _channel_names(channel, levels)]
    if outputs and len(names) != (given := _numbers(outputs[0])[0].size):
        raise ValueError(
            f"Expected {len(names)} numbers in each step of a forecast, by `channels` and `levels` of the card of the "
            f"model. Received: {given}. Copy the export again, or export it again."
        )
    stamps = iter(_stamps([output["time"] for output in outputs], reading.form, columns.time, dates))
    parts = (_parts(row["series"], columns) if named else [] for row in rows)
    cells = (
        [*ids, *next(stamps), *values]
        for ids, row, output in zip(parts, rows, outputs, strict=True)
        for values in write(output, row)
    )
    return [*_names(columns, named), *names], cells


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


def _with_commas(
    write: Callable[[dict[str, Any], dict[str, Any]], list[list[Any]]], output: dict[str, Any], row: dict[str, Any]
) -> list[list[str]]:
    """What another function writes, with decimal commas."""
    return [[str(value).replace(".", ",") for value in step] for step in write(output, row)]


def _numbers(output: dict[str, Any]) -> np.ndarray:
    """The numbers of a forecast, `[horizon, channels, n]`: mean and quantiles, or the probability of up."""
    if "up" in output:
        return np.asarray(output["up"])[..., np.newaxis]
    return np.concatenate([np.asarray(output["mean"])[..., np.newaxis], np.asarray(output["quantiles"])], axis=-1)


def _stamps(times: list[Any], form: TimeForm | None, names: tuple[str, ...], dates: bool) -> list[list[Any]]:
    """The cells of the times of all forecasts, as the table of training has them; without times, steps ahead.

    Dates are texts where a file has no others.
    """
    if not names:
        return [[step] for of_one in times for step in range(1, len(of_one) + 1)]
    written = time_form.written(np.concatenate([np.zeros(0, np.int64), *map(np.asarray, times)]), form, names)
    columns = [
        cells.astype(object) if dates or cells.dtype.kind != "M" else cells.astype(str) for _, cells in written.items()
    ]
    return [list(row) for row in zip(*columns, strict=True)]
