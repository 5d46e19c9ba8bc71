"""Whether a format holds the cells of a file, told before the answers that go beside them are computed."""

import bisect
from collections.abc import Sequence
from typing import Any

from pipelines.sources.files import row_writer
from pipelines.sources.files.file_formats import Format


def check(kind: Format, names: Sequence[str], rows: Sequence[Sequence[Any]], source: str) -> None:
    """Refuses cells that `row_files.write` could not write.

    Args:
        kind: The format; lines hold the answers alone.
        names: The names of the columns that are kept.
        rows: The cells of each row.
        source: Where they are from, for messages.

    Raises:
        ValueError: There is such a cell; names its row and column.

    Example:
        `check("csv", ["id", "tags"], [["1", ["a", "b"]]], "rows.jsonl")` raises
    """
    if kind == "lines":
        return
    if kind in ("jsonl", "parquet") and (twice := [name for name in names if names.count(name) > 1]):
        raise ValueError(
            f"Expected different names of columns, or .csv or .tsv. Received: {twice[0]!r} twice, {source}"
        )
    columns: list[list[Any]] = [[] for _ in names] if kind == "parquet" else []
    for number, row in enumerate(rows, start=1):
        for place, (name, cell) in enumerate(zip(names, row, strict=True)):
            value = _checked(kind, cell, f"column {name!r}, {source}, row {number:,}")
            if kind == "parquet":
                columns[place].append(value)
    for name, column in zip(names, columns, strict=False):
        if not _is_column(column):
            first = bisect.bisect_left(range(len(column)), True, key=lambda row: not _is_column(column[: row + 1]))
            place = f"column {name!r}, {source}, row {first + 1:,}"
            raise ValueError(
                "Expected one type of values in each column of Parquet, and no empty objects; .jsonl holds any. "
                f"Received: {repr(column[first])[:60]}{' after others' if first else ''}, {place}"
            )


def _checked(kind: Format, cell: Any, place: str) -> Any:
    """The cell as it is written."""
    if isinstance(cell, str | None):
        return cell
    value = row_writer.plain(cell, place)
    if kind in ("csv", "tsv"):
        row_writer.written(value, place)
    if kind == "jsonl":
        row_writer.json_line(value, place)
    return value


def _is_column(cells: list[Any]) -> bool:
    """Whether Parquet has such a column."""
    try:
        row_writer.array(cells)
    except ValueError:
        return False
    return True
