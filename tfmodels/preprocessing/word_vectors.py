"""Pre-trained word vectors in the text format of word2vec, GloVe and fastText."""

import gzip
import unicodedata
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np


class WordVectors:
    """A file with one line `word v1 v2 ...` per word, plain or `.gz`; the first line may be `count dim`.

    The file is read line by line, and only the requested vectors are kept in memory. "Words" that contain spaces, as
    some files have, are skipped.

    Args:
        path: The file, in UTF-8.
        dim: Expected width of the vectors.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file has no vectors, or vectors of another width.

    Example:
        >>> WordVectors(Path("vectors.txt.gz"), dim=128).find(["dog", "Hund"])     # {"dog": [...]}
    """

    def __init__(self, path: Path, dim: int) -> None:
        if not path.is_file():
            raise FileNotFoundError(f"Expected a file of word vectors. Received: vectors={str(path)!r}")
        self.path = path
        self.dim = dim
        first = next(self._lines(), None)
        width = len(first.values) if first else 0
        if width != dim:
            raise ValueError(
                f"Expected word vectors of {dim} numbers, the width of the model's token vectors (d_model). "
                f"Received: {width} in {path}"
            )

    def find(self, words: Collection[str]) -> dict[str, np.ndarray]:
        """Reads the vectors of some words.

        Args:
            words: A word that is not in the file gets the vector of one that differs only in upper and lower case, or
                in how Unicode composes its characters; of several, the first in the file.

        Returns:
            Word -> float32 `[dim]`, without the words that were not found.

        Raises:
            ValueError: A line has no vector of that width; the message names file and line.
        """
        exact = {word.encode() for word in words}
        folded = {_folded(word) for word in words}
        found: dict[bytes, np.ndarray] = {}
        found_folded: dict[str, np.ndarray] = {}
        for line in self._lines():
            if len(line.values) != self.dim:
                self._skip(line)
                continue
            lower = _folded(line.word.decode(errors="replace"))
            if line.word in exact and line.word not in found:
                found[line.word] = self._vector(line)
            if lower in folded and lower not in found_folded:
                found_folded[lower] = self._vector(line)
        vectors = {word: found.get(word.encode(), found_folded.get(_folded(word))) for word in words}
        return {word: vector for word, vector in vectors.items() if vector is not None}

    def _lines(self) -> Iterator["_Line"]:
        with gzip.open(self.path) if self.path.suffix == ".gz" else self.path.open("rb") as file:
            number = 0
            try:
                for number, line in enumerate(file, start=1):
                    word, *values = line.rstrip().split(b" ")
                    if number > 1 or not _is_header(word, values):
                        yield _Line(number, word, values)
            except (EOFError, gzip.BadGzipFile, zlib.error) as error:
                raise ValueError(
                    f"Expected a complete gzip file. Received: {error}, {self.path}, after line {number}"
                ) from None

    def _vector(self, line: "_Line") -> np.ndarray:
        try:
            vector = np.array([float(value) for value in line.values], np.float32)
        except ValueError:
            vector = np.array(np.nan)
        if not np.isfinite(vector).all():
            raise self._malformed(line)
        return vector

    def _skip(self, line: "_Line") -> None:
        """Accepts a line that is a word with spaces and its vector."""
        inside = line.values[: -self.dim]
        if not inside or _is_number(inside[-1]):
            raise self._malformed(line)

    def _malformed(self, line: "_Line") -> ValueError:
        return ValueError(
            f"Expected a word and {self.dim} numbers, separated by spaces. "
            f"Received: {len(line.values)} fields after {line.word.decode(errors='replace')!r}, "
            f"{self.path}, line {line.number}"
        )


def _folded(word: str) -> str:
    return unicodedata.normalize("NFC", word.lower())


class _Line(NamedTuple):
    number: int
    word: bytes
    values: list[bytes]


def _is_header(word: bytes, values: list[bytes]) -> bool:
    return len(values) == 1 and word.isdigit() and values[0].isdigit()


def _is_number(text: bytes) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
