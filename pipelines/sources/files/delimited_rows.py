"""Rows of CSV and TSV files: cells with a delimiter between them, where quotes enclose cells or are text."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from pipelines.sources.files import text_lines

QUOTE = '"'


def read(path: Path, delimiter: str, encloses: bool, encoding: str = "") -> Iterator[tuple[int, list[str]]]:
    """Reads the rows of a file, the header among them.

    Args:
        path: The file.
        delimiter: Character between cells.
        encloses: Whether quotes enclose cells, which may then hold delimiters and line ends, as RFC 4180 says; else
            quotes are text.
        encoding: See `text_lines.read`.

    Yields:
        The line where a row starts, and its cells. Empty lines are left out.

    Raises:
        FileNotFoundError: The file is missing.
        ValueError: A quote is where none can be, or see `text_lines.read`.

    Example:
        `next(read(Path("reviews.csv"), ",", encloses=True))` -> `(1, ["text", "label"])`
    """
    for line, cells, _ in read_raw(path, delimiter, encloses, encoding):
        yield line, cells


def read_raw(
    path: Path, delimiter: str, encloses: bool, encoding: str = ""
) -> Iterator[tuple[int, list[str], list[str]]]:
    """Reads like `read`, and yields the lines of each row as they are in the file, too.

    Example:
        `next(read_raw(Path("reviews.csv"), ",", encloses=True))` -> `(1, ["text", "label"], ["text,label\\r\\n"])`
    """
    lines = text_lines.read_whole(path, encoding)
    first = next(lines, None)
    if first is None:
        return
    skipped = spreadsheet_delimiter(first) is not None
    if not skipped:
        lines = _chained(first, lines)
    start = 2 if skipped else 1
    yield from (_enclosed if encloses else _plain)(_alike(lines, path), delimiter, path, start)


def as_written(raw: list[str], delimiter: str) -> list[str]:
    """The cells of a row as they are in the file, with the quotes that enclose them.

    Args:
        raw: The lines of the row.
        delimiter: Character between cells.

    Returns:
        The cells.

    Example:
        `as_written(['7,"a, b"\\r\\n'], ",")` -> `["7", '"a, b"']`
    """
    mark, cells = re.escape(delimiter), []
    for found in re.finditer(
        rf'("[^"]*(?:""[^"]*)*"|[^{mark}]*)({mark}|\Z)', text_lines.without_end("".join(raw)), re.DOTALL
    ):
        cells.append(found[1])
        if not found[2]:
            break
    return cells


def spreadsheet_delimiter(line: str) -> str | None:
    """The delimiter that the first line of a spreadsheet's CSV may name.

    Example:
        `spreadsheet_delimiter("sep=;")` -> `";"`
    """
    found = re.fullmatch(r"sep=(.)", text_lines.without_end(line))
    return found[1] if found else None


def _chained(first: str, others: Iterator[str]) -> Iterator[str]:
    yield first
    yield from others


def _alike(lines: Iterator[str], path: Path) -> Iterator[str]:
    """The lines, unless newlines end them but for the last one, which a carriage return ends.

    Then carriage returns may end the rows, and the newlines be the beginnings of cells.
    """
    has_newline = False
    for number, line in enumerate(lines, start=1):
        if has_newline and line.endswith("\r"):
            raise _stray_return(path, number)
        has_newline |= line.endswith("\n")
        yield line


def _plain(lines: Iterator[str], delimiter: str, path: Path, start: int) -> Iterator[tuple[int, list[str], list[str]]]:
    for number, line in enumerate(lines, start):
        content = text_lines.without_end(line)
        if "\r" in content:
            raise _stray_return(path, number)
        if content:
            yield number, content.split(delimiter), [line]


def _enclosed(
    lines: Iterator[str], delimiter: str, path: Path, start: int
) -> Iterator[tuple[int, list[str], list[str]]]:
    csv.field_size_limit(text_lines.LONGEST)  # of all readers of the process; nothing else here sets it
    raw: list[str] = []
    reader = csv.reader(_recorded(lines, raw, path, start), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if cells:
                if len(raw) > 1 or QUOTE in raw[0]:
                    _check_blanks(cells, raw, path, start)
                yield start, cells, raw
            start += len(raw)
            raw.clear()
    except csv.Error as error:
        if "new-line" in str(error):
            raise _stray_return(path, start) from None
        raise ValueError(
            f"Expected a table whose quoted cells are closed, and whose quotes are doubled within them (or --quotes "
            f"text). Received: {error}, {path}, line {start:,}"
        ) from None


def _recorded(lines: Iterator[str], raw: list[str], path: Path, start: int) -> Iterator[str]:
    """The lines, which `raw` holds until a row is complete."""
    length = 0
    for line in lines:
        length = length + len(line) if raw else len(line)
        if length >= text_lines.LONGEST:
            raise ValueError(
                f"Expected rows of less than {text_lines.LONGEST:,} characters. Received: a longer one; is a quote "
                f"not closed? {path}, {len(raw) + 1:,} lines from one that starts a row"
            )
        raw.append(line)
        yield line


def _check_blanks(cells: list[str], raw: list[str], path: Path, start: int) -> None:
    """Refuses a blank before an opening quote, which then encloses nothing."""
    for cell in cells:
        if cell[:1] in (" ", "\t") and cell.lstrip(" \t")[:1] == QUOTE:
            written = QUOTE + cell.replace(QUOTE, QUOTE * 2) + QUOTE
            if written not in "".join(raw):
                raise ValueError(
                    f"Expected no blank between a delimiter and a quote. Received: {cell[:60]!r}, {path}, "
                    f"line {start:,}"
                )


def _stray_return(path: Path, line: int) -> ValueError:
    return ValueError(
        f"Expected lines that all end alike, and no carriage return within a cell without quotes. "
        f"Received: {path}, line {line:,}"
    )
