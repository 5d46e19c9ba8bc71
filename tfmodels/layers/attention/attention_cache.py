"""The buffer of keys and values that decoding fills step by step."""

import tensorflow as tf


def write_cache(buffer: tf.Tensor, new: tf.Tensor, position: tf.Tensor) -> tf.Tensor:
    """Writes `[heads, rows, steps, key_dim]` into a buffer from `position` on, in place if nothing else uses it.

    A scatter would update heads and rows one by one, at more than ten microseconds each. With two axes this operation
    takes half the time that it takes with four.

    Args:
        buffer: `[heads, rows, length, key_dim]`.
        new: The keys and values of the next steps.
        position: int32, that of the first of them.

    Returns:
        The buffer with the new steps.

    Example:
        `cache = write_cache(cache, tf.concat([keys, values], axis=0), position)`
    """
    shape, key_dim = tf.shape(buffer), buffer.shape[3]
    flat = tf.reshape(buffer, [-1, shape[2] * key_dim])  # [heads * rows, length * key_dim]
    first, end = position * key_dim, (position + tf.shape(new)[2]) * key_dim
    all_rows = 0b01  # the first axis
    flat = tf.raw_ops.TensorStridedSliceUpdate(
        input=flat,
        begin=tf.stack([0, first]),
        end=tf.stack([0, end]),
        strides=[1, 1],
        value=tf.reshape(new, [-1, tf.shape(new)[2] * key_dim]),
        begin_mask=all_rows,
        end_mask=all_rows,
    )
    return tf.reshape(flat, shape)
