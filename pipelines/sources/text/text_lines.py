"""Reads lines of text files, plain or gzipped, with errors that name file and line."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path


def read(path: Path, encoding: str = "utf-8") -> Iterator[str]:
    """Reads a file line by line.

    Only a newline ends a line. A carriage return before it is removed. Other characters that Unicode counts as line
    ends are part of the text.

    Args:
        path: The file, plain or `.gz`.
        encoding: Encoding of the text, in which a newline must be the single byte 10. A byte order mark is removed.

    Yields:
        The lines without line ends.

    Raises:
        FileNotFoundError: The file is missing.
        ValueError: A line cannot be decoded, or a `.gz` is damaged; the message names file and line.

    Example:
        `next(read(Path("train.en.gz")))`
    """
    if not path.is_file():
        raise FileNotFoundError(f"Expected a text file. Received: path={str(path)!r}")
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        number = 0
        try:
            for number, line in enumerate(file, start=1):  # bytes: only b"\n" ends a line
                text = line.removesuffix(b"\n").removesuffix(b"\r").decode(encoding)
                yield text.removeprefix("\ufeff") if number == 1 else text
        except UnicodeDecodeError as error:
            raise ValueError(
                f"Expected {encoding.upper()} text. Received: byte 0x{error.object[error.start]:02x} at position "
                f"{error.start} of the line, {path}, line {number}"
            ) from None
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise ValueError(f"Expected a whole gzip file. Received: {error}, {path}, after line {number}") from None
