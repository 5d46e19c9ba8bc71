"""A table that is pasted, edited or uploaded, and answers as a table and as a file to download."""

import itertools
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from pipelines.app import file_limits, limits
from pipelines.app.panel import Outputs, Rows, Values
from pipelines.runs.rows.asked import Asked
from pipelines.sources.files import file_formats, row_files

if TYPE_CHECKING:
    from gradio.components import Component

_SHOWN = 100  # rows of an answer; the file has all
_TEXTS = (".csv", ".tsv", ".jsonl", ".txt")  # whose content can be edited


def inputs(label: str, example: str = "") -> "dict[str, Component]":
    """Makes what a table is given with: a file, whose text then can be edited, or the text itself.

    Args:
        label: What the table is.
        example: What stands there at first.

    Returns:
        `file` and `table`.

    Example:
        `tables.inputs("Measurements")`
    """
    file = gr.File(label="Upload a file", type="filepath", height=150)
    table = gr.Textbox(example, label=f"{label}, or text of a .csv file", lines=6, max_lines=14)
    file.upload(_text, [file], [table], api_visibility="private")
    return {"file": file, "table": table}


def read(asked: Asked, values: Values) -> Rows:
    """Reads the rows of what `inputs` made, as `tfmodels predict --input FILE` does.

    Args:
        asked: What is to be asked.
        values: With `file` and `table`; of an uploaded text what stands in `table` counts, which may be edited.

    Returns:
        The rows.

    Raises:
        ValueError: There is no table, it is too large, or its reader refuses it.

    Example:
        `tables.read(model.asked(), {"file": None, "table": "text\\nA dog.\\n"})`
    """
    file, text = values["file"], values["table"] or ""
    if not (file or text.strip()):
        raise ValueError("Expected a file, or a table. Received: neither")
    path = Path(file) if file else None
    if path is None or (text and path.suffix.lower() in _TEXTS):
        path = Path(tempfile.mkdtemp()) / (path.name if path else "pasted.csv")
        path.write_text(text, encoding="utf-8")
    file_limits.check(path)
    rows = asked.read(path)
    limits.check_rows(len(rows))
    limits.check_texts([value for row in rows for value in (row.values() if isinstance(row, Mapping) else [row])])
    return rows


def outputs() -> "dict[str, Component]":
    """Makes what shows answers.

    Returns:
        `answers` and `download`.

    Example:
        `tables.outputs()`
    """
    return {
        "answers": gr.Dataframe(label="Answers", datatype="str", interactive=False, max_height=420),
        "download": gr.File(label="All answers as a file"),
    }


def shown(asked: Asked, values: Values, rows: Rows, answers: Outputs) -> dict[str, Any]:
    """Writes answers as `tfmodels predict --output FILE` does, and shows the first rows of that file.

    Args:
        asked: What was asked.
        values: With the `file` that was uploaded, if one was: its format is that of the answers.
        rows: The rows.
        answers: The answer to each.

    Returns:
        What `outputs` show.

    Example:
        `tables.shown(asked, values, rows, asked.predict(rows))["download"]`
    """
    kind = file_formats.of(Path(values["file"])) if values.get("file") else "csv"
    name = "answers.jsonl" if kind == "lines" else f"answers.{kind}"
    path = Path(tempfile.mkdtemp()) / name
    try:
        asked.write(path, rows, answers)
    except ValueError:  # outputs that a table of cells cannot hold
        path = path.with_name("answers.jsonl")
        asked.write(path, rows, answers)
    return {"answers": frame(path), "download": str(path)}


def frame(path: Path) -> dict[str, Any]:
    """The first rows of a table as texts, for a data frame of a page.

    Args:
        path: The file.

    Example:
        `frame(Path("answers.csv"))["headers"]`
    """
    found = row_files.read(path)
    return cells(found.names, [row for _, row in itertools.islice(found.rows, _SHOWN)])


def cells(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """A table as texts, for a data frame of a page.

    Args:
        names: The names of its columns.
        rows: Their cells.

    Example:
        `cells(["label"], [["good"]])` -> `{"headers": ["label"], "data": [["good"]]}`
    """
    return {"headers": list(names), "data": [[_cell(one) for one in row] for row in rows]}


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, list | tuple):
        return ", ".join(map(_cell, value))
    return "" if value is None else str(value)


def _text(file: str | None) -> str:
    """The content of an uploaded text, if it is one that can be edited; what is no UTF-8 is read as a file."""
    if file is None or Path(file).suffix.lower() not in _TEXTS or Path(file).stat().st_size > limits.MOST_LETTERS:
        return ""
    try:
        return Path(file).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return ""
