"""Files cut into chunks of rows, the same chunks each time; only one of them is in memory."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from pipelines.sources.faults import Faults
from pipelines.sources.files import dialect, row_files
from pipelines.sources.files.dialect import Dialect
from pipelines.sources.files.file_options import FileOptions
from pipelines.sources.files.row_files import Row


class Chunk(NamedTuple):
    """Some rows of a file.

    Attributes:
        number: Of the chunk among those of all files, from 0.
        file: The file.
        size: The number of its rows, malformed ones left out.
    """

    number: int
    file: Path
    size: int


class Content(NamedTuple):
    """What a chunk holds.

    Attributes:
        names: The names of the columns.
        rows: The line of each row, and its cells.
        malformed: What is wrong with the rows that cannot be read, in sentences that name file and line.
        format: The format of the file.
    """

    names: list[str]
    rows: list[Row]
    malformed: list[str]
    format: str


class _Malformed(Faults):
    """Keeps what is wrong with rows until it is taken."""

    def __init__(self) -> None:
        super().__init__("drop")
        self.kept: list[str] = []

    def found(self, expected: str, received: str, repair: str, count: int = 1) -> None:
        self.kept.append(f"Expected {expected}. Received: {received}")

    def taken(self) -> list[str]:
        kept, self.kept = self.kept, []
        return kept


def plan(
    files: Sequence[Path], rows: int, table: Mapping[str, Any], count: Callable[[int], None] = lambda rows: None
) -> list[Chunk]:
    """Counts the rows of files.

    Args:
        files: The files; no chunk has rows of two.
        rows: Rows of a chunk; the last one of a file may have fewer.
        table: What the card of the model says of files of rows: `files` and `dialect`, if anything.
        count: Called after each chunk with the number of its rows.

    Returns:
        The chunks, in the order of files and rows.

    Raises:
        FileNotFoundError: A file is missing.
        ValueError: A file cannot be read, or none has rows.

    Example:
        `plan([Path("rows.jsonl")], 10_000, {})[0].size`
    """
    found: list[Chunk] = []
    for file in files:
        for content in _read(file, rows, table):
            found.append(Chunk(len(found), file, len(content.rows)))
            count(found[-1].size)
    if not any(chunk.size for chunk in found):
        raise ValueError(f"Expected files with rows. Received: none in {', '.join(map(str, files))}")
    return found


def read(
    chunks: Sequence[Chunk], wanted: Callable[[Chunk], bool], rows: int, table: Mapping[str, Any]
) -> Iterator[tuple[Chunk, Content]]:
    """Reads some of the chunks.

    Args:
        chunks: What `plan` returned.
        wanted: Whether a chunk is.
        rows: As of `plan`.
        table: As of `plan`.

    Yields:
        Each wanted chunk and what it holds.

    Raises:
        ValueError: A file has changed since it was counted.

    Example:
        `for chunk, content in read(chunks, lambda chunk: chunk.number % 4 == 0, 10_000, {}): ...`
    """
    for file in dict.fromkeys(chunk.file for chunk in chunks):
        of_file = [chunk for chunk in chunks if chunk.file == file]
        if not any(map(wanted, of_file)):
            continue
        contents = _read(file, rows, table)
        for chunk in of_file:
            content = next(contents, None)
            if content is None or len(content.rows) != chunk.size:
                raise ValueError(f"Expected a file that stays as it is while it is read. Received: {file}, changed")
            if wanted(chunk):
                yield chunk, content


def _read(file: Path, size: int, table: Mapping[str, Any]) -> Iterator[Content]:
    malformed = _Malformed()
    rows = row_files.read(file, _dialect(file, table), malformed)
    while True:
        some = list(islice(rows.rows, size))
        wrong = malformed.taken()
        if some or wrong:
            yield Content(rows.names, some, wrong, rows.dialect.format)
        if len(some) < size:
            return


def _dialect(file: Path, table: Mapping[str, Any]) -> Dialect:
    """How a file is written, as the task reads it."""
    known = dialect.from_dict(table["dialect"]) if table.get("dialect") else None
    return dialect.find(file, FileOptions(**table.get("files", {})), known)
