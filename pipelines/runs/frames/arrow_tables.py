"""Tables of pandas, pyarrow and polars as one table of Arrow, which files of Parquet hold."""

import contextlib
import math
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_SHOWN = 60  # characters of a cell in a message


def of(frame: Any) -> "pa.Table":
    """A table of Arrow.

    Args:
        frame: A pandas DataFrame, of which the index is not taken, or a table that is handed over as Arrow.

    Returns:
        The table. Periods are the dates at which they begin, a column of several types is texts.

    Raises:
        ValueError: Two columns have one name, names have several levels, or a column holds what no file can.

    Example:
        `of(pd.DataFrame({"load": [1.5, None]})).column("load").null_count` -> `1`
    """
    import pandas as pd
    import pyarrow as pa

    if not isinstance(frame, pd.DataFrame):
        table = pa.table(frame)
        _check_names(table.column_names)
        return pa.table([_plain(column) for column in table.columns], names=table.column_names)
    if frame.columns.nlevels > 1:
        raise ValueError(
            "Expected columns with one name each; join the levels, such as with "
            f"frame.columns = ['/'.join(map(str, name)) for name in frame.columns]. Received: {list(frame.columns)}"
        )
    names = [_name(column) for column in frame.columns]
    _check_names(names)
    arrays = [_array(name, frame.iloc[:, place]) for place, name in enumerate(names)]
    return pa.table([_plain(one) for one in arrays], names=names)


def _plain(cells: "pa.Array | pa.ChunkedArray") -> "pa.Array | pa.ChunkedArray":
    """Cells of one type for one content: categories are what they stand for, and all texts are alike."""
    import pyarrow as pa

    from pipelines.sources.tables import table_types

    cells = cells.cast(cells.type.value_type) if pa.types.is_dictionary(cells.type) else cells
    return cells.cast(pa.large_string()) if table_types.is_text(cells) else cells


def _check_names(names: list[str]) -> None:
    if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
        raise ValueError(
            f"Expected a name of its own for each column; rename the others. Received: {names.count(twice[0])} columns "
            f"{twice[0]!r} among {names}"
        )


def _name(column: Any) -> str:
    """A name as text; a day without its midnight."""
    return str(column).removesuffix(" 00:00:00") if hasattr(column, "isoformat") else str(column)


def _array(name: str, column: "pd.Series") -> "pa.Array | pa.ChunkedArray":
    import pandas as pd
    import pyarrow as pa

    if isinstance(column.dtype, pd.PeriodDtype):
        return pa.array(column.dt.to_timestamp())
    if isinstance(column.dtype, pd.IntervalDtype) or isinstance(
        getattr(column.dtype, "categories", None), pd.IntervalIndex
    ):
        raise _refusal(name, column, 0)
    if isinstance(column.dtype, pd.SparseDtype):
        column = column.astype(column.dtype.subtype)
    if column.dtype == object:
        return _objects(name, column)
    try:
        return pa.array(column)
    except UnicodeEncodeError:
        return _objects(name, column.astype(object))  # which names the row
    except (pa.ArrowException, TypeError):
        raise _refusal(name, column, 0) from None


def _objects(name: str, column: "pd.Series") -> "pa.Array":
    """Python objects, whose types may differ from row to row."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    from pipelines.sources.tables import table_types

    with contextlib.suppress(pa.ArrowException, TypeError, OverflowError, UnicodeEncodeError):
        if table_types.is_text(found := pa.array(column, from_pandas=True)):
            return found
    cells: list[Any] = []
    for row, cell in enumerate(column):
        if isinstance(cell, pd.Period):
            cell = cell.to_timestamp()
        elif isinstance(cell, np.datetime64):
            cell = pd.Timestamp(cell)
        elif isinstance(cell, np.generic | np.ndarray) and not isinstance(cell, str | float):
            cell = cell.tolist()
        if _is_missing(cell):
            cell = None
        elif isinstance(cell, complex) or not _is_data(cell):
            raise _refusal(name, column, row)
        cells.append(cell)
    if any(isinstance(cell, list | dict | tuple) for cell in cells):
        try:
            return pa.array(cells)
        except pa.ArrowException:
            row = next(row for row, cell in enumerate(cells) if isinstance(cell, list | dict | tuple))
            raise _refusal(name, column, row) from None
    if any(isinstance(cell, datetime) for cell in cells):  # else dates beside times of a day would lose those
        midnight = datetime.min.time()
        cells = [datetime.combine(cell, midnight) if type(cell) is date else cell for cell in cells]
    zones = {cell.tzinfo for cell in cells if getattr(cell, "tzinfo", None) is not None}
    if len(zones) > 1:  # Arrow has one zone in a column: the texts keep their offsets
        return pa.array([None if cell is None else str(cell) for cell in cells], pa.large_string())
    return table_types.array(cells) if cells else pa.array([], pa.large_string())


def _is_missing(cell: Any) -> bool:
    import pandas as pd

    if isinstance(cell, float | Decimal):
        return math.isnan(cell)
    return cell is None or cell is pd.NA or cell is pd.NaT


def _is_data(cell: Any) -> bool:
    """Whether a file can hold a cell."""
    import pyarrow as pa

    try:
        pa.array([cell])
    except (pa.ArrowException, OverflowError, TypeError, UnicodeEncodeError):
        return isinstance(cell, int)
    return True


def _refusal(name: str, column: "pd.Series", row: int) -> ValueError:
    cell = column.iloc[row] if len(column) else None
    return ValueError(
        f"Expected texts, numbers, truth values and dates in column {name!r}; leave it out, such as with "
        f"frame.drop(columns={name!r}). Received: {repr(cell)[:_SHOWN]} of type {type(cell).__name__}, row {row + 1:,} "
        f"(index {column.index[row]!r})"
    )
