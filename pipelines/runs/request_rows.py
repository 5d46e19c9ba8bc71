"""Files of input rows for any endpoint, by its signature alone."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tfmodels.export.graph.field import Field


def text_input(inputs: "Mapping[str, Field]") -> str | None:
    """Finds the input for rows that are plain texts: the first one of type string.

    Args:
        inputs: Input name -> field.

    Returns:
        Its name; None if no input takes text.
    """
    return next((name for name, field in inputs.items() if field.dtype == "string"), None)


def read_rows(file: Path, inputs: "Mapping[str, Field]") -> list[dict[str, Any]]:
    """Reads rows.

    Args:
        file: In a `.jsonl` file a line is a JSON object of input name -> value, or a JSON string; in any other file a
            line is a text.
        inputs: Input name -> field.

    Returns:
        The rows, each input name -> value.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is empty, or a line is not a row of these inputs.

    Example:
        `read_rows(Path("rows.jsonl"), client.endpoints()["serving_default"].inputs)`
    """
    lines = file.read_text(encoding="utf-8").splitlines()
    if not lines:
        raise ValueError(f"Expected a file of rows. Received: an empty file, {file}")
    return [_row(f"line {number} of {file}", line, inputs, file.suffix) for number, line in enumerate(lines, start=1)]


def _row(where: str, line: str, inputs: "Mapping[str, Field]", suffix: str) -> dict[str, Any]:
    row = line if suffix != ".jsonl" else _parsed(where, line)
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
