"""Files of rows to ask any endpoint with, of which nothing but its signature is known."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tfmodels.export.graph.field import Field


def text_input(inputs: "Mapping[str, Field]") -> str | None:
    """The input that a row fills which is a text without a name: the only one of type string, or the first.

    Args:
        inputs: By name.

    Returns:
        Its name; None if no input takes text.
    """
    return next((name for name, field in inputs.items() if field.dtype == "string"), None)


def read_rows(file: Path, inputs: "Mapping[str, Field]") -> list[dict[str, Any]]:
    """Reads rows.

    Args:
        file: With the ending `.jsonl` a line holds an object of values by input name, or a text; with any other ending
            a line is a text.
        inputs: By name.

    Returns:
        The rows, each input name -> value.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is empty, or a line is no row for these inputs.

    Example:
        `read_rows(Path("rows.jsonl"), client.endpoints()["serving_default"].inputs)`
    """
    lines = file.read_text(encoding="utf-8").splitlines()
    if not lines:
        raise ValueError(f"Expected a file of rows. Received: an empty file, {file}")
    return [_row(f"line {number} of {file}", line, inputs, file.suffix) for number, line in enumerate(lines, start=1)]


def _row(where: str, line: str, inputs: "Mapping[str, Field]", ending: str) -> dict[str, Any]:
    row = line if ending != ".jsonl" else _parsed(where, line)
    if isinstance(row, str):
        row = {text_input(inputs): row}
    if not isinstance(row, dict) or not inputs.keys() <= row.keys():
        raise ValueError(
            f"Expected a row with the inputs {sorted(inputs)}, as a JSON object in a .jsonl file. "
            f"Received: {where}: {line[:100]}"
        )
    return {name: row[name] for name in inputs}


def _parsed(where: str, line: str) -> Any:
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"Expected JSON on each line of a .jsonl file. Received: {where}: {error}") from None
