"""Rows of Parquet files, the index that pandas stores among their columns."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow.parquet as pq

_ROWS = 4096  # in memory at a time
_UNNAMED = "__index_level_"  # how pandas stores an index without a name


def read(path: Path) -> tuple[list[str], Iterator[tuple[int, list[Any]]]]:
    """Reads a file.

    Args:
        path: The file.

    Returns:
        The names of its columns, and its rows: the number of each, counted from 1, and its values, None where missing.
        A named index is a column; one without a name is only a number of rows, and left out unless it was stored: then
        it is the column `index`. Bytes are texts where they are UTF-8.

    Raises:
        ValueError: It is not a Parquet file.

    Example:
        `names, rows = read(Path("load.parquet"))`
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise ValueError(f"Expected a Parquet file. Received: {path}, {error}") from None
    index = _ranges(file)
    names = [*("index" if name.startswith(_UNNAMED) else name for name in file.schema_arrow.names), *index]
    return names, _rows(file, list(index.values()))


def _rows(file: "pq.ParquetFile", index: list[range]) -> Iterator[tuple[int, list[Any]]]:
    number = 0
    for batch in file.iter_batches(batch_size=_ROWS):
        columns = [_values(column) for column in batch.columns]
        for row in range(batch.num_rows):
            number += 1
            yield number, [*(column[row] for column in columns), *(steps[number - 1] for steps in index)]


def _values(column: Any) -> list[Any]:
    import pyarrow as pa

    if column.type == pa.time64("ns") and any((value or 0) % 1000 for value in column.cast(pa.int64()).to_pylist()):
        column = column.cast(pa.string())  # Python has no such times
    return [_value(value) for value in column.to_pylist()]


def _value(value: Any) -> Any:
    if isinstance(value, bytes):
        with contextlib.suppress(UnicodeDecodeError):
            return value.decode()
    return None if isinstance(value, float) and value != value else value


def _ranges(file: "pq.ParquetFile") -> dict[str, range]:
    """Named indices of evenly spaced numbers, which pandas describes instead of storing."""
    stored = json.loads((file.schema_arrow.metadata or {}).get(b"pandas", b"{}"))
    described = (one for one in stored.get("index_columns", []) if isinstance(one, dict))
    return {one["name"]: range(one["start"], one["stop"], one["step"]) for one in described if one.get("name")}
