"""Ids as integers, in whichever type they come."""

import tensorflow as tf


def integer_ids(ids: tf.Tensor) -> tf.Tensor:
    """Ids of any type as integers: those of `keras.Input` without one are floats, those of small files `uint8`.

    A layer that calls this is made with `autocast=False`: half precision holds no id above 256 exactly.

    Args:
        ids: Integers or whole numbers, of any shape.

    Returns:
        int64 as they come, all others as int32.

    Example:
        `integer_ids(tf.constant([17.0, 9.0]))` -> `[17, 9]`
    """
    return ids if ids.dtype in (tf.int32, tf.int64) else tf.cast(ids, tf.int32)
