"""Reading JSON files that come with an export and may hold anything."""

from pathlib import Path
from typing import Any

from tfmodels import whole_files

_REMEDY = "Copy the export again, or export it again."


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
    content = whole_files.read_json(file, _REMEDY)
    if not isinstance(content, dict):
        raise ValueError(f"Expected a JSON object in {file}. Received: {type(content).__name__}. {_REMEDY}")
    return content
