"""Files of rows: CSV, TSV, JSON lines, Parquet, or a text in each line; one reader and one writer for all of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.sources.faults import Faults
from pipelines.sources.files import delimited_rows, dialect, json_rows, parquet_rows, row_writer, text_lines
from pipelines.sources.files.dialect import Dialect
from pipelines.sources.files.file_options import FileOptions
from tfmodels.suggestions import did_you_mean

Row = tuple[int, list[Any]]
TEXT = json_rows.TEXT  # the column of a file with a text in each line


@dataclass(frozen=True)
class Rows:
    """The rows of a file.

    Attributes:
        path: The file.
        names: The names of its columns; empty if the file is.
        rows: The line where each row starts (in Parquet its number), and its cells, as many as there are names: texts
            in CSV and TSV (an empty one where nothing is), else values, None where missing. Can be read once.
        dialect: How the file is written.
    """

    path: Path
    names: list[str]
    rows: Iterator[Row]
    dialect: Dialect

    def column(self, name: str, option: str = "") -> int:
        """Finds a column.

        Args:
            name: Its name.
            option: The option that names it, if there is one, for messages.

        Returns:
            Its place.

        Raises:
            ValueError: There is no such column, or there are several, or no row can be read.

        Example:
            `rows.column("text", "text")` -> `0`
        """
        if not self.names:
            next(self.rows, None)  # what is wrong with a row is why there are no names, and is said
        if name not in self.names:
            there = ", ".join(self.names) or "the file has none"
            expected = f"for --{option} COLUMN: {there}" if option else repr(name)
            received = f"{option}={name!r}" if option else there
            raise ValueError(
                f"Expected a column {expected}. Received: {received}{did_you_mean(name, self.names)}, {self.path}"
            )
        if self.names.count(name) > 1:
            raise ValueError(
                f"Expected one column named {name!r}; rename the others. "
                f"Received: {self.names.count(name)} of them, {self.path}"
            )
        return self.names.index(name)

    def place(self, line: int) -> str:
        """Where a row is, for messages.

        Example:
            `rows.place(7)` -> `"reviews.csv, line 7"`
        """
        return f"{self.path}, {'row' if self.dialect.format == 'parquet' else 'line'} {line:,}"


def read(path: str | Path, how: Dialect | FileOptions | None = None, faults: Faults | None = None) -> Rows:
    """Opens a file; its rows are read one by one.

    Args:
        path: The file, its format by the ending: .csv, .tsv, .jsonl, .parquet, or a text in each line, the column
            `text`. Texts may be gzip.
        how: Its dialect, or options from which it is found.
        faults: Collects rows with more or fewer cells than the header, and lines that are no JSON objects; they are
            left out. By default the first is an error.

    Returns:
        The rows.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It cannot be read, now or at a later row; the message names file and line.

    Example:
        ```python
        rows = read("reviews.csv")
        place = rows.column("text", "text")
        texts = [cells[place] for _, cells in rows.rows]
        ```
    """
    path, faults = Path(path), faults or Faults()
    how = how if isinstance(how, Dialect) else dialect.find(path, how)
    if how.format == "parquet":
        names, rows = parquet_rows.read(path)
    elif how.format == "jsonl":
        names = json_rows.names(path, how.encoding)
        rows = json_rows.read(path, names, how.encoding, faults)
    elif how.format == "lines":
        names = [TEXT]
        rows = ((line, [text]) for line, text in enumerate(text_lines.read(path, how.encoding), start=1))
    else:
        names, rows = _cells(path, how, faults)
    return Rows(path, names, rows, how)


def write(path: str | Path, names: Sequence[str], rows: Iterable[Sequence[Any]], how: Dialect | None = None) -> None:
    """Writes a file that `read` reads as the same rows. It is written aside and renamed into place.

    Args:
        path: The file, its format by the ending as in `read`; texts are gzip if it ends in .gz.
        names: The names of the columns; of a file with a text in each line only one.
        rows: The cells of each row: texts, numbers, booleans, None, and in .jsonl and .parquet lists, too. In .csv and
            .tsv None is an empty cell, and numbers have the digits that give the same number again.
        how: Dialect of files of this format: its delimiter and encoding are taken. By default the delimiter of the
            ending and UTF-8. Cells that need it are in quotes.

    Raises:
        ValueError: The format cannot hold these rows.

    Example:
        `write("labels.csv.gz", ["text", "label"], [["A fine film.", "positive"]])`
    """
    row_writer.write(Path(path), list(names), rows, how)


def _cells(path: Path, how: Dialect, faults: Faults) -> tuple[list[str], Iterator[Row]]:
    rows = delimited_rows.read(path, how.delimiter, how.quotes != "text", how.encoding)
    names = [name.strip() for name in next(rows, (1, []))[1]]
    if how.trailing and names and not names[-1]:
        del names[-1]
    return names, _even(path, len(names), how.trailing, rows, faults)


def _even(path: Path, width: int, trailing: bool, rows: Iterator[Row], faults: Faults) -> Iterator[Row]:
    """The rows that have as many cells as the header."""
    for line, cells in rows:
        if trailing and len(cells) == width + 1 and not cells[-1].strip():
            del cells[-1]
        if len(cells) == width:
            yield line, cells
        elif len(cells) > 1 or cells[0].strip():  # else a line of blanks
            faults.found(
                "as many cells in each row as the header has",
                f"{len(cells)} in place of {width}, {path}, line {line:,}", "it is left out",
            )  # fmt: skip
