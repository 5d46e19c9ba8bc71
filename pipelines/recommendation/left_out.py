"""Logits without those of some items."""

import tensorflow as tf

OUT = -1e30  # the logit of an item that is left out; no network gives it


def left_out(logits: tf.Tensor, ids: tf.Tensor) -> tf.Tensor:
    """Leaves items out.

    Args:
        logits: float32 `[batch, items]`.
        ids: int32 `[batch, n]`, 1 and up; 0 is none.

    Returns:
        The logits, with `OUT` in place of those of the ids.

    Example:
        `left_out(tf.constant([[2.0, 3.0]]), tf.constant([[0, 2]]))` -> `[[2.0, OUT]]`
    """
    with_padding = tf.pad(logits, [[0, 0], [1, 0]])
    rows = tf.repeat(tf.range(tf.shape(ids)[0]), tf.shape(ids)[1])
    places = tf.stack([rows, tf.reshape(ids, [-1])], axis=1)
    return tf.tensor_scatter_nd_update(with_padding, places, tf.fill([tf.shape(rows)[0]], OUT))[:, 1:]
