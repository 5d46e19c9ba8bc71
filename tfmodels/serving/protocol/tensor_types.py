"""The types that JSON carries, and the names of types in the server's messages."""

FLOATS = ("float32", "float64")
# The server has no uint16 in JSON, neither in requests nor in responses.
INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint32", "uint64")
_SERVER_NAMES = {"float16": "half", "float32": "float", "float64": "double"}


def server_name(dtype: str) -> str:
    """Names a type as the server does in its messages.

    Args:
        dtype: TensorFlow's name in Python.

    Returns:
        Such as `float` for float32.
    """
    return _SERVER_NAMES.get(dtype, dtype)
