"""How much of the source a decoder has looked at, summed over its steps."""

import tensorflow as tf


def start_coverage(mask: tf.Tensor) -> tf.Tensor:
    """The coverage before the first step.

    Args:
        mask: bool `[batch, source]`, False at padding.

    Returns:
        float32 `[source, batch]`: 0, and 1 at padding, which so counts as looked at.

    Example:
        `start_coverage(tf.constant([[True, True, False]]))` -> `[[0.0], [0.0], [1.0]]`
    """
    return tf.transpose(1.0 - tf.cast(mask, tf.float32))


def add_coverage(coverage: tf.Tensor, scores: tf.Tensor) -> tf.Tensor:
    """Adds the attention of the next steps, the mean over the heads.

    Args:
        coverage: float32 `[source, rows]`.
        scores: The weights of cross-attention as `attend` returns them, `[batch, heads, k * query, source]` with
            `rows = k * batch`.

    Returns:
        float32 `[source, rows]`.

    Example:
        `coverage = add_coverage(coverage, scores)`
    """
    source, rows = tf.unstack(tf.shape(coverage))
    batch, _, queries, _ = tf.unstack(tf.shape(scores))
    steps = batch * queries // tf.maximum(rows, 1)
    attention = tf.reshape(tf.reduce_mean(tf.cast(scores, tf.float32), axis=1), [rows, steps, source])
    return coverage + tf.transpose(tf.reduce_sum(attention, axis=1))
