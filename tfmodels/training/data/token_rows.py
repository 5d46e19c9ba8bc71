"""Rows of token ids on disk: written once, read at random without loading them."""

import contextlib
import json
import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

_TOKENS, _OFFSETS, _COLUMNS = "tokens.int32", "offsets.int64", "columns.json"
_COUNTED_AT_ONCE = 1 << 22  # tokens


class TokenRows:
    """Columns of token ids, each a memory-mapped run of int32 with the offsets of its rows.

    Any order of any number of rows costs the same, so an epoch can be shuffled as a whole and resumed anywhere,
    whether or not the data fits in memory.

    Args:
        folder: Written by `TokenRows.write`.

    Attributes:
        columns: Names, in the order they were written.
        lengths: column -> int32 `[rows]`; all that is held in memory.
    """

    def __init__(self, folder: Path) -> None:
        self.columns = tuple(json.loads((folder / _COLUMNS).read_text()))
        self._tokens, self._offsets, self.lengths = {}, {}, {}
        for column in self.columns:
            self._tokens[column] = _mapped(folder / f"{column}.{_TOKENS}", np.int32)
            self._offsets[column] = offsets = _mapped(folder / f"{column}.{_OFFSETS}", np.int64)
            self.lengths[column] = np.subtract(offsets[1:], offsets[:-1], dtype=np.int32, casting="unsafe")

    def __len__(self) -> int:
        return len(self.lengths[self.columns[0]])

    def padded(self, column: str, rows: np.ndarray, length: int) -> np.ndarray:
        """Reads `rows` as int32 `[rows, length]`, padded with 0 on the right; `length` is at least their longest."""
        starts, lengths = self._offsets[column][rows], self.lengths[column][rows]
        places = np.arange(length)
        inside = places < lengths[:, np.newaxis]
        tokens = self._tokens[column][np.where(inside, starts[:, np.newaxis] + places, 0)]
        return np.where(inside, tokens, 0)

    def counts(self, size: int, columns: Sequence[str] | None = None) -> np.ndarray:
        """How often each of `size` ids stands in some columns, by default in all, int64 `[size]`."""
        total = np.zeros(size, np.int64)
        for tokens in (self._tokens[column] for column in columns or self.columns):
            for start in range(0, len(tokens), _COUNTED_AT_ONCE):
                total += np.bincount(tokens[start : start + _COUNTED_AT_ONCE], minlength=size)
        return total

    @classmethod
    def write(cls, folder: Path, batches: Iterable[dict[str, tuple[np.ndarray, np.ndarray]]]) -> "TokenRows":
        """Writes rows to `folder`, which appears only when all are written.

        Args:
            folder: Made by this call; if it is there already it is read and `batches` is left alone.
            batches: Dicts of column -> (tokens of all rows, int32 `[tokens]`; their lengths, int64 `[rows]`), the same
                number of rows in each column.

        Returns:
            The rows, opened.

        Raises:
            ValueError: There are no rows.
        """
        if folder.exists():
            return cls(folder)
        partial = folder.with_name(f"{folder.name}.{os.getpid()}.partial")
        shutil.rmtree(partial, ignore_errors=True)  # of a process that failed and had this number
        partial.mkdir(parents=True)
        ends: dict[str, np.int64] = {}
        with contextlib.ExitStack() as opened:
            files: dict[str, tuple[BinaryIO, BinaryIO]] = {}
            for batch in batches:
                for column, (flat, lengths) in batch.items():
                    if column not in files:
                        paths = (partial / f"{column}.{kind}" for kind in (_TOKENS, _OFFSETS))
                        files[column] = tuple(opened.enter_context(path.open("wb")) for path in paths)
                        ends[column] = np.int64(0)
                        ends[column].tofile(files[column][1])
                    flat.astype(np.int32).tofile(files[column][0])
                    offsets = ends[column] + np.cumsum(lengths, dtype=np.int64)
                    offsets.tofile(files[column][1])
                    ends[column] += len(flat)
        if not files:
            raise ValueError(f"Expected at least one row for {folder}. Received: none.")
        (partial / _COLUMNS).write_text(json.dumps(list(files)))
        partial.rename(folder)
        return cls(folder)


def _mapped(path: Path, dtype: type) -> np.ndarray:
    return np.asarray(np.memmap(path, dtype=dtype, mode="r"))  # a plain array is read faster
