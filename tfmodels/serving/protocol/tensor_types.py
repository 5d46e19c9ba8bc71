"""The tensor types that JSON carries, and their names in the server's messages."""

import tensorflow as tf

FLOATS = {tf.float32: 24, tf.float64: 53}  # -> bits of the mantissa
INTEGERS = (tf.int8, tf.int16, tf.int32, tf.int64, tf.uint8, tf.uint16, tf.uint32, tf.uint64)
_TYPE_NAMES = {tf.float16: "half", tf.float32: "float", tf.float64: "double"}


def type_name(dtype: tf.DType) -> str:
    """Names a type as the server does in its messages.

    Args:
        dtype: The type.

    Returns:
        Such as `float` for float32.
    """
    return _TYPE_NAMES.get(dtype, dtype.name)
