"""What a file on a page may hold: found as it is unpacked, before a reader sees it, and no further than its bounds."""

import contextlib
import gzip
import io
import json
import re
import zlib
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from pipelines.app.limits import MOST_COLUMNS
from pipelines.sources.files import file_formats, text_lines
from pipelines.sources.files.file_formats import Format

if TYPE_CHECKING:
    import pyarrow as pa

_UNPACKED = 50_000_000  # bytes
_MOST_LINES = 100_000  # or rows of Parquet
_MOST_CELLS = 2_000_000  # or values within those of JSON and Parquet
_LONGEST = 2_000_000  # bytes of a line
_MOST_MARKS = 100_000  # of a line
_BATCH = 8192  # rows of Parquet
_DELIMITERS = (b",", b";", b"\t", b"|", b"~", b"^", b"\x01", b"\x1f")
_VALUES = (b",", b"[", b"{")  # one of them stands before each value of JSON within another
_MARKS: dict[Format, tuple[bytes, ...]] = {"csv": _DELIMITERS, "tsv": _DELIMITERS, "jsonl": _VALUES}
_NAMED_MARK = re.compile(rb"[\xef\xbb\xbf\xff\xfe]*sep=(.+)", re.DOTALL)
_DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error)


def check(path: Path) -> None:
    """Refuses a file that holds more than a page reads.

    Args:
        path: The file. What else is wrong with it its reader says.

    Raises:
        ValueError: It has too many bytes, lines, columns or cells, or too long a line; or no file of its ending is
            read.

    Example:
        `check(Path("rows.csv.gz"))`
    """
    kind = file_formats.of(path)
    if kind == "parquet":
        _check_parquet(path)
        return
    lines, columns = _check_lines(path, kind)
    if kind == "jsonl":
        columns = _json_columns(path)
    _check_cells(path, lines * columns)


class _Header:
    """The first row of CSV or TSV, in which cells in quotes may hold line ends, whatever its delimiter is."""

    def __init__(self) -> None:
        self._counts = dict.fromkeys(_DELIMITERS, 0)
        self._quotes = 0
        self._is_first = True
        self._is_over = False

    @property
    def columns(self) -> int:
        return 1 + max(self._counts.values())

    def read(self, line: bytes) -> None:
        for piece in [] if self._is_over else line.split(b"\r"):
            named = self._is_first and _NAMED_MARK.fullmatch(piece.replace(b"\0", b"").rstrip(b"\n"))
            self._is_first = False
            if named:
                self._counts.setdefault(named[1], 0)
            self._quotes += piece.count(b'"')
            self._counts = {mark: count + piece.count(mark) for mark, count in self._counts.items()}
            self._is_over = not named and self._quotes % 2 == 0 and bool(piece.strip(b"\0 \t\n"))
            if self._is_over:
                return


def _check_lines(path: Path, kind: Format) -> tuple[int, int]:
    """The number of lines, and of columns of CSV and TSV."""
    size = lines = total = 0
    marks, header = _MARKS.get(kind, ()), _Header() if kind in ("csv", "tsv") else None
    with contextlib.suppress(*_DAMAGED), _opened(path) as file:
        while line := file.readline(_LONGEST + 1):
            _check(path, "lines of at most {:,} bytes", len(line), _LONGEST)
            size += len(line)
            _check(path, "at most {:,} bytes, unpacked", size, _UNPACKED)
            lines += max(1, line.count(b"\r"))  # where no newline ends lines, carriage returns do
            _check(path, "at most {:,} lines", lines, _MOST_LINES)
            if header:
                header.read(line)
                _check_columns(path, header.columns)
            counts = [line.count(mark) for mark in marks] or [0]
            count = sum(counts) if kind == "jsonl" else max(counts)
            _check(path, "lines of at most {:,} values", count, _MOST_MARKS)
            total += count
            _check_cells(path, total)
    return lines, header.columns if header else 1


@contextlib.contextmanager
def _opened(path: Path) -> Generator[BinaryIO]:
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        with gzip.open(file) if packed else file as content:
            yield cast("BinaryIO", content)


def _json_columns(path: Path) -> int:
    """The number of different names in the lines."""
    try:
        encoding = text_lines.encoding_of(path)
    except ValueError:  # the reader may know another one
        encoding = "latin-1"
    names: set[str] = set()
    with contextlib.suppress(*_DAMAGED), _opened(path) as file:
        for line in io.TextIOWrapper(file, encoding, errors="replace", newline=text_lines.line_end(path, encoding)):
            with contextlib.suppress(ValueError, RecursionError):
                value = json.loads(line.removeprefix("\ufeff"))
                names.update(value if isinstance(value, dict) else ())
            _check_columns(path, len(names))
    return len(names)


def _check_parquet(path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with contextlib.suppress(pa.ArrowException, OSError), pq.ParquetFile(path) as file:
        about = file.metadata
        _check_columns(path, about.num_columns)
        groups = [about.row_group(number) for number in range(about.num_row_groups)]
        rows = max(about.num_rows, len(groups), sum(group.num_rows for group in groups))
        _check(path, "at most {:,} rows", rows, _MOST_LINES)
        chunks = [[group.column(number) for group in groups] for number in range(about.num_columns)]
        values = sum(chunk.num_values for column in chunks for chunk in column)
        _check_cells(path, max(rows * about.num_columns, values))
        sizes = [[chunk.total_uncompressed_size for chunk in column] for column in chunks]
        size = 0
        _check(path, "at most {:,} bytes, unpacked", sum(map(sum, sizes)), _UNPACKED)
        for number, column in enumerate(sizes):
            # A value that many rows have is stored once. It is no larger than what is stored.
            most = min(_BATCH, max(1, _UNPACKED // max(1, *column)))
            for batch in file.iter_batches(most, columns=[about.schema.column(number).path]):
                size += sum(map(_size, batch.columns))
                _check(path, "at most {:,} bytes, unpacked", size, _UNPACKED)


def _size(column: "pa.Array") -> int:
    """The bytes of values that are no longer told by their places in a dictionary."""
    return (column.dictionary_decode() if hasattr(column, "dictionary_decode") else column).nbytes


def _check_columns(path: Path, count: int) -> None:
    _check(path, "a table of at most {:,} columns", count, MOST_COLUMNS)


def _check_cells(path: Path, count: int) -> None:
    _check(path, "at most {:,} cells", count, _MOST_CELLS)


def _check(path: Path, expected: str, count: int, most: int) -> None:
    if count > most:
        raise ValueError(
            f"Expected {expected.format(most)}; `tfmodels predict` takes more. Received: {count:,} in {path.name}"
        )
