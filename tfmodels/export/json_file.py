"""Reading JSON files that come with an export and may hold anything."""

import json
from pathlib import Path
from typing import Any

_LARGEST = 1 << 26  # bytes: a card holds the offset changes of a time zone, not data


def read_object(file: Path) -> dict[str, Any]:
    """Reads a JSON object.

    Args:
        file: The file.

    Returns:
        Its content.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not JSON in UTF-8, or no object, or far larger than such files are.

    Example:
        `read_object(version / "assets.extra" / "tfmodels.json")["task"]`
    """
    if not file.is_file():
        raise FileNotFoundError(f"Expected a JSON file. Received: {file}")
    if file.stat().st_size > _LARGEST:
        raise ValueError(f"Expected at most {_LARGEST:,} bytes. Received: {file.stat().st_size:,} in {file}")
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"Expected JSON in {file}. Received: {type(error).__name__}: {error}") from None
    if not isinstance(content, dict):
        raise ValueError(f"Expected a JSON object in {file}. Received: {type(content).__name__}")
    return content
