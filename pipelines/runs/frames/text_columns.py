"""Columns of texts, and of what belongs to them, from whatever holds them."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pipelines.runs.frames import frame_kinds
from tfmodels.export.graph.field import Field
from tfmodels.suggestions import did_you_mean

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = 60  # characters of a cell in a message


def texts_of(data: Any, card: Mapping[str, Any]) -> list[Any]:
    """The texts of a list, an array, a Series, or of their column in a frame.

    Args:
        data: The data; a text alone is refused, as scikit-learn does.
        card: Of the model, which names the column.

    Raises:
        ValueError: There is no such column, or a row is no text.

    Example:
        `texts_of(pd.DataFrame({"text": ["A dog."]}), predictor.card)` -> `["A dog."]`
    """
    import pandas as pd

    kind, field = frame_kinds.of(data), Field("text", "string", (None,))
    alone = isinstance(data, str | bytes | Mapping) or not getattr(data, "ndim", 1)
    if alone or not (kind or isinstance(data, Iterable)):
        raise ValueError(f"Expected several texts, such as a list of them. Received: {repr(data)[:_SHOWN]}")
    if kind == "arrow":
        import pyarrow as pa

        data, kind = pa.table(data).to_pandas(), "frame"
    if kind == "frame":
        return cells(data.iloc[:, place("text", list(data.columns), card)], field)
    return cells(data if kind == "series" else pd.Series(list(data), dtype=object), field)


def paired(left: Any, right: Any, *names: str) -> "pd.DataFrame":
    """Two columns that belong together, row by row, as a frame; whatever index they have.

    Args:
        left: Values: a list, an array, a Series.
        right: As many values.
        *names: The names of the two columns.

    Raises:
        ValueError: They are not as many, or one of them is no column.

    Example:
        `paired(texts, labels, "text", "label")`
    """
    import pandas as pd

    columns = [listed(values, name) for name, values in zip(names, (left, right), strict=True)]
    if len(columns[0]) != len(columns[1]):
        raise ValueError(
            f"Expected as many values for {names[1]!r} as for {names[0]!r}. Received: {len(columns[1]):,} and "
            f"{len(columns[0]):,}"
        )
    return pd.DataFrame({name: pd.Series(one, dtype=object) for name, one in zip(names, columns, strict=True)})


def listed(values: Any, name: str) -> list[Any]:
    """The values of a column that is given by itself.

    Args:
        values: A list, an array with one axis, a Series, or what else has an order.
        name: What they are of.

    Raises:
        ValueError: They are one value, or a frame, whose names would be taken for values.

    Example:
        `listed(("Who?", "Where?"), "question")` -> `["Who?", "Where?"]`
    """
    unordered = isinstance(values, str | bytes | Mapping | set | frozenset) or not isinstance(values, Iterable)
    if unordered or hasattr(values, "columns") or not getattr(values, "ndim", 1):
        raise ValueError(
            f"Expected values of one column for {name!r}: a list, an array or a Series. "
            f"Received: {type(values).__name__}"
        )
    return list(values)


def place(name: str, names: list[Any], card: Mapping[str, Any]) -> int:
    """The place of the column of an input.

    Args:
        name: The input.
        names: The columns.
        card: Of the model, which names the column of the texts as training did.

    Raises:
        ValueError: There is no such column, or there are several.
    """
    wanted = [*_trained(name, card), name]
    found = next((one for one in wanted if one in names), None)
    if found is None and len(names) == 1 and name == card["columns"][0]:
        return 0
    if found is None:
        first, listed = wanted[0], ", ".join(map(repr, names)) or "none"
        near = did_you_mean(first, [one for one in names if isinstance(one, str)])
        raise ValueError(f"Expected a frame with the column {first!r}. Received: the columns {listed}{near}")
    if names.count(found) > 1:
        raise ValueError(
            f"Expected one column named {found!r}; rename the others. Received: {names.count(found)} of them"
        )
    return names.index(found)


def _trained(name: str, card: Mapping[str, Any]) -> list[str]:
    """The names that the column of an input may have, as in training. A card may hold anything."""
    table = card.get("table")
    table = table if isinstance(table, Mapping) else {}
    listed = table.get("columns")
    if isinstance(listed, Mapping):  # of several inputs
        listed = listed.get(name)
    elif name != card["columns"][0]:
        return []
    names = [table.get("text"), *(listed if isinstance(listed, list) else [])]
    return [one for one in names if isinstance(one, str) and one]


def cells(column: "pd.Series", field: Field) -> list[Any]:
    """The values of a column for an input.

    Args:
        column: The column.
        field: The input.

    Raises:
        ValueError: The input takes texts, and a value is none; names row and index.
    """
    values = column.tolist()
    if field.dtype != "string" or field.shape is None or len(field.shape) != 1:
        return values
    wrong = next((row for row, cell in enumerate(values) if not isinstance(cell, str | bytes)), None)
    if wrong is None:
        return values
    cell, named = values[wrong], f" of column {column.name!r}" if column.name is not None else ""
    remedy = "leave such rows out, as dropna() does" if column.isna().iloc[wrong] else "write it as text: .astype(str)"
    index = column.index[wrong]
    where = f"row {wrong + 1:,}{'' if index == wrong else f' (index {index!r})'}"
    raise ValueError(f"Expected a text in each row{named}; {remedy}. Received: {repr(cell)[:_SHOWN]} in {where}")
