"""From attention logits to attention weights."""

import tensorflow as tf

from tfmodels.layers.attention import decoding_step

_MASKED = -1e9  # finite, so that a query without any visible key gets a uniform distribution instead of NaN


def masked_softmax(logits: tf.Tensor, mask: tf.Tensor | None, dtype: tf.DType, decoding: bool = False) -> tf.Tensor:
    """Softmax over the keys that each query may attend to, computed in at least float32.

    Args:
        logits: `[heads, batch, query, key]`.
        mask: None, or bool, broadcastable to `[batch, heads, query, key]` (batch first, as callers pass masks),
            True = attend.
        dtype: Dtype of the result.
        decoding: Whether the queries are those of a decoding step, see `decoding_step`.

    Returns:
        `[heads, batch, query, key]`, summing to 1 over the keys.
    """
    return visible_softmax(logits, None if mask is None else _heads_first(mask), dtype, decoding)


def visible_softmax(logits: tf.Tensor, mask: tf.Tensor | None, dtype: tf.DType, decoding: bool = False) -> tf.Tensor:
    """Like `masked_softmax`, but the axes of the mask are in the order of the logits' axes."""
    logits = tf.cast(logits, tf.float64 if logits.dtype == tf.float64 else tf.float32)
    if mask is not None:
        logits += tf.where(mask, tf.zeros([], logits.dtype), _MASKED)
    return tf.cast(decoding_step.softmax(logits) if decoding else tf.nn.softmax(logits), dtype)


def _heads_first(mask: tf.Tensor) -> tf.Tensor:
    """Moves the head axis of a mask to the front, after adding the leading axes that it lacks."""
    while mask.shape.rank < 4:
        mask = mask[tf.newaxis]
    return tf.transpose(mask, [1, 0, 2, 3])
