"""Which tokens a decoder may produce."""

import tensorflow as tf

from tfmodels.token_ids import END, PAD, START, UNK

NEVER_CHOSEN = (PAD, UNK, START)  # no part of a text, unless forced


def never_chosen(tokens: tf.Tensor) -> tf.Tensor:
    """Which tokens are among `NEVER_CHOSEN`, bool as `tokens`."""
    return tf.reduce_any(tokens[..., tf.newaxis] == NEVER_CHOSEN, axis=-1)


def forced_tokens(position: tf.Tensor, limits: tf.Tensor, prefix: tf.Tensor | None = None) -> tf.Tensor:
    """The tokens that leave no choice: a row at its limit may only end, and before that its prefix is forced.

    Args:
        position: int32, the number of tokens so far.
        limits: int32 `[rows]`, the most tokens before `</s>`.
        prefix: int32 `[rows, n]`, the tokens to start with, right-padded with 0; None for none.

    Returns:
        int32 `[rows]`, `<pad>` where the choice is free.

    Example:
        `forced_tokens(tf.constant(2), limits=tf.constant([5, 2]))` -> `[PAD, END]`
    """
    return tf.where(position >= limits, END, PAD if prefix is None else _token_at(prefix, position))


def allowed_tokens(
    logits: tf.Tensor, ids: tf.Tensor, position: tf.Tensor, forced: tf.Tensor, no_repeat_ngram: int = 0
) -> tf.Tensor:
    """Puts the logits of forbidden tokens out of reach.

    Where the choice is free, none of `NEVER_CHOSEN` is taken, and no n-gram is completed that the text
    already has; a forced token may complete one.

    Args:
        logits: float32 `[rows, vocab]`, of the token at `position`.
        ids: int32 `[rows, time]`, the texts so far; what stands at `position` and behind it is not looked at.
        position: int32, the number of tokens so far, at most `time`.
        forced: int32 `[rows]`, of `forced_tokens`.
        no_repeat_ngram: Size of the n-grams that must not occur twice in a text; 0 = any may.

    Returns:
        The logits, with the lowest float32 in place of the forbidden ones. They are for choosing a token:
        its probability is that of the full softmax, over the logits as they came.

    Raises:
        ValueError: `no_repeat_ngram` is below 0.

    Example:
        `allowed_tokens(logits, ids, position, forced_tokens(position, limits))`
    """
    if no_repeat_ngram < 0:
        raise ValueError(f"Expected `no_repeat_ngram` to be 0 or more. Received: no_repeat_ngram={no_repeat_ngram}")
    token = tf.range(logits.shape[-1] or tf.shape(logits)[-1])
    special, free = never_chosen(token), (forced == PAD)[:, tf.newaxis]  # [vocab], [rows, 1]
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
