"""Columns of a table from its cells: texts stay texts, other values keep their type where a column has one."""

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def array(cells: Sequence[Any]) -> "pa.Array":
    """Cells of a column as an array of one type; of several types as texts.

    Args:
        cells: Texts, numbers, truth values, dates; None = missing.

    Returns:
        The array.

    Example:
        `array(["0012", "NA"]).type` -> `large_string`
    """
    import pyarrow as pa

    try:
        found = pa.array(cells, pa.large_string()) if isinstance(cells[0], str) else pa.array(cells)
    except (pa.ArrowException, OverflowError):
        return _texts(cells)
    kind = found.type
    if _is_bytes_or_nested(kind):
        return _texts(cells)
    if pa.types.is_floating(kind) and len({type(cell) for cell in cells} - {type(None)}) > 1:
        return _texts(cells) if any(isinstance(cell, bool) for cell in cells) else found
    return found.cast(pa.large_string()) if is_text(found) else found


def column(parts: "Sequence[pa.Array]") -> "pa.ChunkedArray":
    """The parts of a column as one column.

    Args:
        parts: What `array` returned.

    Returns:
        The column, of texts if the parts are of several types.
    """
    import pyarrow as pa

    kinds = {part.type for part in parts if not pa.types.is_null(part.type)}
    if len(kinds) > 1 and all(pa.types.is_integer(kind) or pa.types.is_floating(kind) for kind in kinds):
        kinds = {pa.float64()}
    if len(kinds) > 1:
        parts, kinds = [_texts(part.to_pylist()) for part in parts], {pa.large_string()}
    kind = kinds.pop() if kinds else pa.large_string()
    return pa.chunked_array([part.cast(kind) for part in parts], kind)


def stored(cells: "pa.ChunkedArray") -> "pa.ChunkedArray":
    """A column of a file as one that `array` could have given."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(cells.type):
        cells = cells.cast(cells.type.value_type)
    if _is_bytes_or_nested(cells.type):
        return pa.chunked_array([_texts(cells.to_pylist())])
    if pa.types.is_floating(cells.type):  # NaN is a missing value, in an id and a word too
        return pc.if_else(pc.is_nan(cells), pa.scalar(None, cells.type), cells)
    return cells.cast(pa.large_string()) if is_text(cells) or pa.types.is_null(cells.type) else cells


def frame(columns: "dict[str, pa.ChunkedArray]") -> "pd.DataFrame":
    """A table of columns; its cells stay in Arrow's memory."""
    import pandas as pd
    import pyarrow as pa

    return pa.table(columns).to_pandas(types_mapper=pd.ArrowDtype)


def is_text(cells: "pa.Array | pa.ChunkedArray") -> bool:
    """Whether a column is text."""
    import pyarrow as pa

    return pa.types.is_string(cells.type) or pa.types.is_large_string(cells.type)


def text_of(value: Any) -> str:
    """The text of a value among texts; of a number one that has no mark, which marks of the texts could change.

    Example:
        `text_of(1.234)` -> `"1234e-3"`
    """
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if not isinstance(value, float) or not math.isfinite(value):
        return str(value)
    if value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    sign, digits, exponent = Decimal(repr(float(value))).as_tuple()
    return f"{'-' * sign}{''.join(map(str, digits))}e{exponent}"


def _is_bytes_or_nested(kind: "pa.DataType") -> bool:
    import pyarrow as pa

    return pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind)


def _texts(cells: Sequence[Any]) -> "pa.Array":
    import pyarrow as pa

    return pa.array([None if cell is None else text_of(cell) for cell in cells], pa.large_string())
