"""Labelled text without names of columns: a text and its label in each line."""

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipelines.sources.faults import Faults
from pipelines.sources.files import file_formats, text_lines

LAYOUTS = {
    "text_tab_label": "a text, a tab and its label",
    "label_tab_text": "a label, a tab and its text",
    "label_text": "a label, a blank and its text",
}
_OTHERS = {"text_tab_label": "label_tab_text", "label_tab_text": "text_tab_label"}
Row = tuple[str, list[str]]  # its place, for messages; its text and label
_SAMPLE = 1000  # lines that a layout is judged by
_MOST_LABELS = 50  # of a layout that is proposed
_LABELS = {"label", "labels", "class", "category", "target", "sentiment", "intent", "topic", "y"}  # names of columns
_TEXTS = {"text", "texts", "sentence", "review", "message", "tweet", "question", "document", "comment", "utterance"}


def read(path: Path, layout: str, encoding: str, faults: Faults) -> Iterator[Row]:
    """Reads a file.

    Args:
        path: The file, plain or gzip.
        layout: One of `LAYOUTS`.
        encoding: Its encoding; empty for UTF-8.
        faults: Collects lines without exactly one tab; they are left out. Is told of a first line that names columns,
            which is no row.

    Yields:
        The rows.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It has named columns or another layout, cannot be read, or a fault is an error.

    Example:
        `next(read(Path("trec.train"), "label_text", "", Faults("error")))`
    """
    _refuse_columns(path, layout, encoding)
    for line, content in enumerate(text_lines.read(path, encoding), start=1):
        place = f"{path}, line {line:,}"
        if layout == "label_text":
            label, _, text = content.partition(" ")
            if "\t" in label:
                raise ValueError(
                    f"Expected {LAYOUTS[layout]} in each line. Received: {label!r}, which holds a tab, {place}"
                    f"{proposal(path, encoding)}"
                )
        elif content.count("\t") != 1:
            faults.found(
                f"{LAYOUTS[layout]}, with one tab between them in each line",
                f"{content.count(chr(9))} tabs, {place}", "it is left out",
            )  # fmt: skip
            continue
        else:
            text, label = content.split("\t")[:: 1 if layout == "text_tab_label" else -1]
        if line == 1 and _is_header(text, label, layout, place):
            faults.note(f"{content!r} names columns and is no row, {place}")
            continue
        yield place, [text, label]


def _is_header(text: str, label: str, layout: str, place: str) -> bool:
    """Whether a first line names the columns of text and label.

    Raises:
        ValueError: It names them in the other order.
    """
    names = [text.strip().casefold(), label.strip().casefold()]
    if names[0] in _LABELS and names[1] in _TEXTS and layout in _OTHERS:
        raise ValueError(
            f"Expected {LAYOUTS[layout]} in each line, as its first line names them; type --layout {_OTHERS[layout]}. "
            f"Received: layout={layout!r}, {place}"
        )
    return names[0] in _TEXTS and names[1] in _LABELS


def proposal(path: Path, encoding: str) -> str:
    """Names the layout that fits a file, at the end of an error message.

    Args:
        path: The file.
        encoding: Its encoding; empty for UTF-8.

    Returns:
        The remark, with a semicolon before it; empty if no layout fits, or several do.

    Example:
        `proposal(Path("SMSSpamCollection.txt"), "")` -> `"; each line holds a label, a tab ...: type --layout ..."`
    """
    try:
        lines = list(itertools.islice(text_lines.read(path, encoding), _SAMPLE))
    except ValueError:
        return ""
    if lines and all(line.count("\t") == 1 for line in lines):
        sides = list(zip(*(line.split("\t") for line in lines), strict=True))
        found = [layout for layout, side in (("label_tab_text", 0), ("text_tab_label", 1)) if _are_labels(sides[side])]
    else:
        words = [line.partition(" ")[0] for line in lines]
        found = ["label_text"] if all(words) and _are_labels(words) and "\t" not in "".join(words) else []
    if len(found) != 1:
        return ""
    return f"; each line holds {LAYOUTS[found[0]]}: type --layout {found[0]}"


def _are_labels(cells: Sequence[str]) -> bool:
    """Whether cells are few values that repeat."""
    return 1 < len(set(cells)) <= min(_MOST_LABELS, len(cells) // 4)


def _refuse_columns(path: Path, layout: str, encoding: str) -> None:
    """Refuses files that have named columns."""
    kind = file_formats.of(path)
    first = [] if kind == "parquet" else next(text_lines.read(path, encoding), "").split("\t")
    if kind in ("jsonl", "parquet") or (kind == "csv" and (layout == "label_text" or len(first) != 2)):
        raise ValueError(
            f"Expected lines with {LAYOUTS[layout]}, or named columns: type --layout columns, with --text and --label "
            f"if they are not named text and label. Received: layout={layout!r}, {path}"
        )
    if kind == "tsv" and {cell.strip().lower() for cell in first} & _LABELS:
        raise ValueError(
            f"Expected lines with {LAYOUTS[layout]}, or named columns: type --layout columns, with --text and --label "
            f"of {', '.join(first)}. Received: layout={layout!r} and a header, {path}, line 1"
        )
