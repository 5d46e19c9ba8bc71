"""Boolean masks, True = attend. Models compute them once, from their inputs, and pass them on explicitly.

All functions take tensors, and the symbolic ones of Keras' functional models.
"""

import keras
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
    return keras.ops.not_equal(ids, token_ids.PAD) if _is_symbolic(ids) else tf.not_equal(ids, token_ids.PAD)


def key_mask(mask: tf.Tensor) -> tf.Tensor:
    """Turns a padding mask of the keys into an attention mask.

    Args:
        mask: bool `[batch, key]`, False at padding.

    Returns:
        bool `[batch, 1, 1, key]`.

    Example:
        `attention(x, attention_mask=key_mask(padding_mask(ids)))`
    """
    return keras.ops.expand_dims(mask, [1, 2]) if _is_symbolic(mask) else mask[:, tf.newaxis, tf.newaxis, :]


def causal_mask(positions: tf.Tensor, key_length: int | tf.Tensor | None = None) -> tf.Tensor:
    """A mask that lets each query attend to its own position and earlier ones.

    It depends on the positions, not on the shape, so it also suits the single query of a cached decoding step.

    Args:
        positions: int32 `[rows, query]`, the position of each query.
        key_length: Number of keys; key `i` is at position `i`. Default: as many as queries.

    Returns:
        bool `[rows, 1, query, key]`.

    Example:
        `causal_mask(tf.range(2)[tf.newaxis], 2)` -> `[[[[True, False], [True, True]]]]`
    """
    if _is_symbolic(positions):
        counted = keras.ops.cumsum(keras.ops.ones_like(positions), axis=1) - 1
        keys = counted if key_length is None else tf.range(key_length)[tf.newaxis]
        return keras.ops.expand_dims(positions, [1, 3]) >= keras.ops.expand_dims(keys, [1, 2])
    length = tf.shape(positions)[1] if key_length is None else key_length
    return (tf.range(length) <= positions[:, :, tf.newaxis])[:, tf.newaxis]


def of_steps(x: tf.Tensor, *masks: tf.Tensor | None) -> tf.Tensor | None:
    """The first mask of the steps of a sequence that is not None, as bool.

    Layers have one mask under several names: their own, and those by which Keras passes what `keras.layers.Embedding`
    and `keras.layers.Masking` attach to a tensor.

    Args:
        x: `[batch, time, dim]`, the sequence.
        *masks: The masks, in order of precedence.

    Returns:
        bool `[batch, time]`; None if no mask is given.

    Raises:
        ValueError: The mask has another shape.

    Example:
        `mask = of_steps(x, sequence_mask, mask)`
    """
    given = next((mask for mask in masks if mask is not None), None)
    if given is None:
        return None
    mask = tf.cast(given, tf.bool)
    if not mask.shape.is_compatible_with(x.shape[:2]):
        raise ValueError(
            f"Expected a mask [batch, time], {x.shape[:2]} for x of shape {x.shape}. Received: a mask of {mask.shape}"
        )
    return mask


def given_or_padding(attention_mask: tf.Tensor | None, mask: tf.Tensor | None) -> tf.Tensor | None:
    """The attention mask that is given, or one that hides the padding of the keys.

    Args:
        attention_mask: None, or bool `[query, key]`, `[batch, query, key]` as `keras.layers.MultiHeadAttention` takes
            it, or broadcastable to `[batch, heads, query, key]`.
        mask: None, or a padding mask of the keys, `[batch, key]`.

    Returns:
        An attention mask, broadcastable to `[batch, heads, query, key]`; None if neither is given.

    Raises:
        ValueError: The attention mask is not bool, or has fewer or more axes.

    Example:
        `given_or_padding(None, tf.constant([[True, False]]))` -> `[[[[True, False]]]]`
    """
    if attention_mask is None:
        return None if mask is None else key_mask(tf.cast(mask, tf.bool))
    attention_mask = tf.convert_to_tensor(attention_mask)
    if attention_mask.dtype != bool:
        raise ValueError(
            "Expected an attention mask of bool, True = attend; keys and values are both made of `memory`. "
            f"Received: {attention_mask.dtype} of shape {attention_mask.shape}"
        )
    rank = attention_mask.shape.rank
    if rank not in (2, 3, 4):
        raise ValueError(
            "Expected an attention mask [query, key], [batch, query, key] or [batch, heads, query, key]; "
            f"`masks.key_mask` makes one of padding. Received: shape {attention_mask.shape}"
        )
    return attention_mask if rank == 4 else tf.expand_dims(attention_mask, -3)  # the same in all heads


def _is_symbolic(x: object) -> bool:
    return isinstance(x, keras.KerasTensor)
