"""Where the tokens of a question stand in a context: features that no vocabulary has to be learnt for."""

from typing import NamedTuple

import tensorflow as tf

from tfmodels import token_ids
from tfmodels.layers import masks

_BESIDE = ((0, 2), (2, 6), (6, 16), (16, 40))  # tokens before and after a token
_MULTIPLIER = 0x2C1B3C6D  # odd: a hash that spreads numbers over 32 bits
_AROUND = 24  # tokens on each side whose matches are compared with the best of the context
COUNT = 4 + 1 + 2 * len(_BESIDE) + 2


class TokenTables(NamedTuple):
    """What is known of each token of a vocabulary.

    Attributes:
        folded: int32 `[vocabulary]`: tokens with the same number are the same but for capitals.
        spellings: int32 `[vocabulary, n]`, the buckets of the character n-grams of each token, from 1 on, or 0.
        begins: int32 `[vocabulary]`: 1 where a token begins a word, 0 where it goes on with that of the token before.
        rarity: float32 `[vocabulary]`, the weight of each token.
    """

    folded: tf.Tensor
    spellings: tf.Tensor
    begins: tf.Tensor
    rarity: tf.Tensor


def match_features(ids: tf.Tensor, question: tf.Tensor, tables: TokenTables, buckets: int) -> tf.Tensor:
    """What each token of a text has in common with the question, and how much of the question stands around it.

    A token matches if the question has it, or has it but for capitals; if the question has its word; and by the share
    of the character n-grams of its word that are in the question. The larger of the last two, by the rarity of the
    token, is summed before and after each place.

    Args:
        ids: int32 `[batch, time]`, padded with 0.
        question: int32 `[batch, question]`, likewise. `<unk>` matches nothing: it stands for any word.
        tables: Of the tokens.
        buckets: Number of buckets of n-grams.

    Returns:
        float32 `[batch, time, COUNT]`; of each row alone.

    Example:
        `match_features(context, question, tables, 4096).shape` -> `[2, 120, 15]`
    """
    known = question > token_ids.END
    pairs = (
        (ids, question),
        (tf.gather(tables.folded, ids), tf.gather(tables.folded, question)),
        (_words(ids, tables), _words(question, tables)),
    )
    exact, same, word = (
        tf.cast(tf.reduce_any((one[:, :, tf.newaxis] == other[:, tf.newaxis]) & known[:, tf.newaxis], 2), tf.float32)
        for one, other in pairs
    )
    alike = _shared_ngrams(ids, tf.where(known, question, token_ids.PAD), tables, buckets)
    asked = tf.reduce_sum(tf.where(known, tf.gather(tables.rarity, question), 0.0), axis=1, keepdims=True)
    weight = tf.maximum(word, alike) * tf.gather(tables.rarity, ids) / tf.maximum(asked, 1e-6)
    sums = tf.cumsum(tf.pad(weight, [[0, 0], [1, 0]]), axis=1)
    beside = [_between(sums, *span) for near, far in _BESIDE for span in ((-far, -near), (1 + near, 1 + far))]
    around = _between(sums, -_AROUND, 1 + _AROUND)
    best = tf.reduce_max(tf.where(masks.padding_mask(ids), around, 0.0), axis=1, keepdims=True)
    return tf.stack([exact, same, word, alike, weight, *beside, around, around - best], axis=-1)


def _words(ids: tf.Tensor, tables: TokenTables) -> tf.Tensor:
    """A number for the word of each token, int32 `[batch, time]`: a sum of hashes of its tokens, capitals apart."""
    hashes = (tf.gather(tables.folded, ids) + 1) * _MULTIPLIER
    hashes = tf.bitwise.bitwise_xor(hashes, tf.bitwise.right_shift(hashes, 15)) * _MULTIPLIER
    return _of_word(tf.where(ids > token_ids.END, hashes, 0), ids, tables)


def _of_word(values: tf.Tensor, ids: tf.Tensor, tables: TokenTables) -> tf.Tensor:
    """Sums of values `[batch, time]` over the word of each token."""
    rows, time = tf.unstack(tf.shape(ids))
    begins = tf.gather(tables.begins, ids) * tf.cast(ids > token_ids.END, tf.int32)
    ends = tf.cast(ids <= token_ids.END, tf.int32)  # each such token is alone
    word = tf.cumsum(begins + ends + tf.pad(ends, [[0, 0], [1, 0]])[:, :time], axis=1)
    width = 2 * time + 1
    flat = tf.reshape(tf.range(rows)[:, tf.newaxis] * width + word, [-1])
    sums = tf.math.unsorted_segment_sum(tf.reshape(values, [-1]), flat, rows * width)
    return tf.reshape(tf.gather(sums, flat), [rows, time])


def _shared_ngrams(ids: tf.Tensor, question: tf.Tensor, tables: TokenTables, buckets: int) -> tf.Tensor:
    """The share of the n-grams of the word of each token that the question has, `[batch, time]`."""
    rows = tf.shape(question)[0]
    of_tokens, of_question = tf.gather(tables.spellings, ids), tf.gather(tables.spellings, question)
    flat = tf.reshape(of_question, [rows, tf.reduce_prod(tf.shape(of_question)[1:])])
    places = tf.stack([tf.broadcast_to(tf.range(rows)[:, tf.newaxis], tf.shape(flat)), flat], axis=-1)
    there = tf.scatter_nd(places, tf.ones_like(flat), tf.stack([rows, buckets])) > 0
    is_ngram = of_tokens > 0
    shared = tf.gather(there, of_tokens, batch_dims=1) & is_ngram
    found, count = (
        _of_word(tf.math.count_nonzero(of, axis=-1, dtype=tf.float32), ids, tables) for of in (shared, is_ngram)
    )
    return found / tf.maximum(count, 1.0)


def _between(sums: tf.Tensor, low: int, high: int) -> tf.Tensor:
    """Sums over the steps from `low` up to but not including `high`, counted from each step; of cumulated sums."""
    time = tf.shape(sums)[1] - 1
    steps = tf.range(time)
    ends = (tf.clip_by_value(steps + offset, 0, time) for offset in (high, low))
    upper, lower = (tf.gather(sums, end, axis=1) for end in ends)
    return upper - lower
