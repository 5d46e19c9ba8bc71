"""Brings the files of a table to one layout: the same columns in each, and a row for each step of each series."""

import re
from typing import TYPE_CHECKING

from pipelines.sources.tables.table_columns import VALUE, Columns, numbers
from pipelines.sources.tables.table_files import FILE, LINE, SPLIT, names, place

if TYPE_CHECKING:
    import pandas as pd


def in_one_layout(frame: "pd.DataFrame", columns: Columns) -> "pd.DataFrame":
    """Renames the columns of a file that match a pattern, and gives each step a row.

    Args:
        frame: The table of a file.
        columns: The roles. A name with a `*` stands for the one column that matches it. With the layout `rows`, the
            values to the right of the columns `series` and `static` become the column `VALUE`; empty cells at the end
            of a row are left out.

    Returns:
        The table.

    Raises:
        ValueError: No column, or more than one, matches a name; a value is not a number; a file has a series twice.
    """
    roles = (columns.time, columns.target, columns.series, columns.past, columns.known, columns.static)
    fitting = {_fitting(frame, name): name for role in roles for name in role if "*" in name}
    frame = frame.rename(columns=fitting)
    return _steps_of(frame, columns) if columns.layout == "rows" else frame


def _fitting(frame: "pd.DataFrame", name: str) -> str:
    pattern = re.compile(re.escape(name).replace(r"\*", ".*"))
    found = [column for column in names(frame) if pattern.fullmatch(column)]
    if len(found) != 1:
        raise ValueError(
            f"Expected one column that matches {name!r} in {frame[FILE].iloc[0]}: {', '.join(names(frame))}. "
            f"Received: {', '.join(found) or 'none'}"
        )
    return found[0]


def _steps_of(frame: "pd.DataFrame", columns: Columns) -> "pd.DataFrame":
    import numpy as np

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
    values = np.stack([numbers(frame, name) for name in names(frame) if name not in keys], axis=1)
    observed = ~np.isnan(values)
    length = np.where(observed.any(axis=1), values.shape[1] - observed[:, ::-1].argmax(axis=1), 0)
    row, column = np.nonzero(np.arange(values.shape[1]) < length[:, np.newaxis])
    return frame[[*keys, FILE, LINE, SPLIT]].iloc[row].assign(**{VALUE: values[row, column]})
