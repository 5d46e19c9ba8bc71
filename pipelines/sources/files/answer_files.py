"""Files of texts to answer, with their other columns, and files of answers beside them."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipelines.sources.faults import Faults
from pipelines.sources.files import dialect, file_formats, row_files
from pipelines.sources.files.dialect import Dialect
from pipelines.sources.files.file_options import FileOptions
from pipelines.sources.files.row_files import Rows

ANSWER = "answer_"  # before the name of an answer whose name the input has


class TextRows(list[str]):
    """The texts of a file, and the rows that they are in.

    Args:
        texts: The texts.
        names: The names of the columns.
        cells: The cells of each row.
        column: The column of the texts.
        how: How the file is written.

    Example:
        `TextRows(["A dog."], ["id", "text"], [["7", "A dog."]], "text")[0]` -> `"A dog."`
    """

    def __init__(
        self, texts: Sequence[str], names: list[str], cells: list[list[Any]], column: str, how: Dialect | None = None
    ) -> None:
        super().__init__(texts)
        self.names, self.cells, self.column, self.how = names, cells, column, how


def read_texts(
    path: Path,
    column: str | Sequence[str],
    files: FileOptions | None = None,
    known: Dialect | None = None,
    faults: Faults | None = None,
) -> TextRows:
    """Reads texts.

    Args:
        path: A .csv, .tsv, .jsonl or .parquet file, or a file with any other ending and a text in each line; texts
            plain or gzip.
        column: Column of the text, or several names of which the first that the file has is taken. A .csv or .tsv file
            of a single column may have any name for it.
        files: How the file is written.
        known: Dialect of the training data, which decides where two readings fit.
        faults: Collects malformed rows and rows without a text, which are left out; by default the first is an error.

    Returns:
        The texts, empty ones too.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file has no rows, the column is missing, a row has no text or is malformed, or the file is
            damaged or has another encoding.

    Example:
        `read_texts(Path("reviews.csv"), "text")`
    """
    faults = faults or Faults()
    columns = [column] if isinstance(column, str) else column
    rows = row_files.read(path, dialect.find(path, files, known), faults)
    if rows.dialect.format == "lines":
        cells = [row for _, row in rows.rows]
        return TextRows([text for (text,) in filled(rows, cells)], [columns[0]], cells, columns[0])
    name = next((name for name in columns if name in rows.names), columns[0])
    if len(rows.names) == 1 and rows.dialect.delimiter:
        name = rows.names[0]
    place = rows.column(name) if rows.names else 0
    texts, cells = [], []
    for line, row in rows.rows:
        if not isinstance(row[place], str):
            faults.found("a text in each row", f"{row[place]!r}, {rows.place(line)}", "it is left out")
            continue
        texts.append(row[place])
        cells.append(row)
    filled(rows, cells)
    return TextRows(texts, rows.names, cells, name, rows.dialect)


def filled(rows: Rows, cells: list[Any]) -> list[Any]:
    """Refuses a file without rows.

    Args:
        rows: The file.
        cells: Its rows.

    Returns:
        The rows.

    Raises:
        ValueError: There is none.
    """
    if not cells:
        what = f"only the header {', '.join(rows.names)}" if rows.names and rows.dialect.delimiter else "an empty file"
        raise ValueError(f"Expected a file with rows. Received: {what}, {rows.path}")
    return cells


def write_answers(path: Path, texts: Sequence[str], answers: Mapping[str, Sequence[Any]], column: str = "text") -> None:
    """Writes answers to texts.

    Args:
        path: A .csv, .tsv, .jsonl or .parquet file, which gets the columns of the input and then the answers, with the
            delimiter and the encoding of an input of the same format; with any other ending it gets the first answer
            alone in each line. Texts are gzip if it ends in .gz.
        texts: What `read_texts` returned, or any texts.
        answers: Name -> the answers, one for each text.
        column: Column of texts that are from no file.

    Raises:
        ValueError: The format cannot hold them.

    Example:
        `write_answers(Path("labels.csv"), ["A fine film."], {"label": ["positive"]})`
    """
    if isinstance(texts, TextRows):
        write_beside(path, texts.names, texts.cells, [texts.column], answers, texts.how)
    else:
        write_beside(path, [column], [[text] for text in texts], [column], answers)


def write_beside(
    path: Path,
    names: list[str],
    cells: Sequence[Sequence[Any]],
    read: Sequence[str],
    answers: Mapping[str, Sequence[Any]],
    how: Dialect | None = None,
) -> None:
    """Writes answers to rows; see `write_answers`.

    Args:
        path: The file.
        names: The columns of the rows.
        cells: The cells of each row.
        read: The columns that the model has read. They keep their names; an answer of the same name begins with
            `answer_`. Any other column with the name of an answer is left out, which is said.
        answers: Name -> the answers, one for each row.
        how: How the file of the rows is written; one of the same format is written alike.
    """
    if file_formats.of(path) == "lines":
        name, lines = next(iter(answers.items()))
        row_files.write(path, [name], ([line] for line in lines))
        return
    new = [f"{ANSWER}{name}" if name in read else name for name in answers]
    kept = [place for place, name in enumerate(names) if name not in new]
    if len(kept) < len(names):
        replaced = ", ".join(name for name in names if name in new)
        print(f"{path} has answers in place of the input's columns {replaced}", file=sys.stderr)
    rows = zip(cells, zip(*answers.values(), strict=True), strict=True)
    row_files.write(
        path,
        [*(names[place] for place in kept), *new],
        ([*(row[place] for place in kept), *answer] for row, answer in rows),
        how,
    )
