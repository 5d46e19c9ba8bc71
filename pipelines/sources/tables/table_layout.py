"""Brings the files of a table to one layout: the same columns in each, and a row for each step of each series."""

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines.sources.tables.table_cells import is_typed
from pipelines.sources.tables.table_columns import TIME, VALUE, Columns
from pipelines.sources.tables.table_files import (
    AGAIN,
    COLUMN,
    FILE,
    LINE,
    SPLIT,
    UNNAMED,
    looks_like_time,
    names,
    place,
)
from pipelines.sources.tables.table_numbers import Marks, are_missing

if TYPE_CHECKING:
    import pandas as pd

_EXACT = 2**53  # up to here all whole numbers are float64


def in_one_layout(frame: "pd.DataFrame", columns: Columns, marks: Marks, dated: bool) -> "pd.DataFrame":
    """Renames the columns of a file that match a pattern, and gives each step a row.

    Args:
        frame: The table of a file.
        columns: The roles. A name with a `*` stands for the one column that matches it. With the layout `rows`, the
            values to the right of the columns `series` and `static` become the column `VALUE`; empty cells at the end
            of a row are left out.
        marks: Marks of missing values.
        dated: Whether names of these columns that are dates become the column `TIME`.

    Returns:
        The table.

    Raises:
        ValueError: No column, or more than one, matches a name, or a file has a series twice.
    """
    roles = (columns.time, columns.target, columns.series, columns.past, columns.known, columns.static)
    fitting = {_fitting(frame, name): name for role in roles for name in role if "*" in name}
    frame = frame.rename(columns=fitting)
    return _steps_of(frame, columns, marks, dated) if columns.layout == "rows" else frame


def with_time(frame: "pd.DataFrame", columns: Columns) -> Columns:
    """The roles, with the time that `in_one_layout` made of the names of columns."""
    has_time = columns.layout == "rows" and TIME in frame and TIME not in (*columns.series, *columns.static)
    return replace(columns, time=(TIME,)) if has_time else columns


def _fitting(frame: "pd.DataFrame", name: str) -> str:
    pattern = re.compile(re.escape(name).replace(r"\*", ".*"))
    found = [column for column in names(frame) if pattern.fullmatch(column)]
    if len(found) != 1:
        raise ValueError(
            f"Expected one column that matches {name!r} in {frame[FILE].iloc[0]}: {', '.join(names(frame))}. "
            f"Received: {', '.join(found) or 'none'}"
        )
    return found[0]


def _steps_of(frame: "pd.DataFrame", columns: Columns, marks: Marks, dated: bool) -> "pd.DataFrame":
    import numpy as np
    import pandas as pd

    if not columns.series:
        raise ValueError(
            "Expected series, the column that names the series of each row, with layout='rows'. Received: series=''"
        )
    keys = [*columns.series, *columns.static]
    if not set(keys) <= set(frame.columns):
        return frame  # `table_columns.resolve` names the missing one
    again = np.flatnonzero(frame.duplicated(list(columns.series)))
    if len(again):
        raise ValueError(f"Expected each series in one row of a file. Received: a second row, {place(frame, again[0])}")
    of_values = [name for name in names(frame) if name not in keys]
    if not of_values:
        raise ValueError(f"Expected columns of values beside {', '.join(keys)}. Received: none in {place(frame, 0)}")
    unnamed = [name for name in of_values if name.endswith(AGAIN) or name.startswith(UNNAMED)]
    if wrong := next((name for name in unnamed if frame[name].notna().any()), None):
        raise ValueError(
            f"Expected a name of its own for each column of values. Received: {wrong.strip(AGAIN)!r}, in "
            f"{frame[FILE].iloc[0]}"
        )
    timed = [name for name in of_values if looks_like_time(name)] if dated and TIME not in keys else []
    if odd := [name for name in of_values if name not in timed and len(timed) > 1]:
        raise ValueError(
            f"Expected dates as the names of all columns of values; name the others with --static, or leave them out. "
            f"Received: {', '.join(map(repr, odd[:5]))} beside {timed[0]!r}, in {frame[FILE].iloc[0]}"
        )
    cells = _below_each_other(frame, of_values)
    missing = are_missing(cells, marks).reshape(len(of_values), len(frame)).T
    length = np.where(missing.all(axis=1), 0, len(of_values) - (~missing)[:, ::-1].argmax(axis=1))
    row, column = np.nonzero(np.arange(len(of_values)) < length[:, np.newaxis])
    steps = frame[[*keys, FILE, LINE, SPLIT]].iloc[row].reset_index(drop=True)
    values = cells.take(column * len(frame) + row).reset_index(drop=True)
    if len(timed) == len(of_values):
        steps[TIME] = np.array(of_values, object)[column]
    return steps.assign(**{VALUE: values, COLUMN: pd.Categorical.from_codes(column.tolist(), pd.Index(of_values))})


def _below_each_other(frame: "pd.DataFrame", columns: list[str]) -> "pd.Series":
    import pandas as pd

    parts = [frame[name] for name in columns]
    if len({part.dtype for part in parts}) > 1:
        typed = all(map(is_typed, parts)) and not any(map(_has_more_digits, parts))
        parts = [part.astype("float64[pyarrow]" if typed else object) for part in parts]
    return pd.concat(parts, ignore_index=True)


def _has_more_digits(column: "pd.Series") -> bool:
    """Whether a column has whole numbers that float64 would round."""
    import pandas as pd

    return bool(pd.api.types.is_integer_dtype(column) and (column.abs() > _EXACT).any())
