"""Values as strict JSON has them: no NumPy types, no NaN."""

import json
import math
from typing import Any

_PLAIN = {type(None), str, int, bool}  # most values, so that a thousand reports are read in a second


def plain(value: Any) -> Any:
    """Converts a value to plain ones.

    Args:
        value: NumPy's scalars and arrays, dicts, lists, tuples and plain values, nested; others stay as they are.

    Returns:
        The value; NaN and infinity are None.

    Example:
        `plain({"loss": np.float32("nan")})` -> `{"loss": None}`
    """
    if type(value) in _PLAIN:
        return value
    if hasattr(value, "tolist"):  # NumPy's, without importing NumPy
        return plain(value.tolist())
    if isinstance(value, dict):
        return {str(key): item if type(item) in _PLAIN else plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [item if type(item) in _PLAIN else plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def text(value: Any) -> str:
    """Writes a value for people and programs: indented, in all scripts; what no plain value is as its text.

    Args:
        value: See `plain`.

    Returns:
        JSON that every stream can write: halves of characters, as in names of files that are no UTF-8, are escaped.

    Example:
        `print(text({"date": datetime.date(2026, 12, 1)}))`
    """
    found = json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False, default=str)
    return found.encode(errors="backslashreplace").decode()
