"""Boolean masks, True = attend. Models compute them once, from their inputs, and pass them on explicitly."""

import tensorflow as tf

from tfmodels import token_ids


def padding_mask(ids: tf.Tensor) -> tf.Tensor:
    """A mask of the tokens that are not padding.

    Args:
        ids: int32 `[batch, time]`, padded with 0.

    Returns:
        bool `[batch, time]`, False at padding.

    Example:
        `padding_mask(tf.constant([[7, 3, 0]]))` -> `[[True, True, False]]`
    """
    return tf.not_equal(ids, token_ids.PAD)


def key_mask(mask: tf.Tensor) -> tf.Tensor:
    """Turns a padding mask of the keys into an attention mask.

    Args:
        mask: bool `[batch, key]`, False at padding.

    Returns:
        bool `[batch, 1, 1, key]`.

    Example:
        `attention(x, attention_mask=key_mask(padding_mask(ids)))`
    """
    return mask[:, tf.newaxis, tf.newaxis, :]


def causal_mask(positions: tf.Tensor, key_length: int | tf.Tensor) -> tf.Tensor:
    """A mask that lets each query attend to its own position and earlier ones.

    It depends on the positions, not on the shape, so it also suits the single query of a cached decoding step.

    Args:
        positions: int32 `[rows, query]`, the position of each query.
        key_length: Number of keys; key `i` is at position `i`.

    Returns:
        bool `[rows, 1, query, key]`.

    Example:
        `causal_mask(tf.range(2)[tf.newaxis], 2)` -> `[[[[True, False], [True, True]]]]`
    """
    return (tf.range(key_length) <= positions[:, :, tf.newaxis])[:, tf.newaxis]
