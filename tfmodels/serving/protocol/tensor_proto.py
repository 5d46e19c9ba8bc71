"""Conversion between `TensorProto` messages and arrays, by the rules of TensorFlow and without it."""

import math
from typing import Any

import numpy as np

from tfmodels.export.graph.tensor_types import TENSOR_TYPES, TensorType, tensor_type_name

_SEVEN_BITS = 0x7F
_CHUNK = 2**16  # values that are numbers of Python at the same time, each of which takes ten times as much
_MOST_VALUES = 2**48  # that NumPy can count the bytes of, in an array without values too


def tensor_shape(tensor: Any) -> tuple[int, ...]:
    """Reads the shape that a message declares.

    Args:
        tensor: The `TensorProto`.

    Returns:
        The shape. A message of a few bytes can declare any size: check it before the values are read.

    Raises:
        ValueError: If it is no shape of an array.
    """
    shape = tuple(axis.size for axis in tensor.tensor_shape.dim)
    if tensor.tensor_shape.unknown_rank or any(size < 0 for size in shape):
        raise ValueError(f"Expected the size of each axis. Received: shape={shape or 'of unknown rank'}")
    return shape


def read_tensor(tensor: Any) -> np.ndarray:
    """Reads a tensor.

    Args:
        tensor: The `TensorProto`. Of too many values the first count; the last of too few fills the rest.

    Returns:
        The array; text as an object array of `bytes`.

    Raises:
        ValueError: If the shape or the type is none of an array, or the values do not fit them.

    Example:
        `read_tensor(response.outputs["text"])`
    """
    shape = tensor_shape(tensor)
    name = tensor_type_name(tensor.dtype)
    if name not in TENSOR_TYPES:
        raise ValueError(f"Expected a type whose values messages can hold. Received: dtype={name}")
    kind, size = TENSOR_TYPES[name], math.prod(shape)
    if not size:  # whatever values there are
        if math.prod(filter(None, shape)) > _MOST_VALUES:
            raise ValueError(f"Expected a shape of at most {_MOST_VALUES} values. Received: shape={shape}")
        return np.empty(shape, kind.dtype)
    read = _packed if tensor.tensor_content else _listed
    return read(tensor, kind, size).reshape(shape)


def write_packed(array: np.ndarray, tensor: Any) -> None:
    """Writes a tensor, its numbers packed as bytes, which is fast.

    Args:
        array: The array; text as an object array of `bytes`.
        tensor: An empty `TensorProto`, which is filled.
    """
    if _declare(array, tensor).name == "string":
        tensor.string_val.extend(array.ravel().tolist())
    else:
        tensor.tensor_content = _native(array).tobytes()


def write_listed(array: np.ndarray, tensor: Any) -> None:
    """Writes a tensor, its values in the field of their type, where clients of the real server read them.

    Args:
        array: The array; text as an object array of `bytes`.
        tensor: An empty `TensorProto`, which is filled.
    """
    kind = _declare(array, tensor)
    values = _native(array).ravel()
    stored, field = values if kind.dtype == kind.stored else values.view(kind.stored), getattr(tensor, kind.field)
    for start in range(0, len(stored), _CHUNK):
        field.extend(stored[start : start + _CHUNK].tolist())


def _declare(array: np.ndarray, tensor: Any) -> TensorType:
    """Writes type and shape, and returns the type."""
    kind = TENSOR_TYPES["string" if array.dtype == object else array.dtype.name]
    tensor.dtype = kind.number
    for size in array.shape:
        tensor.tensor_shape.dim.add(size=size)
    tensor.tensor_shape.SetInParent()
    return kind


def _native(array: np.ndarray) -> np.ndarray:
    """The same in the order of bytes of this machine, which `tensor_content` has."""
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


def _packed(tensor: Any, kind: TensorType, size: int) -> np.ndarray:
    if kind.name == "string":
        return _objects(_packed_texts(tensor.tensor_content, size))
    expected = size * kind.dtype.itemsize
    if len(tensor.tensor_content) != expected:
        raise ValueError(f"Expected {expected} bytes. Received: tensor_content of {len(tensor.tensor_content)} bytes")
    if kind.name == "bool" and (largest := max(tensor.tensor_content)) > 1:
        raise ValueError(f"Expected bytes that are 0 or 1. Received: {largest} in tensor_content of bool")
    return np.frombuffer(tensor.tensor_content, kind.dtype).copy()


def _packed_texts(content: bytes, size: int) -> list[bytes]:
    """All lengths, in groups of seven bits with the lowest first, then all texts."""
    if size > len(content):
        raise ValueError(f"Expected {size} texts. Received: tensor_content of {len(content)} bytes")
    place, lengths = 0, []
    for _ in range(size):
        length, shift = 0, 0
        while True:
            if place == len(content) or shift > 63:
                raise ValueError("Expected the lengths of the texts. Received: tensor_content without them")
            length |= (content[place] & _SEVEN_BITS) << shift
            shift += 7
            place += 1
            if content[place - 1] <= _SEVEN_BITS:
                break
        lengths.append(length)
    if place + sum(lengths) != len(content):
        raise ValueError(f"Expected texts of {sum(lengths)} bytes. Received: {len(content) - place} bytes")
    texts = []
    for length in lengths:
        texts.append(content[place : place + length])
        place += length
    return texts


def _listed(tensor: Any, kind: TensorType, size: int) -> np.ndarray:
    values = getattr(tensor, kind.field)
    parts = kind.dtype.itemsize // kind.stored.itemsize  # 2 of a complex number
    if len(values) > size * parts:
        values = values[: size * parts]
    if kind.name == "string":
        return _objects([*values, *[values[-1] if values else b""] * (size - len(values))])
    given = np.fromiter(values, np.int64 if kind.field in ("int_val", "half_val") else kind.stored, len(values))
    stored = given.astype(kind.stored)
    if kind.field in ("int_val", "half_val") and not np.array_equal(stored, given):
        raise ValueError(f"Expected values of {kind.name}. Received: {given.min()} to {given.max()}")
    found = stored[: len(stored) // parts * parts].view(kind.dtype) if kind.dtype != kind.stored else stored
    if len(found) == size:
        return found
    return np.concatenate([found, np.full(size - len(found), found[-1] if len(found) else 0, kind.dtype)])


def _objects(texts: list[bytes]) -> np.ndarray:
    array = np.empty(len(texts), object)
    array[:] = texts
    return array
