"""Rows to predict as Python code has them at hand, one by one."""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from tfmodels.export.graph.field import Field

_HALF = re.compile("[\ud800-\udfff]")
Row = str | bytes | Mapping[str, Any]


def listed(rows: Any) -> list[Row]:
    """Lists rows one by one, whatever holds them.

    Args:
        rows: Any iterable of texts, or of mappings from input name to value.

    Returns:
        The rows.

    Raises:
        ValueError: If it is one row in place of several, or one of them is neither a text nor a mapping.

    Example:
        `listed({"text": text} for text in ["A dog."])` -> `[{"text": "A dog."}]`
    """
    if isinstance(rows, str | bytes | Mapping):
        raise ValueError(f"Expected several rows, such as a list of them. Received: rows={_quoted(rows)}")
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


def check_values(number: int, values: Mapping[str, Any], inputs: "Mapping[str, Field]") -> None:
    """Refuses a row that does not fit the inputs of an endpoint.

    Args:
        number: The number of the row, for messages.
        values: Input name -> value.
        inputs: Input name -> field.

    Raises:
        ValueError: An input is missing, or its value has a wrong type or shape, or is no text of Unicode.

    Example:
        `check_values(1, {"text": "A dog."}, {"text": Field("text", "string", (None,))})`
    """
    if missing := [name for name in inputs if name not in values]:
        listed_inputs = ", ".join(_described(field) for field in inputs.values())
        raise ValueError(
            f"Expected rows with the inputs {listed_inputs}. Received: row {number} without {missing}; it has "
            f"{_quoted(list(values))}. Tables go as a DataFrame, or through `tfmodels predict --input`"
        )
    for name, field in inputs.items():
        if not _fits(field, values[name]):
            raise ValueError(
                f"Expected in each row {_described(field)}. Received: row {number} with {_quoted(values[name])}"
            )
        if field.dtype == "string" and _has_half(values[name]):
            raise ValueError(
                f"Expected text without halves of surrogate pairs, which no encoding has, as {name!r}. Received: row "
                f"{number} with {_quoted(values[name])}"
            )


def text_name(first: str, inputs: "Mapping[str, Field]") -> str:
    """The input of an endpoint that a text alone is.

    Args:
        first: The first column of the card.
        inputs: Input name -> field.

    Returns:
        That column, or the only text of an endpoint that does not have it.

    Example:
        `text_name("time", {"events": Field("events", "string", (None,))})` -> `"events"`
    """
    texts = [name for name, field in inputs.items() if field.dtype == "string"]
    return texts[0] if first not in inputs and len(texts) == 1 else first


def _described(field: "Field") -> str:
    sizes = [] if field.shape is None else ["any" if size is None else str(size) for size in field.shape[1:]]
    return (
        f"{field.name!r} ({'text' if field.dtype == 'string' else field.dtype}{' ' * bool(sizes)}{' x '.join(sizes)})"
    )


def _fits(field: "Field", value: Any) -> bool:
    if field.dtype == "string" and field.shape is not None and len(field.shape) == 1:
        return isinstance(value, str | bytes)
    if field.dtype == "string":
        return value is not None
    try:
        array = np.asarray(value)
    except ValueError:  # lists of different lengths
        return False
    return array.dtype.kind in "biuf" and field.takes((1, *array.shape))


def _has_half(value: Any) -> bool:
    """Whether a text, or one of a list of texts, has half of a surrogate pair."""
    if isinstance(value, str):
        return not value.isascii() and _HALF.search(value) is not None
    if isinstance(value, np.ndarray):
        value = value.tolist()
    return isinstance(value, list | tuple) and any(map(_has_half, value))


def _quoted(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:100]}..."
