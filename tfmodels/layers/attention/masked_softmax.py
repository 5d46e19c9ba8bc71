"""From logits to attention weights."""

import tensorflow as tf

from tfmodels.layers.attention import few_queries

_MASKED = -1e9  # finite, so that a row with nothing to look at gets a uniform distribution instead of NaN


def masked_softmax(logits: tf.Tensor, mask: tf.Tensor | None, dtype: tf.DType, few: bool = False) -> tf.Tensor:
    """Softmax over the keys that a query may look at, computed in float32 at least.

    Args:
        logits: `[heads, batch, query, key]`.
        mask: None, or bool, broadcastable to `[batch, heads, query, key]` (batch first, as callers pass masks),
            True = may look.
        dtype: Of the result.
        few: Whether these are the few queries of a decoding step, see `few_queries`.

    Returns:
        `[heads, batch, query, key]`, summing to 1 over the keys.
    """
    return visible_softmax(logits, None if mask is None else _heads_first(mask), dtype, few)


def visible_softmax(logits: tf.Tensor, mask: tf.Tensor | None, dtype: tf.DType, few: bool = False) -> tf.Tensor:
    """`masked_softmax` with the axes of the mask in the order of the logits'."""
    logits = tf.cast(logits, tf.float64 if logits.dtype == tf.float64 else tf.float32)
    if mask is not None:
        logits += tf.where(mask, tf.zeros([], logits.dtype), _MASKED)
    return tf.cast(few_queries.softmax(logits) if few else tf.nn.softmax(logits), dtype)


def _heads_first(mask: tf.Tensor) -> tf.Tensor:
    """Moves the head axis of a mask to the front; leading axes that broadcasting leaves out are added."""
    while mask.shape.rank < 4:
        mask = mask[tf.newaxis]
    return tf.transpose(mask, [1, 0, 2, 3])
