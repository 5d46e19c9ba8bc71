"""Lengths of the vectors of very many items."""

import tensorflow as tf

LEAST_SQUARE = 1e-12  # of a length that is divided by


def inverse_lengths(table: tf.Tensor) -> tf.Tensor:
    """One divided by the length of each row, without a copy of the table.

    Args:
        table: `[rows, dim]`.

    Returns:
        float32 `[rows]`.

    Example:
        `inverse_lengths(tf.constant([[3.0, 4.0]]))` -> `[0.2]`
    """
    squares = tf.einsum("nd,nd->n", table, table)
    return tf.math.rsqrt(tf.maximum(tf.cast(squares, tf.float32), LEAST_SQUARE))
