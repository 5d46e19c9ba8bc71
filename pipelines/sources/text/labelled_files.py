"""Labelled text in files: tables, JSON lines, lines with a label, and folders of texts."""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pipelines.sources.faults import Faults
from pipelines.sources.text import text_lines
from pipelines.sources.text.labelled import Labelled
from tfmodels.suggestions import did_you_mean

ENDINGS = (".csv", ".tsv", ".jsonl")  # of tables with named columns
_LONGEST_CELL = 1 << 28  # characters; the csv module's own limit is that of a short document
_LEFT_OUT = "it is left out"

Layout = Literal["columns", "text_tab_label", "label_text"]
Row = tuple[int, list[Any]]  # number of its line, its cells; None for a missing one
Named = Sequence[tuple[str, str]]  # columns, each with the option that names it


@dataclass(frozen=True)
class Form:
    """The layout of labelled text.

    Attributes:
        layout: `columns` (CSV, TSV or JSON lines, by the file's ending), `text_tab_label` or `label_text`
            (separated by a space).
        text: Column of the text.
        label: Column of the label.
        separator: Separator between the labels of a text that may have several; empty for exactly one label.
        encoding: Encoding of the files.
    """

    layout: Layout = "columns"
    text: str = "text"
    label: str = "label"
    separator: str = ""
    encoding: str = "utf-8"


def read(path: Path, form: Form, faults: Faults) -> Iterator[Labelled]:
    """Reads a file.

    Args:
        path: The file, plain or `.gz`.
        form: Its layout.
        faults: Collects malformed rows and rows without text or label; they are left out.

    Yields:
        The rows.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: A column is missing, the file is damaged or has another encoding, or a fault is an error.

    Example:
        `next(read(Path("reviews.csv"), Form(), Faults("error")))`
    """
    if form.layout == "columns":
        rows = _columns(path, form.encoding, [(form.text, "text"), (form.label, "label")], faults)
    else:
        rows = (_text_tab_label if form.layout == "text_tab_label" else _label_text)(path, form.encoding, faults)
    for line, (text, label) in rows:
        yield from labelled(text, label, f"{path}, line {line:,}", form, faults)


def read_texts(path: Path, column: str, encoding: str) -> list[str]:
    """Reads texts without labels.

    Args:
        path: A .csv, .tsv or .jsonl file, plain or `.gz`, or a file with any other ending and a text in each line.
        column: Column of the text, where there are columns.
        encoding: Encoding of the file.

    Returns:
        The texts, empty ones too.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The column is missing, a row is malformed, or the file is damaged or has another encoding.

    Example:
        `read_texts(Path("reviews.csv"), "text", "utf-8")`
    """
    if not _has_columns(path):
        return list(text_lines.read(path, encoding))
    faults = Faults("error")
    return [str(text or "") for _, (text,) in _columns(path, encoding, [(column, "text")], faults)]


def read_folders(folder: Path, form: Form, faults: Faults) -> Iterator[Labelled]:
    """Reads a folder with a folder for each class, whose files are texts.

    Args:
        folder: Such as `train`, with `pos/1.txt` and `neg/1.txt` in it.
        form: Only its encoding is used.
        faults: Collects empty files; they are left out.

    Yields:
        The texts, labelled by the names of their folders, in the order of the names.

    Raises:
        ValueError: A file has another encoding, or a fault is an error.

    Example:
        `list(read_folders(Path("aclImdb/train"), Form(), Faults("error")))`
    """
    for place in sorted(path for path in folder.iterdir() if path.is_dir()):
        for path in sorted(path for path in place.iterdir() if path.name.removesuffix(".gz").endswith(".txt")):
            text = "\n".join(text_lines.read(path, form.encoding))
            yield from labelled(text, [place.name], str(path), form, faults)


def labelled(text: Any, label: Any, place: str, form: Form, faults: Faults) -> Iterator[Labelled]:
    """Makes a row, or none if it is faulty.

    Args:
        text: Text, or None if it is missing.
        label: Text, a number or a list of them, or None.
        place: The row's place in the data, for messages.
        form: Tells whether a row may have several labels.
        faults: Collects the row if it has no text, or no label though it needs one.

    Yields:
        The row.
    """
    if not isinstance(text, str) or not text.strip():
        faults.found("a text in each row", f"{'none' if text is None else repr(text)}, {place}", _LEFT_OUT)
        return
    labels = _labels(label, form.separator)
    if len(labels) != 1 and not form.separator:
        received = "none" if not labels else repr(list(labels))
        faults.found("one label in each row, or a separator between several", f"{received}, {place}", _LEFT_OUT)
        return
    yield Labelled(text, labels, place=place)


def _labels(label: Any, separator: str) -> tuple[str, ...]:
    if label is None:
        parts = []
    elif isinstance(label, list):
        parts = label
    else:
        parts = str(label).split(separator) if separator else [label]
    return tuple(dict.fromkeys(part for part in (str(part).strip() for part in parts) if part))


def _has_columns(path: Path) -> bool:
    return path.name.removesuffix(".gz").endswith(ENDINGS)


def _text_tab_label(path: Path, encoding: str, faults: Faults) -> Iterator[Row]:
    for line, content in enumerate(text_lines.read(path, encoding), start=1):
        text, tab, label = content.rpartition("\t")
        if not tab or "\t" in text:
            faults.found(
                "a text and its label with one tab between them in each line",
                f"{content.count(chr(9))} tabs, {path}, line {line:,}", _LEFT_OUT,
            )  # fmt: skip
            continue
        yield line, [text, label]


def _label_text(path: Path, encoding: str, faults: Faults) -> Iterator[Row]:
    for line, content in enumerate(text_lines.read(path, encoding), start=1):
        label, _, text = content.partition(" ")
        yield line, [text, label]


def _columns(path: Path, encoding: str, named: Named, faults: Faults) -> Iterator[Row]:
    if not _has_columns(path):
        raise ValueError(
            f"Expected a file with the ending {', '.join(ENDINGS)} (or .gz after it), or another layout. "
            f"Received: layout='columns', {path}"
        )
    lines = text_lines.read(path, encoding)
    if path.name.removesuffix(".gz").endswith(".jsonl"):
        return _objects(lines, path, named, faults)
    return _cells(lines, path, named, faults)


def _cells(lines: Iterator[str], path: Path, named: Named, faults: Faults) -> Iterator[Row]:
    """A row of a CSV file may span several lines, if its cells are quoted; a row of a TSV file may not."""
    csv.field_size_limit(_LONGEST_CELL)
    text = (f"{line}\n" for line in lines)
    tabbed = path.name.removesuffix(".gz").endswith(".tsv")
    rows = csv.reader(text, delimiter="\t", quoting=csv.QUOTE_NONE) if tabbed else csv.reader(text, strict=True)
    try:
        header = [name.strip() for name in next(rows, [])]
        places = [_place(header, name, option, path) for name, option in named]
        line = rows.line_num + 1
        for cells in rows:
            if cells and len(cells) != len(header):
                faults.found(
                    "as many cells in each row as the header has",
                    f"{len(cells)} in place of {len(header)}, {path}, line {line:,}", _LEFT_OUT,
                )  # fmt: skip
            elif cells:
                yield line, [cells[place] for place in places]
            line = rows.line_num + 1
    except csv.Error as error:
        raise ValueError(f"Expected a table. Received: {error}, {path}, line {rows.line_num:,}") from None


def _objects(lines: Iterator[str], path: Path, named: Named, faults: Faults) -> Iterator[Row]:
    for line, content in enumerate(lines, start=1):
        try:
            row = json.loads(content)
        except json.JSONDecodeError as error:
            row = str(error)
        if not isinstance(row, dict):
            faults.found("a JSON object in each line", f"{row!r}, {path}, line {line:,}", _LEFT_OUT)
            continue
        if line == 1:
            for name, option in named:
                _place(list(row), name, option, path)
        yield line, [row.get(name) for name, _ in named]


def _place(header: list[str], name: str, option: str, path: Path) -> int:
    if name not in header:
        raise ValueError(
            f"Expected a column for `{option}`: {', '.join(header) or 'the file has none'}. "
            f"Received: {option}={name!r}{did_you_mean(name, header)}, {path}"
        )
    return header.index(name)
