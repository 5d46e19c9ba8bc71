"""Rows of token ids on disk, written once and read in any order without loading them all."""

import contextlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

from tfmodels import whole_files
from tfmodels.training.data.atomic_folder import atomic_folder

_TOKENS, _OFFSETS, _COLUMNS = "tokens.int32", "offsets.int64", "columns.json"
_SHOWN = 80  # characters in a message
_COUNTED_AT_ONCE = 1 << 22  # tokens


class TokenRows:
    """Columns of token ids, each a memory-mapped array of int32 with the offsets of its rows.

    Rows are read equally fast in any order, so an epoch can be shuffled as a whole and resumed anywhere, whether or
    not the data fits in memory.

    Args:
        folder: A folder written by `TokenRows.write`.

    Raises:
        ValueError: Its list of columns is damaged.

    Attributes:
        columns: Names of the columns, in the order they were written.
        lengths: Column -> lengths of its rows, int32 `[rows]`. Only these are held in memory.

    Example:
        `TokenRows(run / "train").padded("source", np.array([0, 1]), length=64)`
    """

    def __init__(self, folder: Path) -> None:
        columns = whole_files.read_json(folder / _COLUMNS)
        if not isinstance(columns, list) or not columns or not all(map(_is_name, columns)):
            raise ValueError(f"Expected names of columns in {folder / _COLUMNS}. Received: {str(columns)[:_SHOWN]}")
        self.columns = tuple(columns)
        self._tokens, self._offsets, self.lengths = {}, {}, {}
        for column in self.columns:
            self._tokens[column] = _mapped(folder / f"{column}.{_TOKENS}", np.int32)
            self._offsets[column] = offsets = _mapped(folder / f"{column}.{_OFFSETS}", np.int64)
            self.lengths[column] = np.subtract(offsets[1:], offsets[:-1], dtype=np.int32, casting="unsafe")

    def __len__(self) -> int:
        return len(self.lengths[self.columns[0]])

    def padded(self, column: str, rows: np.ndarray, length: int) -> np.ndarray:
        """Reads `rows` as int32 `[rows, length]`, padded with 0 on the right; no row may be longer than `length`."""
        starts, lengths = self._offsets[column][rows], self.lengths[column][rows]
        places = np.arange(length)
        inside = places < lengths[:, np.newaxis]
        tokens = self._tokens[column][np.where(inside, starts[:, np.newaxis] + places, 0)]
        return np.where(inside, tokens, 0)

    def counts(self, size: int, columns: Sequence[str] | None = None) -> np.ndarray:
        """Counts how often each id below `size` occurs in `columns` (default: all), int64 `[size]`."""
        total = np.zeros(size, np.int64)
        for tokens in (self._tokens[column] for column in columns or self.columns):
            for start in range(0, len(tokens), _COUNTED_AT_ONCE):
                total += np.bincount(tokens[start : start + _COUNTED_AT_ONCE], minlength=size)
        return total

    @classmethod
    def write(cls, folder: Path, batches: Iterable[dict[str, tuple[np.ndarray, np.ndarray]]]) -> "TokenRows":
        """Writes rows to `folder`, which appears only when all are written.

        Args:
            folder: Folder to make. If it exists, it is opened and `batches` is not read.
            batches: Dicts of column -> (tokens of all rows, int32 `[tokens]`; their lengths, int64 `[rows]`), the same
                number of rows in each column.

        Returns:
            The rows, opened.

        Raises:
            ValueError: There are no rows.
        """
        if folder.exists():
            return cls(folder)
        with atomic_folder(folder) as partial:
            columns = _write_columns(partial, batches)
            if not columns:
                raise ValueError(f"Expected at least one row for {folder}. Received: none.")
            (partial / _COLUMNS).write_text(json.dumps(columns))
        return cls(folder)


def _write_columns(folder: Path, batches: Iterable[dict[str, tuple[np.ndarray, np.ndarray]]]) -> list[str]:
    """Writes tokens and offsets of each column. Returns the names of the columns."""
    ends: dict[str, int] = {}
    files: dict[str, tuple[BinaryIO, BinaryIO]] = {}
    with contextlib.ExitStack() as opened:
        for batch in batches:
            for column, (flat, lengths) in batch.items():
                if column not in files:
                    tokens, offsets = (folder / f"{column}.{kind}" for kind in (_TOKENS, _OFFSETS))
                    files[column] = (
                        opened.enter_context(tokens.open("wb")),
                        opened.enter_context(offsets.open("wb")),
                    )
                    ends[column] = 0
                    np.zeros(1, np.int64).tofile(files[column][1])
                flat.astype(np.int32).tofile(files[column][0])
                (ends[column] + np.cumsum(lengths, dtype=np.int64)).tofile(files[column][1])
                ends[column] += len(flat)
    return list(files)


def _is_name(column: object) -> bool:
    """Whether a column names files in the folder, and none elsewhere."""
    return isinstance(column, str) and bool(column) and Path(column).name == column


def _mapped(path: Path, dtype: type) -> np.ndarray:
    return np.asarray(np.memmap(path, dtype=dtype, mode="r"))  # a plain array is faster to index
