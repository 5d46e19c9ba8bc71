"""The JSON values of one input, collected to an array."""

from typing import Any

import numpy as np
import tensorflow as tf

from tfmodels.serving.protocol.json_values import converter, quoted
from tfmodels.serving.protocol.status import invalid

_MOST_AXES = 32


class JsonColumn:
    """Collects the values of one input; all must have the shape of the first.

    Args:
        dtype: The type of the input.
    """

    def __init__(self, dtype: tf.DType) -> None:
        self._dtype = dtype
        self._convert = converter(dtype)
        self._shape: tuple[int, ...] | None = None
        self._flat: list[Any] = []

    def add(self, value: Any) -> None:
        """Appends a value.

        Args:
            value: A JSON value or nested lists of values.

        Raises:
            ServingError: If it does not fit the type, or the shape of the first value.
        """
        shape = _shape(value)
        start = len(self._flat)
        self._fill(value, 0, shape)
        if self._shape is None:
            self._shape = shape
            self._size = len(self._flat)
        elif len(self._flat) - start != self._size:
            raise invalid(f"Expecting tensor size: {self._size} but got: {len(self._flat) - start}")
        elif shape != self._shape:
            raise invalid(f"Expecting shape {_listed(self._shape)} but got: {_listed(shape)}")

    def array(self, *rows: int) -> np.ndarray:
        """Returns the values as an array.

        Args:
            *rows: The number of values that were added; nothing if one value holds all rows.

        Returns:
            The array `[*rows, *shape]`.
        """
        dtype = object if self._dtype == tf.string else self._dtype.as_numpy_dtype
        array = np.empty(len(self._flat), dtype)
        array[:] = self._flat
        return array.reshape((*rows, *(self._shape or ())))

    def _fill(self, value: Any, level: int, shape: tuple[int, ...]) -> None:
        if not isinstance(value, list):
            if level != len(shape):
                raise invalid(
                    f"JSON Value: {quoted(value)} found at incorrect level: {level + 1} in the JSON DOM. "
                    f"Expected at level: {len(shape)}"
                )
            self._flat.append(self._convert(value))
            return
        if level >= len(shape):
            raise invalid(f"Encountered list at unexpected level: {level} expected < {len(shape)}")
        if len(value) != shape[level]:
            raise invalid(
                f"Encountered list at unexpected size: {len(value)} at level: {level} expected size: {shape[level]}"
            )
        for item in value:
            self._fill(item, level + 1, shape)


def _shape(value: Any) -> tuple[int, ...]:
    shape = []
    while isinstance(value, list):
        shape.append(len(value))
        if len(shape) > _MOST_AXES:
            raise invalid(f"Expected at most {_MOST_AXES} axes. Received lists nested deeper")
        value = value[0] if value else None
    return tuple(shape)


def _listed(shape: tuple[int, ...]) -> str:
    return f"[{','.join(map(str, shape))}]"
