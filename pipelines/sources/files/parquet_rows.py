"""Rows of Parquet files, the index that pandas stores among their columns."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow.parquet as pq

_ROWS = 4096  # in memory at a time
_LARGEST = 1 << 62  # of numbers, so that they can be counted
_SHOWN = 100  # characters in a message
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
        ValueError: It is not a Parquet file, or pandas' description of its index is damaged.

    Example:
        `names, rows = read(Path("load.parquet"))`
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise ValueError(f"Expected a Parquet file. Received: {path}, {error}") from None
    index = _ranges(file, path)
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


def _ranges(file: "pq.ParquetFile", path: Path) -> dict[str, range]:
    """Named indices of evenly spaced numbers, which pandas describes instead of storing."""
    content = (file.schema_arrow.metadata or {}).get(b"pandas", b"{}")
    try:
        stored = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _damaged(path, f"{type(error).__name__}: {error}") from None
    columns = stored.get("index_columns", []) if isinstance(stored, dict) else None
    if not isinstance(columns, list):
        raise _damaged(path, content[:_SHOWN].decode(errors="replace"))
    described = [one for one in columns if isinstance(one, dict) and one.get("name") not in (None, "")]
    return {str(one["name"]): _range(one, file.metadata.num_rows, path) for one in described}


def _range(described: dict[str, Any], rows: int, path: Path) -> range:
    """The numbers of an index, one for each row of the file."""
    start, stop, step = bounds = [described.get(name, 0) for name in ("start", "stop", "step")]
    whole = type(described["name"]) in (str, int) and all(type(one) is int and abs(one) < _LARGEST for one in bounds)
    if not whole or not step or len(numbers := range(start, stop, step)) != rows:
        raise _damaged(path, f"{str(described)[:_SHOWN]} for {rows:,} rows")
    return numbers


def _damaged(path: Path, received: str) -> ValueError:
    return ValueError(
        f"Expected the description of an index by pandas: a name, and start, stop and step of a number for each row. "
        f"Received: {received}, {path}. Write the file anew, without the index or with it as a column."
    )
