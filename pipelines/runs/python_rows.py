"""Rows to predict as Python code has them at hand: lists, generators, arrays of texts, data frames."""

from collections.abc import Iterable, Mapping
from typing import Any

Row = str | bytes | Mapping[str, Any]


def listed(rows: Any) -> list[Row]:
    """Lists rows one by one, whatever holds them.

    Args:
        rows: Any iterable of texts, or of mappings from input name to value; or a pandas DataFrame with a column for
            each input, or a Series of texts.

    Returns:
        The rows.

    Raises:
        ValueError: If it is one row in place of several, or one of them is neither a text nor a mapping.

    Example:
        `listed(pd.DataFrame({"text": ["A dog."]}))` -> `[{"text": "A dog."}]`
    """
    if isinstance(rows, str | bytes | Mapping):
        raise ValueError(f"Expected several rows, such as a list of them. Received: rows={_quoted(rows)}")
    if hasattr(rows, "columns") and hasattr(rows, "to_dict"):
        rows = rows.to_dict("records")
    if not isinstance(rows, Iterable):
        raise ValueError(f"Expected rows, such as a list of texts. Received: rows={_quoted(rows)}")
    found = list(rows)
    for number, row in enumerate(found, start=1):
        if not isinstance(row, str | bytes | Mapping):
            raise ValueError(
                f"Expected each row to be a text, or a mapping with a value for each input. "
                f"Received: row {number} is {_quoted(row)}"
            )
    return found


def _quoted(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:100]}..."
