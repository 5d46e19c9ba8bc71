"""Which tokens a decoder may produce."""

import tensorflow as tf

from tfmodels.token_ids import END, PAD, START, UNK


def allowed_tokens(logits: tf.Tensor, must_end: tf.Tensor) -> tf.Tensor:
    """Puts the logits of forbidden tokens out of reach.

    `<pad>`, `<unk>` and `<s>` are never part of a text; a row at its limit may only end.

    Args:
        logits: float32 `[rows, vocab]`.
        must_end: bool `[rows]`, True where `</s>` is the only choice.

    Returns:
        The logits, with the lowest float32 in place of the forbidden ones. They are for choosing a token:
        its probability is that of the full softmax, over the logits as they came.

    Example:
        `tokens = tf.argmax(allowed_tokens(logits, position >= limits), axis=-1)`
    """
    token = tf.range(tf.shape(logits)[-1])
    special = (token == PAD) | (token == UNK) | (token == START)
    forbidden = special | (must_end[:, None] & (token != END))  # [rows, vocab]
    return tf.where(forbidden, logits.dtype.min, logits)
