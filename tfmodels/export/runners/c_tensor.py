"""Conversion between arrays and tensors of TensorFlow's C API."""

import ctypes
from typing import Any

import numpy as np

from tfmodels.export.graph.tensor_types import TENSOR_TYPES

_STRING = TENSOR_TYPES["string"].number  # whose elements are TF_TStrings
_STRING_BYTES = 24  # of a TF_TString
_TYPES = {  # TF_DataType
    name: kind.number
    for name, kind in TENSOR_TYPES.items()
    if name not in ("string", "bfloat16", "complex64", "complex128")
}
_NAMES = {number: name for name, number in _TYPES.items()}


def new_tensor(library: Any, array: np.ndarray) -> int:
    """Copies an array to a tensor, whatever its memory layout and byte order.

    Args:
        library: The result of `c_library`.
        array: Numbers, or an object array of `bytes`.

    Returns:
        The `TF_Tensor`; release it with `delete_tensor`.

    Raises:
        ValueError: No tensor holds values of this type.
    """
    text = array.dtype == object
    if not text and array.dtype.name not in _TYPES:
        raise ValueError(f"Expected bytes or values of {', '.join(_TYPES)}. Received: dtype={array.dtype}")
    size = _STRING_BYTES * array.size if text else array.nbytes
    shape = (ctypes.c_int64 * array.ndim)(*array.shape)
    kind = _STRING if text else _TYPES[array.dtype.name]
    tensor = library.TF_AllocateTensor(kind, shape, array.ndim, size)
    if not text:
        # Held by a name until it is copied: the address of a temporary array is that of freed memory.
        contiguous = np.ascontiguousarray(array, array.dtype.newbyteorder("="))
        ctypes.memmove(library.TF_TensorData(tensor), contiguous.ctypes.data, size)
        return tensor
    for element, value in zip(_strings(library, tensor), array.ravel(), strict=True):
        library.TF_StringInit(element)
        library.TF_StringCopy(element, value, len(value))
    return tensor


def delete_tensor(library: Any, tensor: int) -> None:
    """Frees a tensor of `new_tensor`."""
    if library.TF_TensorType(tensor) == _STRING:
        for element in _strings(library, tensor):
            library.TF_StringDealloc(element)
    library.TF_DeleteTensor(tensor)


def to_array(library: Any, tensor: int) -> np.ndarray:
    """Copies a tensor to an array.

    Args:
        library: The result of `c_library`.
        tensor: A `TF_Tensor`.

    Returns:
        The array; text as an object array of `bytes`.

    Raises:
        ValueError: No array holds values of this type.
    """
    shape = [library.TF_Dim(tensor, axis) for axis in range(library.TF_NumDims(tensor))]
    kind = library.TF_TensorType(tensor)
    if kind == _STRING:
        array = np.empty(shape, object)
        flat = array.reshape(-1)
        for number, element in enumerate(_strings(library, tensor)):
            flat[number] = ctypes.string_at(library.TF_StringGetDataPointer(element), library.TF_StringGetSize(element))
        return array
    if kind not in _NAMES:
        raise ValueError(f"Expected an output of strings or {', '.join(_TYPES)}. Received: TF_DataType={kind}")
    content = ctypes.string_at(library.TF_TensorData(tensor), library.TF_TensorByteSize(tensor))
    return np.frombuffer(content, _NAMES[kind]).reshape(shape)


def _strings(library: Any, tensor: int) -> range:
    """The addresses of the strings of a tensor."""
    start = library.TF_TensorData(tensor) or 0
    return range(start, start + library.TF_TensorByteSize(tensor), _STRING_BYTES)
