"""Labelled text in files: tables, JSON lines, lines with a label, and folders of texts."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pipelines.sources.faults import Faults
from pipelines.sources.files import dialect, file_formats, row_files, text_lines
from pipelines.sources.files.dialect import Dialect
from pipelines.sources.files.file_options import FileOptions
from pipelines.sources.text import labelled_lines
from pipelines.sources.text.labelled import Labelled

_LEFT_OUT = "it is left out"
_SHOWN = 10  # columns in a message

Layout = Literal["columns", "text_tab_label", "label_tab_text", "label_text"]
Row = tuple[str, list[Any]]  # its place, for messages, and its cells; None for a missing one


@dataclass(frozen=True)
class Form:
    """The layout of labelled text.

    Attributes:
        layout: `columns` (CSV, TSV, JSON lines or Parquet, by the file's ending), or one of `labelled_lines.LAYOUTS`.
        text: Column of the text.
        label: Column of the label.
        separator: Separator between the labels of a text that may have several; empty for exactly one label.
        files: How the files are written.
    """

    layout: Layout = "columns"
    text: str = "text"
    label: str = "label"
    separator: str = ""
    files: FileOptions = field(default_factory=FileOptions)


def read(path: Path, form: Form, faults: Faults, known: Dialect | None = None) -> Iterator[Labelled]:
    """Reads a file.

    Args:
        path: The file, texts plain or gzip.
        form: Its layout.
        faults: Collects malformed rows and rows without text or label; they are left out.
        known: Dialect of the training data; see `dialect_of`.

    Yields:
        The rows.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: A column is missing, the file is damaged or has another encoding, or a fault is an error.

    Example:
        `next(read(Path("reviews.csv"), Form(), Faults("error")))`
    """
    if form.layout == "columns":
        rows = _columns(path, form, faults, known)
    else:
        rows = labelled_lines.read(path, form.layout, form.files.encoding, faults)
    for place, (text, label) in rows:
        yield from labelled(text, label, place, form, faults)


def dialect_of(path: Path, form: Form, known: Dialect | None = None) -> Dialect | None:
    """Finds the dialect of a file with named columns.

    Args:
        path: The file.
        form: Its layout, and how it is written.
        known: Dialect of the training data, which decides where two readings fit.

    Returns:
        The dialect; None in the layouts without names of columns.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file has no columns, or cannot be read.

    Example:
        `dialect_of(Path("reviews.csv"), Form()).delimiter` -> `","`
    """
    if form.layout != "columns":
        return None
    found = dialect.find(path, form.files, known)
    if found.format == "lines":
        raise ValueError(
            f"Expected a file with the ending {', '.join(file_formats.TABLES)} (texts also .gz), or another layout. "
            f"Received: layout='columns', {path}{labelled_lines.proposal(path, form.files.encoding)}"
        )
    return found


def columns_of(path: Path, form: Form, how: Dialect) -> str:
    """Says which columns of a file are read, and which are not.

    Args:
        path: The file.
        form: Names its columns.
        how: Its dialect.

    Returns:
        A sentence.

    Example:
        `columns_of(Path("reviews.csv"), Form(), how)` -> "columns: text 'text', label 'label'; not used: 'id'"
    """
    names = row_files.read(path, how).names
    unused = [repr(name) for name in names if name not in (form.text, form.label)]
    more = f" and {len(unused) - _SHOWN:,} more" if len(unused) > _SHOWN else ""
    rest = f"; not used: {', '.join(unused[:_SHOWN])}{more}" if unused else ""
    return f"columns: text {form.text!r}, label {form.label!r}{rest}"


def read_folders(folder: Path, form: Form, faults: Faults) -> Iterator[Labelled]:
    """Reads a folder with a folder for each class, whose files are texts.

    Args:
        folder: Such as `train`, with `pos/1.txt` and `neg/1.txt` in it.
        form: Only the encoding of its files is used.
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
            text = "\n".join(text_lines.read(path, form.files.encoding))
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
    if any(isinstance(part, list | dict | bytes) for part in (label if isinstance(label, list) else [label])):
        faults.found("labels that are texts or numbers", f"{label!r}, {place}", _LEFT_OUT)
        return
    labels = _labels(label, form.separator)
    if len(labels) != 1 and not form.separator:
        received = "none" if not labels else repr(list(labels))
        faults.found("one label in each row, or a separator between several", f"{received}, {place}", _LEFT_OUT)
        return
    yield Labelled(text, labels, place=place)


def _labels(label: Any, separator: str) -> tuple[str, ...]:
    parts = label if isinstance(label, list) else [label]
    parts = [part for part in parts if part is not None and part == part]  # NaN differs from itself
    if separator and not isinstance(label, list):
        parts = [part for one in parts for part in str(one).split(separator)]
    return tuple(dict.fromkeys(part for part in (str(part).strip() for part in parts) if part))


def _without_header(names: list[str], form: Form) -> str:
    """Says that a header is missing, where it has neither column."""
    if not names or {form.text, form.label} & set(names):
        return ""
    return "; the first line must name the columns: is it missing?"


def _columns(path: Path, form: Form, faults: Faults, known: Dialect | None) -> Iterator[Row]:
    rows = row_files.read(path, dialect_of(path, form, known), faults)
    try:
        places = [rows.column(form.text, "text"), rows.column(form.label, "label")]
    except ValueError as error:
        hint = labelled_lines.proposal(path, form.files.encoding) if rows.dialect.format == "tsv" else ""
        raise ValueError(f"{error}{hint or _without_header(rows.names, form)}") from None
    for line, cells in rows.rows:
        yield rows.place(line), [cells[place] for place in places]
