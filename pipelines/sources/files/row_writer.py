"""Writes files of rows in each format, so that the reader gives the same rows again."""

import contextlib
import gzip
import io
import json
import math
import os
import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.sources.files import file_formats
from pipelines.sources.files.dialect import Dialect
from tfmodels import whole_files

if TYPE_CHECKING:
    import pyarrow as pa

_MARK = "\ufeff"
_DELIMITERS = ",;\t|"  # what a reader might take for the delimiter of a .csv file
_GUESSED = (".json", ".ndjson")  # read as JSON lines, but not written under a name that says less than .jsonl


def write(path: Path, names: list[str], rows: Iterable[Sequence[Any]], how: Dialect | None = None) -> None:
    """Writes a file: see `row_files.write`."""
    kind = file_formats.of(path)
    check_name(path)
    if kind in ("jsonl", "parquet") and len(set(names)) < len(names):
        raise ValueError(f"Expected different names of columns, or .csv or .tsv. Received: {names}, {path}")
    rows = ([plain(cell, f"{path}, row {number:,}") for cell in row] for number, row in enumerate(rows, start=1))
    with _aside(path) as place:
        if kind == "parquet":
            _write_parquet(place, names, rows)
            return
        how = how if how and how.format == kind else None
        encoding = how.encoding if how else "utf-8"
        try:
            with _text(place, path.suffix.lower() == ".gz", encoding) as file:
                file.writelines(_begun(_lines(kind, names, rows, how, path), _needs_mark(encoding)))
        except UnicodeEncodeError as error:
            raise ValueError(
                f"Expected text that {encoding}, the encoding of the data, can hold; .jsonl and .parquet hold any. "
                f"Received: {error.object[error.start]!r}, {path}"
            ) from None


def check_name(path: Path, is_table: bool = False) -> None:
    """Refuses a name that rows are not written under.

    Args:
        path: The file.
        is_table: Whether the rows have several columns.

    Raises:
        ValueError: It says less than .jsonl would, or is that of a file without columns.

    Example:
        `check_name(Path("answers.json"))` raises
    """
    if path.name.lower().removesuffix(".gz").endswith(_GUESSED):
        raise ValueError(f"Expected .jsonl for a JSON object in each line. Received: {path}")
    if file_formats.of(path) == "lines" and is_table:
        raise ValueError(f"Expected one of the endings {', '.join(file_formats.TABLES)}. Received: {path}")


def _lines(kind: str, names: list[str], rows: Iterator[list[Any]], how: Dialect | None, path: Path) -> Iterator[str]:
    if kind == "jsonl":
        objects = (dict(zip(names, row, strict=True)) for row in rows)
        return (json_line(one, str(path)) for one in objects)
    if kind == "lines":
        return _texts(names, rows, path)
    delimiter = how.delimiter if how and how.delimiter else ("\t" if kind == "tsv" else ",")
    return _table(names, rows, delimiter, path)


def json_line(value: Any, place: str) -> str:
    """A line of JSON.

    Example:
        `json_line({"text": "A dog."}, "rows.jsonl")`
    """
    return f"{json.dumps(value, ensure_ascii=False, default=partial(_written_date, place))}\n"


def _written_date(place: str, value: Any) -> str:
    """A date, a time or a decimal number of Parquet as text, since JSON has none of them."""
    if isinstance(value, bytes):
        raise _not_text(place)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _not_text(place: str) -> ValueError:
    return ValueError(f"Expected .parquet for bytes that are no UTF-8. Received: {place}")


def _table(names: list[str], rows: Iterator[list[Any]], delimiter: str, path: Path) -> Iterator[str]:
    # Cells that hold a delimiter which the header might be read with are enclosed, so that the right one is found. With
    # tabs, where this would look like quotes that are text, a header in quotes tells that quotes enclose cells.
    tabbed = delimiter == "\t"
    others = {mark for mark in _DELIMITERS if len(names) == 1 or any(mark in name for name in names)}
    special = set('"\r\n') | {delimiter} | (set() if tabbed else others)
    cells = _texts_of(rows, len(names), path)
    quoted = False
    if tabbed:
        cells = list(cells)
        quoted = any(_needs_quotes(cell, len(row), special) for row in [names, *cells] for cell in row)
    quoted |= len(names) == 1 and not set(_DELIMITERS).isdisjoint(names[0])
    yield _joined(names, delimiter, special, quoted)
    for row in cells:
        yield _joined(row, delimiter, special)


def _texts_of(rows: Iterator[list[Any]], width: int, path: Path) -> Iterator[list[str]]:
    for number, row in enumerate(rows, start=1):
        if len(row) != width:
            raise ValueError(f"Expected {width} cells. Received: {len(row)}, {path}, row {number:,}")
        yield [written(cell, f"{path}, row {number:,}") for cell in row]


def _joined(cells: list[str], delimiter: str, special: set[str], quoted: bool = False) -> str:
    written = (
        '"' + cell.replace('"', '""') + '"' if quoted or _needs_quotes(cell, len(cells), special) else cell
        for cell in cells
    )
    return delimiter.join(written) + "\n"


def _needs_quotes(cell: str, width: int, special: set[str]) -> bool:
    alone = width == 1 and not cell.strip()  # which would be an empty line
    return alone or not special.isdisjoint(cell)


def _texts(names: list[str], rows: Iterator[list[Any]], path: Path) -> Iterator[str]:
    if len(names) != 1:
        raise ValueError(
            f"Expected one of the endings {', '.join(file_formats.TABLES)} for the columns {names}. Received: {path}"
        )
    changed = 0
    for row in rows:
        text = written(row[0], str(path))
        kept = text.replace("\r\n", " ").replace("\n", " ")
        kept = kept[:-1] + " " if kept.endswith("\r") else kept
        changed += kept != text
        yield f"{kept}\n"
    if changed:
        print(
            f"warning: {changed:,} texts with line ends in {path}, where they became spaces; "
            f".jsonl or .csv would keep them",
            file=sys.stderr,
        )


def written(cell: Any, place: str) -> str:
    """A cell as text; `repr` of a number gives the same number again."""
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, list | dict):
        raise ValueError(f"Expected .jsonl or .parquet for cells with several values. Received: {place}")
    if isinstance(cell, bytes):
        raise _not_text(place)
    return repr(cell) if isinstance(cell, float) else str(cell)


def plain(cell: Any, place: str) -> Any:
    """A cell without types of NumPy; what is not a number is missing."""
    value = cell.tolist() if hasattr(cell, "tolist") else cell
    if isinstance(value, bytes):
        return _text_of(value)
    if isinstance(value, str):
        with contextlib.suppress(UnicodeEncodeError):
            value.encode() if not value.isascii() else None
            return value
        raise ValueError(f"Expected text without halves of surrogate pairs. Received: {value[:60]!r}, {place}")
    if isinstance(value, list | tuple):
        return [plain(one, place) for one in value]
    if isinstance(value, dict):
        return {str(name): plain(one, place) for name, one in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        if math.isnan(value):
            return None
        raise ValueError(f"Expected finite numbers. Received: {value}, {place}")
    return value


def _text_of(value: bytes) -> str | bytes:
    """The text of bytes, if they are UTF-8."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value


def _write_parquet(place: Path, names: list[str], rows: Iterator[list[Any]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    pq.write_table(pa.table([array(list(column)) for column in columns], names=names), place)


def array(cells: list[Any]) -> "pa.Array":
    """Cells as a column of Parquet; that of dates and durations keeps their nanoseconds.

    Raises:
        ValueError: Parquet has no such column.

    Example:
        `array([1, None, 2.5])`
    """
    import pyarrow as pa

    try:
        if any(getattr(cell, "nanosecond", 0) or getattr(cell, "nanoseconds", 0) for cell in cells):
            import pandas as pd

            return pa.array(pd.Series(cells))
        found = pa.array(cells)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
        raise ValueError(f"Expected one type of values in each column of Parquet. Received: {error}") from None
    if _has_no_fields(found.type):
        raise ValueError("Expected objects with values in a column of Parquet. Received: {}")
    return found


def _has_no_fields(kind: "pa.DataType") -> bool:
    """Whether a type is that of empty objects, or has one in it."""
    within = [kind.field(place).type for place in range(kind.num_fields)]
    return (not within and str(kind) == "struct<>") or any(map(_has_no_fields, within))


def _begun(lines: Iterator[str], marked: bool) -> Iterator[str]:
    """The lines; a byte order mark before a text that begins with one, so that the reader removes only that."""
    for number, line in enumerate(lines):
        yield _MARK + line if not number and (marked or line.startswith(_MARK)) else line


def _needs_mark(encoding: str) -> bool:
    """Whether nothing but a byte order mark tells the encoding, and the codec writes none."""
    return encoding.lower().replace("_", "-").startswith(("utf-16-", "utf-32-"))


@contextmanager
def _text(place: Path, packed: bool, encoding: str) -> Generator[io.TextIOWrapper]:
    with place.open("wb") as file:
        binary = gzip.GzipFile("", "wb", fileobj=file, mtime=0) if packed else file
        with io.TextIOWrapper(binary, encoding, newline="") as text:
            yield text


@contextmanager
def _aside(path: Path) -> Generator[Path]:
    """A place to write that becomes `path` if nothing fails."""
    place = path.with_name(f".{path.name}.{os.getpid()}.part")
    with whole_files.naming(path, place):
        if path.exists() and not path.is_file():  # a pipe or a terminal
            yield path
            return
        try:
            yield place
            place.replace(path)
        finally:
            place.unlink(missing_ok=True)
