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
    if is_bytes(kind):
        return found.cast(pa.large_binary())
    if pa.types.is_nested(kind):
        return _texts(cells)
    if pa.types.is_floating(kind) and len({type(cell) for cell in cells} - {type(None)}) > 1:
        return _texts(cells) if any(isinstance(cell, bool) for cell in cells) else found
    return found.cast(pa.large_string()) if is_text(found) else found


def column(parts: "Sequence[pa.Array]") -> "pa.ChunkedArray":
    """The parts of a column as one column.

    Args:
        parts: What `array` returned.

    Returns:
        The column, of texts if the parts are of several types, of bytes if one is.
    """
    import pyarrow as pa

    kinds = {part.type for part in parts if not pa.types.is_null(part.type)}
    if len(kinds) > 1 and all(pa.types.is_integer(kind) or pa.types.is_floating(kind) for kind in kinds):
        kinds = {pa.float64()}
    if len(kinds) > 1:
        has_bytes = any(map(is_bytes, kinds))
        parts = [part if is_bytes(part.type) else _texts(part.to_pylist()) for part in parts]
        kinds = {pa.large_binary() if has_bytes else pa.large_string()}
    kind = kinds.pop() if kinds else pa.large_string()
    try:
        return pa.chunked_array([part.cast(kind) for part in parts], kind)
    except pa.ArrowInvalid:  # whole numbers that float64 would round
        return pa.chunked_array([_texts(part.to_pylist()) for part in parts])


def stored(cells: "pa.ChunkedArray") -> "pa.ChunkedArray":
    """A column of a file as one that `array` could have given; bytes that are no UTF-8 stay bytes."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(cells.type, pa.UuidType):
        return pa.chunked_array([_texts(cells.to_pylist())])
    if isinstance(cells.type, pa.BaseExtensionType):
        cells = cells.cast(cells.type.storage_type)
    if pa.types.is_dictionary(cells.type):
        cells = cells.cast(cells.type.value_type)
    if is_bytes(cells.type):
        cells = cells.cast(pa.large_binary())
        try:
            return cells.cast(pa.large_string())
        except pa.ArrowInvalid:
            return cells
    if pa.types.is_nested(cells.type):
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

    kind = cells.type
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)


def is_bytes(kind: "pa.DataType") -> bool:
    """Whether a type is bytes, in any of Arrow's forms."""
    import pyarrow as pa

    is_one_of = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary, pa.types.is_binary_view)
    return any(is_one(kind) for is_one in is_one_of)


def text_of(value: Any) -> str:
    """The text of a value among texts; of a number one that has no mark, which marks of the texts could change.

    Example:
        `text_of(1.234)` -> `"1234e-3"`
    """
    if not isinstance(value, float) or not math.isfinite(value):
        return str(value)
    if value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    sign, digits, exponent = Decimal(repr(float(value))).as_tuple()
    return f"{'-' * sign}{''.join(map(str, digits))}e{exponent}"


def _texts(cells: Sequence[Any]) -> "pa.Array":
    import pyarrow as pa

    return pa.array([None if cell is None else text_of(cell) for cell in cells], pa.large_string())
