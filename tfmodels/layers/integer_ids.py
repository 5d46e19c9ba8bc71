"""Ids as integers, in whichever type they come."""

import tensorflow as tf


def integer_ids(ids: tf.Tensor) -> tf.Tensor:
    """Ids of `keras.Input` without a type, which are floats, as integers; `keras.layers.Embedding` takes them, too.

    A layer that calls this is made with `autocast=False`: half precision holds no id above 256 exactly.

    Args:
        ids: Integers or whole numbers, of any shape.

    Returns:
        int32, or the type of the integers.

    Example:
        `integer_ids(tf.constant([17.0, 9.0]))` -> `[17, 9]`
    """
    return ids if ids.dtype.is_integer else tf.cast(ids, tf.int32)
