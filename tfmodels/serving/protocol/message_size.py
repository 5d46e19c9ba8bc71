"""The size of a Predict message, counted before anything is made of it.

A field of two bytes can become a hundred when it is parsed, and a shape of some bytes can claim any number of values.
"""

import math
from collections.abc import Mapping
from typing import Any

from google.protobuf.message import DecodeError
from tensorflow_serving.apis import predict_pb2

from tfmodels.export.graph.tensor_types import TENSOR_TYPES, tensor_type_name
from tfmodels.serving.protocol.status import TooLargeError, invalid

MOST_FIELDS = 2**18
MOST_DECLARED_BYTES = 2**26
_SMALL = 2**16  # bytes that are parsed without being looked at
_MOST_AXES = 32
_BYTES_OF_TEXT = 64  # roughly, of a string in Python
_OTHER = None  # a field with messages of any depth that no input needs: resource handles and variants
# Field number -> the repeated fields within: the inputs, their values, which are tensors, the tensors' shapes.
_NESTED: Mapping[int, Any] = {2: {2: {2: {}, 14: _OTHER, 15: _OTHER}}}


def parse_predict(message: bytes) -> predict_pb2.PredictRequest:
    """Parses a Predict request.

    Args:
        message: The bytes.

    Returns:
        The request.

    Raises:
        ServingError: If it is none, has more than `MOST_FIELDS` fields, or arrays of more than `MOST_DECLARED_BYTES`.
    """
    if len(message) > _SMALL:
        _check_fields(message, 0, len(message), _NESTED, MOST_FIELDS)
    try:
        request = predict_pb2.PredictRequest.FromString(message)
    except DecodeError as error:
        raise invalid(f"Could not parse the message: {error}") from None
    if (size := declared_bytes(request)) > MOST_DECLARED_BYTES:
        raise invalid(f"Expected arrays of at most {MOST_DECLARED_BYTES} bytes. Received: shapes of {size} bytes")
    return request


def declared_bytes(request: predict_pb2.PredictRequest) -> int:
    """Computes the size of the arrays of a request from their shapes, before they are made.

    Args:
        request: The request.

    Returns:
        Bytes, roughly.

    Raises:
        ServingError: If a shape has more than 32 axes.
    """
    total = 0
    for tensor in request.inputs.values():
        if len(tensor.tensor_shape.dim) > _MOST_AXES:
            raise invalid(f"Expected at most {_MOST_AXES} axes. Received: {len(tensor.tensor_shape.dim)}")
        values = math.prod(max(0, axis.size) for axis in tensor.tensor_shape.dim)
        total += values * _width(tensor.dtype) + _bytes_of_repeats(tensor, values)
    return total


def _bytes_of_repeats(tensor: Any, values: int) -> int:
    """The bytes of the copies of the last text, which stands for all that are missing."""
    texts = tensor.string_val
    return max(0, values - len(texts)) * len(texts[-1]) if texts else 0


def _width(dtype: int) -> int:
    kind = TENSOR_TYPES.get(tensor_type_name(dtype))
    return kind.dtype.itemsize if kind and kind.dtype != object else _BYTES_OF_TEXT


def _check_fields(message: bytes, start: int, end: int, nested: Mapping[int, Any], most: int) -> int:
    """Walks over the fields of a part of a message; returns how many more there may be."""
    while start < end:
        most -= 1
        if most < 0:
            raise TooLargeError(
                f"Expected a message of at most {MOST_FIELDS} fields; send fewer rows, and numbers as tensor_content"
            )
        tag, start = _varint(message, start)
        number, kind = tag >> 3, tag & 7
        if kind == 0:
            _, start = _varint(message, start)
        elif kind == 2:
            size, start = _varint(message, start)
            if number in nested:
                if nested[number] is _OTHER or start + size > end:
                    raise invalid("Could not parse the message: expected tensors of numbers or texts")
                most = _check_fields(message, start, start + size, nested[number], most)
            start += size
        else:
            start += {1: 8, 5: 4}.get(kind, 0)  # others are groups, which no field of ours is
    return most


def _varint(message: bytes, start: int) -> tuple[int, int]:
    """A number, and where the next one starts."""
    value = 0
    for place, byte in enumerate(message[start : start + 10]):
        value |= (byte & 127) << 7 * place
        if byte < 128:
            return value, start + place + 1
    raise invalid("Could not parse the message: it is cut off")
