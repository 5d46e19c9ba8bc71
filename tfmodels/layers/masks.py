"""Boolean masks, True = may look. Computed once, at a model's entrance, and passed on explicitly."""

import tensorflow as tf

from tfmodels import token_ids


def padding_mask(ids: tf.Tensor) -> tf.Tensor:
    """Tells tokens from padding.

    Args:
        ids: int32 `[batch, time]`, padded with 0.

    Returns:
        bool `[batch, time]`, False at padding.
    """
    return tf.not_equal(ids, token_ids.PAD)


def key_mask(mask: tf.Tensor) -> tf.Tensor:
    """Turns a padding mask over the keys into an attention mask: bool `[batch, key]` -> `[batch, 1, 1, key]`."""
    return mask[:, tf.newaxis, tf.newaxis, :]


def causal_mask(positions: tf.Tensor, key_length: int | tf.Tensor) -> tf.Tensor:
    """Lets a query look at its own position and those before it.

    The mask follows from the positions, not from the shape, so that it is also right for the single query of a
    cached decoding step.

    Args:
        positions: int32 `[rows, query]`, the position of each query.
        key_length: How many keys there are; key `i` stands at position `i`.

    Returns:
        bool `[rows, 1, query, key]`.
    """
    return (tf.range(key_length) <= positions[:, :, tf.newaxis])[:, tf.newaxis]
