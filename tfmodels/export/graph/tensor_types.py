"""TensorFlow's types of tensors, for programs that do not load TensorFlow: their names and numbers, and how messages
hold their values.
"""

from typing import NamedTuple

import numpy as np

# In the order of `tensorflow.DataType`, from 1.
_NAMES = (
    "float32", "float64", "int32", "uint8", "int16", "int8", "string", "complex64", "int64", "bool", "qint8", "quint8",
    "qint32", "bfloat16", "qint16", "quint16", "uint16", "complex128", "float16", "resource", "variant", "uint32",
    "uint64",
)  # fmt: skip
_FIELDS = {
    "float_val": ("float32",), "double_val": ("float64",), "int_val": ("int32", "uint8", "int16", "int8", "uint16"),
    "string_val": ("string",), "int64_val": ("int64",), "bool_val": ("bool",), "half_val": ("float16", "bfloat16"),
    "uint32_val": ("uint32",), "uint64_val": ("uint64",), "scomplex_val": ("complex64",),
    "dcomplex_val": ("complex128",),
}  # fmt: skip
# What the fields hold whose values are not those of the tensor, but their bits or their parts.
_STORED = {"float16": np.uint16, "bfloat16": np.uint16, "complex64": np.float32, "complex128": np.float64}


class TensorType(NamedTuple):
    """A type whose values messages can hold.

    Args:
        name: TensorFlow's name of it.
        number: Its number in messages.
        field: The field of a `TensorProto` with its values.
        stored: NumPy's type of the values in that field.
    """

    name: str
    number: int
    field: str
    stored: np.dtype

    @property
    def dtype(self) -> np.dtype:
        """NumPy's type; `object` for text, whose values are `bytes`."""
        if self.name == "bfloat16":
            import ml_dtypes  # TensorFlow requires it

            return np.dtype(ml_dtypes.bfloat16)
        return np.dtype(object if self.name == "string" else self.name)


TENSOR_TYPES = {
    name: TensorType(
        name, _NAMES.index(name) + 1, field, np.dtype(_STORED.get(name, object if name == "string" else name))
    )
    for field, names in _FIELDS.items()
    for name in names
}


def tensor_type_name(number: int) -> str:
    """Names a type.

    Args:
        number: Its number in messages.

    Returns:
        TensorFlow's name; `type NUMBER` if there is none.

    Example:
        `tensor_type_name(1)` -> `"float32"`
    """
    return _NAMES[number - 1] if 0 < number <= len(_NAMES) else f"type {number}"


def tensor_type_enum() -> dict[str, int]:
    """Lists the types as messages in text and JSON name them.

    Returns:
        Name -> number, such as `DT_FLOAT` -> 1.
    """
    words = {"float32": "float", "float64": "double", "float16": "half"}
    return {f"DT_{words.get(name, name).upper()}": number for number, name in enumerate(_NAMES, start=1)}
