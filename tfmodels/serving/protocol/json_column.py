"""The JSON values of one input, collected to an array."""

from itertools import chain
from typing import Any

import numpy as np

from tfmodels.serving.protocol.json_values import converter, quoted
from tfmodels.serving.protocol.status import invalid
from tfmodels.serving.protocol.tensor_types import FLOATS, INTEGERS

_MOST_AXES = 32


class JsonColumn:
    """Collects the values of one input; all must have the shape of the first.

    Args:
        dtype: TensorFlow's name of the type of the input.
    """

    def __init__(self, dtype: str) -> None:
        self._dtype = np.dtype(dtype if dtype in ("bool", *INTEGERS, *FLOATS) else object)
        self._convert = converter(dtype)
        self._shape: tuple[int, ...] | None = None
        self._size = 0
        self._flat: list[Any] = []

    def add(self, value: Any) -> None:
        """Appends a value.

        Args:
            value: A JSON value or nested lists of values.

        Raises:
            ServingError: If it does not fit the type, or the shape of the first value.
        """
        shape = _shape(value)
        items = self._convert(_flattened(value, shape))
        if self._shape is None:
            self._shape, self._size = shape, len(items)
        elif len(items) != self._size:
            raise invalid(f"Expecting tensor size: {self._size} but got: {len(items)}")
        elif shape != self._shape:
            raise invalid(f"Expecting shape {_listed(self._shape)} but got: {_listed(shape)}")
        self._flat += items

    def array(self, *rows: int) -> np.ndarray:
        """Returns the values as an array.

        Args:
            *rows: The number of values that were added; nothing if one value holds all rows.

        Returns:
            The array `[*rows, *shape]`. Numbers that are too large for float32 are infinite, as in the server.

        Raises:
            ServingError: If a number is too large for any float.
        """
        array = np.empty(len(self._flat), self._dtype)
        try:
            with np.errstate(over="ignore"):
                array[:] = self._flat
        except OverflowError:
            raise invalid("JSON Parse error: Number too big to be stored in double.") from None
        return array.reshape((*rows, *(self._shape or ())))


def _shape(value: Any) -> tuple[int, ...]:
    shape = []
    while isinstance(value, list):
        shape.append(len(value))
        if len(shape) > _MOST_AXES:
            raise invalid(f"Expected at most {_MOST_AXES} axes. Received lists nested deeper")
        value = value[0] if value else None
    return tuple(shape)


def _flattened(value: Any, shape: tuple[int, ...]) -> list[Any]:
    """The items of nested lists, which must have a shape, level by level."""
    items = [value]
    for level, size in enumerate(shape):
        for item in items:
            if not isinstance(item, list):
                raise invalid(
                    f"JSON Value: {quoted(item)} found at incorrect level: {level + 1} in the JSON DOM. "
                    f"Expected at level: {len(shape)}"
                )
            if len(item) != size:
                raise invalid(
                    f"Encountered list at unexpected size: {len(item)} at level: {level} expected size: {size}"
                )
        items = list(chain.from_iterable(items))
    if any(isinstance(item, list) for item in items):
        raise invalid(f"Encountered list at unexpected level: {len(shape)} expected < {len(shape)}")
    return items


def _listed(shape: tuple[int, ...]) -> str:
    return f"[{','.join(map(str, shape))}]"
