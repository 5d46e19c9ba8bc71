"""The best tokens of a vocabulary."""

import tensorflow as tf

_GROUP = 64  # about the root of a vocabulary of thousands


def top_tokens(logits: tf.Tensor, count: int) -> tuple[tf.Tensor, tf.Tensor]:
    """`tf.math.top_k` in two levels: of groups of tokens those with the best maxima, then the best of their tokens.

    One pass over the vocabulary in place of one with a heap for each row, which takes three times as long. The result
    is the same, and so is the order of equals.

    Args:
        logits: float32 `[rows, vocab]`.
        count: How many.

    Returns:
        float32 and int32 `[rows, count]`, best first; of equals the first token. Where there are fewer tokens, the rest
        have the lowest float32.

    Example:
        `top, token = top_tokens(logits, 8)`
    """
    vocab = logits.shape[-1]
    if vocab is None or vocab < 2 * count * _GROUP:
        each = tf.minimum(count, tf.shape(logits)[-1])
        top, token = tf.math.top_k(logits, each)
        missing = [[0, 0], [0, count - each]]
        return tf.pad(top, missing, constant_values=logits.dtype.min), tf.pad(token, missing)
    filler = -vocab % _GROUP
    padded = tf.pad(logits, [[0, 0], [0, filler]], constant_values=logits.dtype.min) if filler else logits
    groups = tf.reshape(padded, [-1, (vocab + filler) // _GROUP, _GROUP])
    _, best = tf.math.top_k(tf.reduce_max(groups, axis=2), count)
    best = tf.sort(best)  # of equals the first token is then the first here, too
    chosen = tf.reshape(tf.gather(groups, best, batch_dims=1), [-1, count * _GROUP])
    top, place = tf.math.top_k(chosen, count)
    return top, tf.gather(best, place // _GROUP, batch_dims=1) * _GROUP + place % _GROUP
