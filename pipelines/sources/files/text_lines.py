"""Lines of text files, plain or gzipped, with errors that name file and line; they hold one line at a time."""

import codecs
import gzip
import io
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from pipelines.sources.files import file_formats

LONGEST = 1 << 26  # characters of a line, or of a row of several lines
_CHUNK = 1 << 16
_HEAD = 1 << 12  # bytes that show the encoding
_FEWEST_ZEROS, _ZEROS = 4, 0.05  # that text of two or four bytes a character has, and their share
_BYTE_ORDER_MARKS = {  # those of UTF-32 begin like those of UTF-16
    codecs.BOM_UTF32_LE: "utf-32-le", codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be",
    codecs.BOM_UTF8: "utf-8",
}  # fmt: skip


def read(path: Path, encoding: str = "") -> Iterator[str]:
    """Reads a file line by line.

    A newline ends a line, and a carriage return before it is removed. Where a file has no newline at all a carriage
    return ends a line. Other characters that Unicode counts as line ends are part of the text.

    Args:
        path: The file, plain or gzip.
        encoding: Encoding of the text; empty for UTF-8. A byte order mark takes precedence, and is removed.

    Yields:
        The lines without line ends.

    Raises:
        FileNotFoundError: The file is missing.
        ValueError: A line cannot be decoded or is too long, or a gzip file is damaged; the message names file and line.

    Example:
        `next(read(Path("train.en.gz")))`
    """
    for line in read_whole(path, encoding):
        yield without_end(line)


def read_whole(path: Path, encoding: str = "") -> Iterator[str]:
    """Reads like `read`, with the line ends as they are in the file.

    Example:
        `next(read_whole(Path("train.en.gz")))` -> `"A dog runs.\\r\\n"`
    """
    end = line_end(path, encoding)
    number = 0
    try:
        with _decoded(path, encoding, end) as text:
            while line := text.readline(LONGEST):
                number += 1
                if len(line) == LONGEST and not line.endswith(end):
                    raise ValueError(
                        f"Expected lines of less than {LONGEST:,} characters. "
                        f"Received: a longer one, {path}, line {number:,}"
                    )
                yield line
    except UnicodeDecodeError:
        raise _bad_byte(path, encoding, end) from None


def read_pieces(path: Path, encoding: str = "") -> Iterator[str]:
    """Reads a text that is not made of lines, such as a JSON document.

    Args:
        path: The file, plain or gzip.
        encoding: As in `read`.

    Yields:
        Pieces of the text, as they are in the file.

    Raises:
        FileNotFoundError: The file is missing.
        ValueError: A byte cannot be decoded, or a gzip file is damaged.

    Example:
        `"".join(read_pieces(Path("train.json.gz")))`
    """
    try:
        with _decoded(path, encoding, "") as text:
            while piece := text.read(_CHUNK):
                yield piece
    except UnicodeDecodeError:
        raise _bad_byte(path, encoding, "\n") from None


def without_end(line: str) -> str:
    """Removes the end of a line: a newline, a carriage return, or both.

    Example:
        `without_end("A dog.\\r\\n")` -> `"A dog."`
    """
    return line.removesuffix("\n").removesuffix("\r")


def encoding_of(path: Path, encoding: str = "") -> str:
    """Finds the encoding of a file.

    Args:
        path: The file.
        encoding: What the user says; empty for UTF-8.

    Returns:
        The encoding that the file's byte order mark names, else that of the user.

    Raises:
        FileNotFoundError: The file is missing.
        ValueError: It is not text, or it is UTF-16 without a byte order mark, which has to be said.

    Example:
        `encoding_of(Path("train.csv"))` -> `"utf-8"`
    """
    return _encoding(path, encoding)[0]


def line_end(path: Path, encoding: str = "") -> str:
    """Finds what ends the lines of a file: a newline if there is any in it, else carriage returns.

    Example:
        `line_end(Path("train.csv"))` -> `"\\n"`
    """
    found = "\n"
    try:
        with _decoded(path, encoding, "") as text:
            while chunk := text.read(_CHUNK):
                if "\n" in chunk:
                    return "\n"
                found = "\r" if "\r" in chunk else found
    except UnicodeDecodeError:
        return "\n"  # reading will name the line
    return found


@contextmanager
def _opened(path: Path) -> Generator[BinaryIO]:
    if not path.is_file():
        raise FileNotFoundError(f"Expected a text file. Received: path={file_formats.missing(path)}")
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        if path.suffix.lower() == ".gz" and not packed:
            raise ValueError(f"Expected a whole gzip file. Received: a file that is not gzip, {path}")
        try:
            with gzip.open(file) if packed else file as content:
                yield cast("BinaryIO", content)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise ValueError(f"Expected a whole gzip file. Received: {error}, {path}") from None


def _encoding(path: Path, encoding: str) -> tuple[str, int]:
    """The encoding, and the number of bytes of the byte order mark."""
    with _opened(path) as file:
        head = file.read(_HEAD)
    file_formats.check_content(path, head)
    for mark, name in _BYTE_ORDER_MARKS.items():
        if head.startswith(mark):
            return name, len(mark)
    wide = _wide(head)
    if encoding:
        known = codecs.lookup(encoding).name
        if known in ("utf-16", "utf-32"):
            raise ValueError(
                f"Expected a byte order mark at the start of {known.upper()} text; without one type --encoding "
                f"{wide or f'{known}-le'}. Received: {path}"
            )
        return ("utf-8" if known == "utf-8-sig" else encoding), 0
    if wide:
        raise ValueError(f"Expected UTF-8 text. Received: {path}, which looks like --encoding {wide}")
    return "utf-8", 0


def _wide(head: bytes) -> str:
    """The encoding of two or four bytes a character that a file seems to have, by the zeros beside its first newline.

    Empty if it seems to have none.
    """
    if head.count(0) < max(_FEWEST_ZEROS, len(head) * _ZEROS):
        return ""
    place = head.find(b"\n") if b"\n" in head else head.find(b"\r")
    for size in (4, 2):
        for order in ("le", "be"):
            first = place - (size - 1) * (order == "be")
            zeros = head[first : first + size].replace(head[place : place + 1], b"")
            if place >= 0 and first >= 0 and first % size == 0 and zeros == bytes(size - 1):
                return f"utf-{8 * size}-{order}"
    for first, name in ((0, "utf-16-be"), (1, "utf-16-le")):
        if len(head) >= 8 and not any(head[first::2]) and all(head[1 - first :: 2]):
            return name
    return ""


@contextmanager
def _decoded(path: Path, encoding: str, newline: str) -> Generator[io.TextIOWrapper]:
    name, skipped = _encoding(path, encoding)
    with _opened(path) as file:
        file.read(skipped)
        with io.TextIOWrapper(file, name, newline=newline) as text:
            yield text


def _bad_byte(path: Path, encoding: str, end: str) -> ValueError:
    """The error that names the first byte of a file that cannot be decoded."""
    name, skipped = _encoding(path, encoding)
    decoder = codecs.getincrementaldecoder(name)()
    line, position = 1, 0
    with _opened(path) as file:
        file.read(skipped)
        try:
            while chunk := file.read(_CHUNK):
                text = decoder.decode(chunk)
                line, position = line + text.count(end), _column(text, end, position)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            text = error.object[: error.start].decode(name)
            return ValueError(
                f"Expected {name.upper()} text, or its --encoding, such as latin-1. "
                f"Received: byte 0x{error.object[error.start]:02x} at position {_column(text, end, position):,} of the "
                f"line, {path}, line {line + text.count(end):,}"
            )
    return ValueError(f"Expected {name.upper()} text. Received: {path}")


def _column(text: str, end: str, before: int) -> int:
    """Characters of the last line that a text ends in, after those of it that came before the text."""
    found = text.rfind(end)
    return before + len(text) if found < 0 else len(text) - found - 1
