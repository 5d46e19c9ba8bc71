"""Data frames to train on, each written once: a run names its data by a file, as from the command line."""

import contextlib
import hashlib
import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.runs import run_folders
from tfmodels import whole_files

if TYPE_CHECKING:
    import pyarrow as pa

_FOLDER = ".frames"  # beside the runs
_NAME = re.compile(r"[0-9a-f]{16}\.parquet")
_MOST_DAYS, _MOST_BYTES = 90, 10 << 30  # a frame stays that long after its last use; all have that many bytes together


def store(table: "pa.Table") -> Path:
    """Writes a table as Parquet, under a digest of its content; one that is there already, unchanged, is not again.

    Frames that were not used for 90 days, and the oldest above 10 GiB, are deleted, which is said: `fit` with the same
    frame writes it anew.

    Args:
        table: The table.

    Returns:
        The file, such as `runs/.frames/3f0c9a1b2c4d5e6f.parquet`.

    Raises:
        ValueError: It has no rows, or a column of a type that Parquet has not.

    Example:
        `store(arrow_tables.of(frame))`
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not table.num_rows or not table.num_columns:
        raise ValueError(
            f"Expected a frame with rows and columns. Received: {table.num_rows:,} rows, {table.num_columns:,} columns"
        )
    table = table.replace_schema_metadata()
    path = run_folders.ROOT / _FOLDER / f"{_digest(table)}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    if _holds(path, table):
        os.utime(path)
    else:
        with whole_files.replacing(path) as unfinished:
            try:
                pq.write_table(table, unfinished)
            except pa.ArrowException as error:
                raise ValueError(f"Expected columns of types that Parquet has. Received: {error}") from None
    _delete_unused(path)
    return path


def _holds(path: Path, table: "pa.Table") -> bool:
    """Whether a file holds a table: it may be damaged, or another one under its name."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with contextlib.suppress(OSError, pa.ArrowException):
        if path.is_symlink() or pq.read_metadata(path).num_rows != table.num_rows:
            return False
        found = pq.ParquetFile(path).read()
        return found.column_names == table.column_names and _digest(found.cast(table.schema)) == path.stem
    return False


def _digest(table: "pa.Table") -> str:
    """A digest of names, types and cells, whatever version writes the file."""
    import numpy as np
    import pyarrow as pa

    table = table.take(pa.array(np.arange(table.num_rows))).combine_chunks()  # one form of what lies behind nulls
    digest = hashlib.sha256()

    class _Sink:
        closed = False

        def write(self, data: bytes) -> int:
            digest.update(data)
            return len(data)

        def flush(self) -> None: ...

        def close(self) -> None: ...

    with pa.ipc.new_stream(pa.PythonFile(_Sink(), "w"), table.schema) as stream:
        stream.write_table(table)
    return digest.hexdigest()[:16]


def _delete_unused(kept: Path) -> None:
    oldest, room, gone = time.time() - 86_400 * _MOST_DAYS, _MOST_BYTES, 0
    with contextlib.suppress(FileNotFoundError):  # another process deletes, too
        named = [path for path in kept.parent.iterdir() if _NAME.fullmatch(path.name) and not path.is_symlink()]
        files = sorted(named, key=lambda path: path.stat().st_mtime, reverse=True)
        for path in files:
            room -= path.stat().st_size
            if path != kept and (room < 0 or path.stat().st_mtime < oldest):
                path.unlink()
                gone += 1
    if gone:
        print(
            f"note: deleted {gone:,} frames in {kept.parent} that were not used for {_MOST_DAYS} days, or are the "
            f"oldest above {_MOST_BYTES >> 30} GiB; `fit` with the same frame writes it anew"
        )
