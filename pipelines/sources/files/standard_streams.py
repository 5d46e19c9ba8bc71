"""Standard input and output in place of files: the name is `-`."""

import codecs
import io
import select
import shutil
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Literal

from pipelines.sources.files import file_formats, text_lines

DASH = "-"
FORMATS = ("text", "csv", "tsv", "jsonl")
Format = Literal["text", "csv", "tsv", "jsonl"]
INPUT = "standard input"

_CHUNK = 1 << 20  # bytes read at once
_BLOCK = 4096  # lines answered together
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_GZIP = b"\x1f\x8b"


def is_piped() -> bool:
    """Whether texts may come from standard input: it is there, and nobody sits at it.

    Example:
        `is_piped()` -> `True` in `cat texts | tfmodels predict MODEL`
    """
    return sys.stdin is not None and not sys.stdin.closed and not sys.stdin.isatty()


def blocks() -> Iterator[list[str]]:
    """Reads the lines of standard input as they come: in blocks, none of which waits for a line not yet written.

    Yields:
        One line or more, without line ends.

    Raises:
        ValueError: A line is no UTF-8 or too long, or the input is empty or no text; the lines before have come.

    Example:
        `for lines in blocks(): print(*predictor.predict(lines), sep="\\n")`
    """
    number, rest = 1, b""
    for chunk in _chunks(sys.stdin.buffer):
        if number == 1 and not rest:
            _check_head(chunk)
            chunk = chunk.removeprefix(codecs.BOM_UTF8)
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > text_lines.LONGEST:
            raise ValueError(
                f"Expected lines of less than {text_lines.LONGEST:,} bytes. Received: a longer one, {INPUT}, "
                f"line {number + len(lines):,}"
            )
        for start in range(0, len(lines), _BLOCK):
            yield from _decoded(lines[start : start + _BLOCK], number + start)
        number += len(lines)
    if rest:  # the last line need not end
        yield from _decoded([rest], number)
    elif number == 1:
        raise ValueError(f"Expected a text in each line. Received: an empty {INPUT}")


@contextmanager
def spooled(kind: Format) -> Generator[Path]:
    """Standard input as a file, since how a table is written shows only when it is looked at as a whole.

    Args:
        kind: Its format.

    Yields:
        The file, deleted afterwards; errors name standard input in its place.

    Example:
        `with spooled("csv") as path: rows = row_files.read(path)`
    """
    with tempfile.TemporaryDirectory(prefix="tfmodels-") as folder:
        path = Path(folder) / f"stdin.{_ending(kind)}"
        with path.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        try:
            yield path
        except ValueError as error:
            raise ValueError(str(error).replace(str(path), INPUT)) from None


def written(kind: Format, write: Callable[[Path], None]) -> None:
    """Writes a file to standard output.

    Args:
        kind: Its format.
        write: Writes the file.

    Raises:
        BrokenPipeError: Nobody reads on.

    Example:
        `written("csv", lambda path: row_files.write(path, ["label"], [["good"]]))`
    """
    with tempfile.TemporaryDirectory(prefix="tfmodels-") as folder:
        path = Path(folder) / f"stdout.{_ending(kind)}"
        write(path)
        sys.stdout.flush()
        with path.open("rb") as file:
            shutil.copyfileobj(file, sys.stdout.buffer)  # in whatever encoding the data has
        sys.stdout.flush()


def format_of(file: str) -> Format:
    """The format for standard output beside an input file: its own, of Parquet JSON lines.

    Example:
        `format_of("reviews.csv.gz")` -> `"csv"`
    """
    found = file_formats.of(Path(file))
    formats: dict[str, Format] = {"csv": "csv", "tsv": "tsv", "jsonl": "jsonl", "parquet": "jsonl", "lines": "text"}
    return formats[found]


def _ending(kind: Format) -> str:
    return "txt" if kind == "text" else kind


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    """What is there, read on while there is more at once, up to some size."""
    chunk = b""
    while found := _read(file):
        chunk += found
        if len(chunk) >= _CHUNK or not _is_ready(file):
            yield chunk
            chunk = b""
    if chunk:
        yield chunk


def _read(file: BinaryIO) -> bytes:
    return file.read1(_CHUNK) if isinstance(file, io.BufferedReader) else file.read(_CHUNK)


def _is_ready(file: BinaryIO) -> bool:
    """Whether a read would return at once: with more bytes, or at the end."""
    try:
        return bool(select.select([file], [], [], 0)[0])
    except (OSError, ValueError):  # not a file of the system
        return False


def _check_head(head: bytes) -> None:
    if head.startswith(_GZIP):
        raise ValueError(f"Expected text. Received: gzip at {INPUT}; unpack it: zcat FILE | tfmodels ...")
    if head.startswith(_WIDE):
        raise ValueError(f"Expected UTF-8 text. Received: UTF-16 or UTF-32 at {INPUT}; convert it: iconv -t utf-8 FILE")
    file_formats.check_content(Path(INPUT), head)


def _decoded(lines: list[bytes], number: int) -> Iterator[list[str]]:
    """The lines as text; those before a bad one come first."""
    texts: list[str] = []
    for place, line in enumerate(lines):
        try:
            texts.append(line.removesuffix(b"\r").decode())
        except UnicodeDecodeError as error:
            if texts:
                yield texts
            raise ValueError(
                f"Expected UTF-8 text; convert it first, such as: iconv -f latin1 -t utf-8 FILE | tfmodels ... "
                f"Received: byte 0x{line[error.start]:02x} at position {len(line[: error.start].decode()):,} of the "
                f"line, {INPUT}, line {number + place:,}"
            ) from None
    if texts:
        yield texts
