"""Roles of columns that nobody named, guessed from names and cells where only one reading fits."""

import re
import shlex
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines.sources.tables import table_files, table_numbers
from pipelines.sources.tables.table_cells import are_bytes, cells, is_typed
from pipelines.sources.tables.table_columns import Columns
from pipelines.sources.tables.table_files import UNNAMED
from pipelines.sources.tables.table_numbers import Marks
from pipelines.sources.times import stamp_cells, stamp_numbers, stamp_shapes
from tfmodels import option_lists

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_TIMES = (
    "ds",
    "date",
    "datetime",
    "date_time",
    "time",
    "timestamp",
    "day",
    "week",
    "month",
    "quarter",
    "year",
    "period",
)
_PARTS = ("year", "quarter", "month", "day", "hour", "minute", "second")  # columns that name a time together
_SERIES = ("unique_id", "series_id", "item_id", "series")
_TARGET = "y"
_LOOKED_AT = 1000  # distinct cells of a column
_MOST = 0.9  # share of the cells that are dates, or of the rows that a column tells apart
_SEVERAL = 2  # rows with each timestamp, in the mean, from which on a table holds several series


def complete(columns: Columns, frame: "pd.DataFrame", names: list[str], marks: Marks) -> Columns:
    """Guesses the columns of time, series and target that are not named.

    Args:
        columns: The roles as the user gave them.
        frame: The table.
        names: Its columns.
        marks: How its numbers are written.

    Returns:
        The roles. Nothing is guessed for the layout `rows`, and no target where the user named the time.

    Raises:
        ValueError: Two columns fit one role; the message names them, and whatever else is open.

    Example:
        `complete(Columns(), frame, ["ds", "y"], Marks())` -> `Columns(time=("ds",), target=("y",))`
    """
    if columns.layout == "rows":
        return columns
    given = {
        name for role in ("time", "target", "series", "past", "known", "static") for name in getattr(columns, role)
    }
    left = [name for name in _readable(frame, names) if name not in given and not name.startswith(UNNAMED)]
    open_: list[str] = []
    if not columns.series:
        named = [name for name in left if name.lower() in _SERIES]
        columns, open_ = replace(columns, series=tuple(named[:1])), _open("series", named)
        left = [name for name in left if name not in named]
    if not columns.time:
        times = _times(frame, left, marks)
        columns = replace(columns, time=times if len(times) == 1 or _are_parts(times) else times[:1])
        open_ += [] if columns.time == times else _open("time", times)
        if columns.time and not columns.target and columns.layout != "columns":
            numbers = _numbers(frame, [name for name in left if name not in times], marks)
            columns, names = replace(columns, target=numbers[:1]), [name for name in names if name not in numbers]
            open_ += _open_target(numbers)
    if open_:
        raise ValueError("\n".join([*open_, *_open_series(columns, frame, names)]))
    return columns


def refuse_several(columns: Columns, frame: "pd.DataFrame", names: list[str], times: "np.ndarray") -> None:
    """Refuses a table of one series whose timestamps occur in several rows each.

    Args:
        columns: The roles.
        frame: The table.
        names: Its columns.
        times: The timestamps, float64 `[rows]`; NaN where there is none.

    Raises:
        ValueError: The table holds several series; the message names the columns that tell them apart.
    """
    import numpy as np

    there = np.isfinite(times)
    distinct = len(np.unique(times[there]))
    if columns.series or not distinct or there.sum() < _SEVERAL * distinct:
        return
    raise ValueError(
        f"Expected series, the columns that tell apart rows of the same time: "
        f"{_apart(columns, frame, names, times) or '--series COLUMN,COLUMN'}. "
        f"Received: series='', {there.sum():,} rows of {distinct:,} distinct times"
    )


def several(columns: Columns, frame: "pd.DataFrame", names: list[str], times: "np.ndarray") -> str:
    """What to type if rows with the same timestamp are of several series: the beginning of a message.

    Args:
        columns: See `refuse_several`.
        frame: Likewise.
        names: Likewise.
        times: Likewise.

    Returns:
        The text; empty if the series are named.

    Example:
        `several(columns, frame, ["day", "y", "shop"], times)` -> `"--series shop to tell apart ..., or "`
    """
    if columns.series:
        return ""
    apart = _apart(columns, frame, names, times) or "--series COLUMN"
    return f"{apart} to tell apart rows with the same timestamp, or "


def without_dates(frame: "pd.DataFrame") -> str:
    """What to type for the time of a table in which no column has dates: numbers that rise may be dates, too.

    Example:
        `without_dates(frame)` -> `"--time Zeit, whose numbers may be dates; no column has others"`
    """
    may_be = [name for name in _readable(frame, table_files.names(frame)) if _may_be_time(frame, name)]
    if not may_be:
        return "--time COLUMN; no column has dates"
    typed = " or ".join(f"--time {_typed([name])}" for name in may_be)
    return f"{typed}, whose numbers may be dates; no column has others"


def _may_be_time(frame: "pd.DataFrame", name: str) -> bool:
    """Whether a column is of numbers that can be read as timestamps and rise from row to row."""
    import numpy as np

    cells = stamp_cells.cells_of(frame, (name,))
    if cells.are_dates or cells.numbers is None:
        return False
    try:
        stamp_numbers.find(cells.numbers)
    except ValueError:
        return False
    rows, _ = cells.by_row(cells.as_numbers(), np.isfinite(cells.as_numbers()))
    return len(rows) > 1 and bool((np.diff(rows) >= 0).mean() >= _MOST)


def _apart(columns: Columns, frame: "pd.DataFrame", names: list[str], times: "np.ndarray") -> str:
    """The options that name columns whose values occur once at each time, or else nearly so."""
    left = (*columns.unused(_readable(frame, names)), *columns.static)
    shares = {name: _share_apart(frame[name], times) for name in left}
    best = max(shares.values(), default=0.0)
    found = [name for name, share in shares.items() if share == best >= _MOST]
    return " or ".join(f"--series {_typed([name])}" for name in found[:5])


def _readable(frame: "pd.DataFrame", names: list[str]) -> list[str]:
    return [name for name in names if not are_bytes(frame[name])]


def _times(frame: "pd.DataFrame", names: list[str], marks: Marks) -> tuple[str, ...]:
    """The columns that may be the time, or those that name it together."""
    lower = {name.strip().lower(): name for name in names}
    parts = tuple(lower[part] for part in _PARTS if part in lower and _is_number(frame[lower[part]], marks))
    return parts if _are_parts(parts) else tuple(name for name in names if _is_time(frame[name], name, marks))


def _are_parts(names: tuple[str, ...]) -> bool:
    lower = [name.strip().lower() for name in names]
    return len(names) > 1 and "year" in lower and set(lower) <= set(_PARTS)


def _numbers(frame: "pd.DataFrame", names: list[str], marks: Marks) -> tuple[str, ...]:
    """The columns that may be the target."""
    if _TARGET in names:
        return (_TARGET,)
    return tuple(name for name in names if _is_number(frame[name], marks) and not _are_codes(frame[name]))


def _open(role: str, fitting: Sequence[str]) -> list[str]:
    """The message if several columns fit a role."""
    remedy = " or ".join(f"--{role} {_typed([name])}" for name in fitting)
    message = f"Expected one column of {role}: {remedy}. Received: {role}='', and {len(fitting)} columns fit"
    return [message] if len(fitting) > 1 else []


def _open_target(numbers: Sequence[str]) -> list[str]:
    """The message if several columns may be the target."""
    message = (
        f"Expected target, the columns to forecast: --target {_typed(numbers[:1])} for one of them, all as channels of "
        f"one series with --target {_typed(numbers)}, or each as a series of its own with --layout columns --target "
        f"{_typed(numbers)}. Received: target='', and {len(numbers)} columns of numbers fit"
    )
    return [message] if len(numbers) > 1 else []


def _open_series(columns: Columns, frame: "pd.DataFrame", names: list[str]) -> list[str]:
    """The message if the table holds several series, as far as the cells of its time tell."""
    import numpy as np
    import pandas as pd

    if len(columns.time) != 1:
        return []
    codes = pd.factorize(frame[columns.time[0]])[0].astype(np.float64)
    try:
        refuse_several(columns, frame, names, codes)
    except ValueError as error:
        return [str(error)]
    return []


def _is_time(column: "pd.Series", name: str, marks: Marks) -> bool:
    """Whether all cells are dates; of bare numbers, whether the name says so."""
    import pandas as pd

    if pd.api.types.is_datetime64_any_dtype(column) or "timestamp" in str(column.dtype) or "date" in str(column.dtype):
        return True
    if _is_number(column, marks):
        return name.strip().lower() in _TIMES
    texts = [text for text in cells(column).trimmed[:_LOOKED_AT].to_pylist() if text]
    shaped = [stamp_shapes.shape_of(re.sub(r"\d", "0", text)) is not None for text in texts]
    return bool(shaped) and sum(shaped) > _MOST * len(shaped)


def _is_number(column: "pd.Series", marks: Marks) -> bool:
    """Whether all cells that are not empty are numbers, whatever their marks, and one is."""
    if is_typed(column):
        return True
    styles = [marks] if marks.decimal else [Marks(".", "", marks.missing), Marks(",", "", marks.missing)]
    styles += [Marks(".", ",", marks.missing), Marks(",", ".", marks.missing)] if not marks.decimal else []
    read = [table_numbers.read(column, style) for style in styles]
    return any(not one.wrong.any() and not one.missing.all() for one in read)


def _are_codes(column: "pd.Series") -> bool:
    """Whether all cells are whole numbers, and one has a leading zero, as codes of shops have."""
    texts = [] if is_typed(column) else [text for text in cells(column).trimmed[:_LOOKED_AT].to_pylist() if text]
    return all(text.isdecimal() for text in texts) and any(len(text) > 1 and text[0] == "0" for text in texts)


def _share_apart(column: "pd.Series", times: "np.ndarray") -> float:
    """The share of rows that are left if a value of the column counts once at each time; 0 if each row has its own."""
    import numpy as np

    there = np.isfinite(times)
    codes = cells(column).codes[there].astype(np.int64)
    pairs = np.stack([codes, times[there].astype(np.int64)])
    is_own = len(np.unique(codes)) == there.sum()
    return 0.0 if is_own else np.unique(pairs, axis=1).shape[1] / pairs.shape[1]


def _typed(names: Sequence[str]) -> str:
    """Names as one types them behind an option."""
    return shlex.quote(option_lists.join(list(names)))
