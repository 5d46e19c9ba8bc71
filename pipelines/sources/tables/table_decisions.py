"""What the cells of a table decide: marks of numbers, types and words of covariates."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.sources.faults import Faults
from pipelines.sources.tables import column_guesses, pandas_tables, table_covariates, table_files, table_numbers
from pipelines.sources.tables.table_columns import resolve
from pipelines.sources.tables.table_layout import in_one_layout, with_time
from pipelines.sources.tables.table_numbers import Marks
from pipelines.sources.tables.table_reading import Reading

if TYPE_CHECKING:
    import pandas as pd


def decide(data: str | Path, reading: Reading, faults: Faults) -> tuple["pd.DataFrame", Reading]:
    """Reads a table, and decides from all of its cells what is not known of it yet.

    Args:
        data: See `table_files.read`.
        reading: What is known.
        faults: Receives rows that do not fit the header.

    Returns:
        The table in one layout, and the whole reading.

    Raises:
        FileNotFoundError: There is no table.
        ValueError: A column is missing, or cells have two readings.

    Example:
        `decide("load.csv", Reading(Columns(("hour",), ("load",))), Faults("error"))[1].marks`
    """
    columns, marks = reading.columns, reading.marks
    dated = marks is not None and (reading.categories is None or bool(columns.time))
    alike = partial(in_one_layout, columns=columns, marks=marks or Marks(), dated=dated)
    if marks is None:
        frame = pandas_tables.read(data, alike)
        return frame, replace(reading, columns=resolve(columns, table_files.names(frame), str(data)))
    frame, dialects = table_files.read(data, faults, reading.options, reading.dialect, alike)
    columns, names = with_time(frame, columns), table_files.names(frame)
    if reading.categories is None:
        columns = column_guesses.complete(columns, frame, names, marks)
    columns = resolve(columns, names, str(data))
    known = reading.categories.words if reading.categories else columns.categories
    # Training on numbers that are no texts shows no marks either.
    untold = reading.categories is None or (reading.dialect is not None and not reading.dialect.delimiter)
    point = untold and all(how.delimiter in ("", ",") for how in dialects)
    marks = table_numbers.find(frame, [name for name in columns.of_numbers if name not in known], marks, point)
    categories = reading.categories or table_covariates.find(frame, columns, marks, faults)
    known = reading.dialect or next(iter(dialects), None)
    return frame, replace(reading, columns=columns, categories=categories, marks=marks, dialect=known)
