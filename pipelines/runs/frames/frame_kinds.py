"""What a value from Python is: a table, a column, an array or something else. Nothing is imported to tell it."""

import sys
from typing import Any, Literal

Kind = Literal["frame", "series", "array", "arrow", ""]


def of(values: Any) -> Kind:
    """The kind of data.

    Args:
        values: Anything.

    Returns:
        `frame` and `series` of pandas; `array`, of NumPy with at least one axis; `arrow`, a table of pyarrow or of any
        library that hands its tables over as Arrow, such as polars; empty for all else.

    Example:
        `of(pd.DataFrame({"text": ["A dog."]}))` -> `"frame"`
    """
    if _is(values, "pandas", "DataFrame"):
        return "frame"
    if _is(values, "pandas", "Series"):
        return "series"
    if _is(values, "numpy", "ndarray"):
        return "array" if values.ndim else ""
    return "arrow" if hasattr(values, "__arrow_c_stream__") and hasattr(values, "columns") else ""


def _is(values: Any, module: str, name: str) -> bool:
    """Whether a value is of a class of a module, which is imported if it is."""
    return module in sys.modules and isinstance(values, getattr(sys.modules[module], name, ()))
