"""Which tokens a decoder may produce."""

import tensorflow as tf

from tfmodels.token_ids import END, PAD, START, UNK


def allowed_tokens(
    logits: tf.Tensor,
    ids: tf.Tensor,
    position: tf.Tensor,
    limits: tf.Tensor,
    prefix: tf.Tensor | None = None,
    no_repeat_ngram: int = 0,
) -> tf.Tensor:
    """Puts the logits of forbidden tokens out of reach.

    A row at its limit may only end, and before that its prefix is forced. Where the choice is free, `<pad>`, `<unk>`
    and `<s>` are never part of a text, and no n-gram is completed that the text already has; a forced token may
    complete one.

    Args:
        logits: float32 `[rows, vocab]`, of the token at `position`.
        ids: int32 `[rows, time]`, the texts so far; what stands at `position` and behind it is not looked at.
        position: int32, the number of tokens so far, at most `time`.
        limits: int32 `[rows]`, the most tokens before `</s>`.
        prefix: int32 `[rows, n]`, the tokens to start with, right-padded with 0; None for none.
        no_repeat_ngram: Size of the n-grams that must not occur twice in a text; 0 = any may.

    Returns:
        The logits, with the lowest float32 in place of the forbidden ones. They are for choosing a token:
        its probability is that of the full softmax, over the logits as they came.

    Raises:
        ValueError: `no_repeat_ngram` is below 0.

    Example:
        `tokens = tf.argmax(allowed_tokens(logits, ids, position, limits), axis=-1)`
    """
    if no_repeat_ngram < 0:
        raise ValueError(f"Expected `no_repeat_ngram` to be 0 or more. Received: no_repeat_ngram={no_repeat_ngram}")
    token = tf.range(tf.shape(logits)[-1])
    special = (token == PAD) | (token == UNK) | (token == START)
    forced = tf.where(position >= limits, END, PAD if prefix is None else _token_at(prefix, position))
    free = (forced == PAD)[:, tf.newaxis]  # [rows, 1]
    lowest = logits.dtype.min
    logits = tf.cond(
        tf.reduce_all(free),
        lambda: tf.where(special, lowest, logits),  # at most steps, in one pass over rows and vocabulary
        lambda: tf.where(tf.where(free, special, token != forced[:, tf.newaxis]), lowest, logits),
    )
    if not no_repeat_ngram:
        return logits
    # Where nothing would repeat, `<pad>` is put out of reach, where it already is.
    repeated = tf.where(free, _tokens_that_repeat(ids, position, no_repeat_ngram), PAD)  # [rows, time]
    row = tf.broadcast_to(tf.range(tf.shape(ids)[0])[:, tf.newaxis], tf.shape(repeated))
    return tf.tensor_scatter_nd_update(logits, tf.stack([row, repeated], axis=-1), tf.fill(tf.shape(repeated), lowest))


def _token_at(ids: tf.Tensor, position: tf.Tensor) -> tf.Tensor:
    """The token of each row at `position`, int32 `[rows]`; `<pad>` past the end."""
    here = tf.range(tf.shape(ids)[1]) == position
    return tf.reduce_sum(tf.where(here, ids, PAD), axis=1)


def _tokens_that_repeat(ids: tf.Tensor, position: tf.Tensor, size: int) -> tf.Tensor:
    """The tokens that would complete an n-gram for the second time, int32 `[rows, time]`; `<pad>` elsewhere.

    A place holds such a token if the `size - 1` tokens before it are the last ones of the text.
    """
    time = tf.shape(ids)[1]
    place = tf.range(time)
    same = (place >= size - 1) & (place < position)
    for back in range(1, size):
        before = tf.pad(ids, [[0, 0], [back, 0]])  # at each place the token `back` places earlier
        same &= before[:, :time] == before[:, position, tf.newaxis]
    return tf.where(same, ids, PAD)
