"""Coverage: the attention that each source position has received, summed over the decoding steps."""

import tensorflow as tf


def start_coverage(mask: tf.Tensor) -> tf.Tensor:
    """The coverage before the first step.

    Args:
        mask: bool `[batch, source]`, False at padding.

    Returns:
        float32 `[source, batch]`: 0, and 1 at padding, which thus counts as covered.

    Example:
        `start_coverage(tf.constant([[True, True, False]]))` -> `[[0.0], [0.0], [1.0]]`
    """
    return tf.transpose(1.0 - tf.cast(mask, tf.float32))


def add_coverage(coverage: tf.Tensor, scores: tf.Tensor) -> tf.Tensor:
    """Adds the attention weights of the next steps, averaged over the heads.

    Args:
        coverage: float32 `[source, rows]`.
        scores: The cross-attention weights that `attend` returned, `[batch, heads, k * query, source]` with
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
