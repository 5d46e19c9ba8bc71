"""Which tokens a decoder may produce."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tfmodels.token_ids import END, PAD, START, UNK

NEVER_CHOSEN = (PAD, UNK, START)  # never part of a sequence unless forced
_LONGEST_PHRASE = 32  # tokens of a phrase whose repetition is looked for


class Phrases(NamedTuple):
    """Phrases that must not follow themselves at once, as "in the" does in "in the in the".

    Attributes:
        fewest: Tokens of the shortest of them, from 1 to 32; those of up to 32 tokens are looked for.
        tokens: bool `[vocab]`, the tokens of which a phrase has at least one, such as those with letters: numbers
            repeat rightly. None = any token.

    Example:
        `beam_search(model, memory, limits, no_repeat_phrase=Phrases(2))`
    """

    fewest: int
    tokens: np.ndarray | None = None


def never_chosen(tokens: tf.Tensor) -> tf.Tensor:
    """Whether each token is in `NEVER_CHOSEN`, bool in the shape of `tokens`."""
    return tf.reduce_any(tokens[..., tf.newaxis] == NEVER_CHOSEN, axis=-1)


def forced_tokens(position: tf.Tensor, limits: tf.Tensor, prefix: tf.Tensor | None = None) -> tf.Tensor:
    """The tokens that leave no choice: `</s>` at the limit of a row, and the tokens of its prefix before that.

    Args:
        position: int32, the number of tokens so far.
        limits: int32 `[rows]`, the maximum number of tokens before `</s>`.
        prefix: int32 `[rows, n]`, the tokens to start with, right-padded with 0; None for none.

    Returns:
        int32 `[rows]`, `<pad>` where any token may be chosen.

    Example:
        `forced_tokens(tf.constant(2), limits=tf.constant([5, 2]))` -> `[PAD, END]`
    """
    return tf.where(position >= limits, END, PAD if prefix is None else _token_at(prefix, position))


def mask_forbidden_tokens(
    logits: tf.Tensor,
    ids: tf.Tensor,
    position: tf.Tensor,
    forced: tf.Tensor,
    no_repeat_ngram: int = 0,
    no_repeat_phrase: Phrases | None = None,
) -> tf.Tensor:
    """Sets the logits of forbidden tokens to the lowest float32.

    Unless a token is forced, those in `NEVER_CHOSEN` are forbidden and so are those that would repeat an n-gram of the
    sequence, or a phrase at once. A forced token may repeat one.

    Args:
        logits: float32 `[rows, vocab]`, of the token at `position`.
        ids: int32 `[rows, time]`, the sequences so far; ids from `position` on are ignored.
        position: int32, the number of tokens so far, at most `time`.
        forced: int32 `[rows]`, what `forced_tokens` returned.
        no_repeat_ngram: Size of the n-grams that must not occur twice in a sequence; 0 = no restriction.
        no_repeat_phrase: Phrases that must not follow themselves at once; None = no restriction.

    Returns:
        The masked logits. They serve to choose a token; its probability is that of the softmax over all given logits.

    Raises:
        ValueError: `no_repeat_ngram` is below 0, or `no_repeat_phrase.fewest` not from 1 to 32.

    Example:
        `mask_forbidden_tokens(logits, ids, position, forced_tokens(position, limits))`
    """
    if no_repeat_ngram < 0:
        raise ValueError(f"Expected `no_repeat_ngram` to be 0 or more. Received: no_repeat_ngram={no_repeat_ngram}")
    if no_repeat_phrase and not 1 <= no_repeat_phrase.fewest <= _LONGEST_PHRASE:
        expected = f"Expected the fewest tokens of `no_repeat_phrase` to be from 1 to {_LONGEST_PHRASE}"
        raise ValueError(f"{expected}. Received: fewest={no_repeat_phrase.fewest}")
    token = tf.range(logits.shape[-1] or tf.shape(logits)[-1])
    special, free = never_chosen(token), (forced == PAD)[:, tf.newaxis]  # [vocab], [rows, 1]
    lowest = logits.dtype.min
    logits = tf.cond(
        tf.reduce_all(free),
        lambda: tf.where(special, lowest, logits),  # in most steps: one pass over rows and vocabulary
        lambda: tf.where(tf.where(free, special, token != forced[:, tf.newaxis]), lowest, logits),
    )
    repeating = []
    if no_repeat_ngram:
        repeating.append(_tokens_that_repeat(ids, position, no_repeat_ngram))
    if no_repeat_phrase:
        repeating.append(_tokens_that_repeat_at_once(ids, position, no_repeat_phrase))
    if not repeating:
        return logits
    # Where nothing would repeat, `<pad>` is masked, which it already is.
    repeated = tf.where(free, tf.concat(repeating, axis=1), PAD)
    row = tf.broadcast_to(tf.range(tf.shape(ids)[0])[:, tf.newaxis], tf.shape(repeated))
    return tf.tensor_scatter_nd_update(logits, tf.stack([row, repeated], axis=-1), tf.fill(tf.shape(repeated), lowest))


def _token_at(ids: tf.Tensor, position: tf.Tensor) -> tf.Tensor:
    """The token of each row at `position`, int32 `[rows]`; `<pad>` beyond the end."""
    is_there = tf.range(tf.shape(ids)[1]) == position
    return tf.reduce_sum(tf.where(is_there, ids, PAD), axis=1)


def _tokens_that_repeat(ids: tf.Tensor, position: tf.Tensor, size: int) -> tf.Tensor:
    """The tokens that would complete an n-gram for the second time, int32 `[rows, time]`; `<pad>` elsewhere.

    Such a token follows an earlier occurrence of the last `size - 1` tokens of the sequence.
    """
    time = tf.shape(ids)[1]
    index = tf.range(time)
    same = (index >= size - 1) & (index < position)
    for back in range(1, size):
        before = tf.pad(ids, [[0, 0], [back, 0]])  # at each index the token `back` steps earlier
        same &= before[:, :time] == before[:, position, tf.newaxis]
    return tf.where(same, ids, PAD)


def _tokens_that_repeat_at_once(ids: tf.Tensor, position: tf.Tensor, phrases: Phrases) -> tf.Tensor:
    """The tokens that would complete a phrase right behind itself, int32 `[rows, phrases]`; `<pad>` elsewhere.

    For a phrase of n tokens that is the one n tokens back, if the last n - 1 tokens are those before it.
    """
    sizes = np.arange(phrases.fewest, _LONGEST_PHRASE + 1)
    window = 2 * _LONGEST_PHRASE - 1
    # The last tokens, `<pad>` before the first one.
    last = tf.pad(ids, [[0, 0], [window, 0]])[:, position : position + window]
    back = tf.reverse(last, axis=[1])  # [rows, window], the latest first
    offsets = np.arange(_LONGEST_PHRASE - 1)[:, np.newaxis]  # [longest - 1, 1]
    same = back[:, : _LONGEST_PHRASE - 1, tf.newaxis] == tf.gather(back, offsets + sizes, axis=1)
    whole = tf.reduce_all(same | (offsets >= sizes - 1), axis=1)  # [rows, phrases]
    if phrases.tokens is not None:
        counted = tf.cumsum(tf.gather(tf.constant(phrases.tokens, tf.int32), back), axis=1)  # of the last n tokens
        whole &= tf.gather(counted, sizes - 1, axis=1) > 0
    return tf.where(whole, tf.gather(back, sizes - 1, axis=1), PAD)
