"""Where the tokens of a question stand in a context: features that no vocabulary has to be learnt for."""

import tensorflow as tf

from tfmodels import token_ids
from tfmodels.layers import masks

_BESIDE = ((0, 2), (2, 6), (6, 16), (16, 40))  # tokens before and after a token
_AROUND = 24  # tokens on each side whose matches are compared with the best of the context
COUNT = 3 + 1 + 2 * len(_BESIDE) + 2


def match_features(
    ids: tf.Tensor,
    question: tf.Tensor,
    folded: tf.Tensor,
    spellings: tf.Tensor,
    rarity: tf.Tensor,
    buckets: int,
) -> tf.Tensor:
    """What each token of a text has in common with the question, and how much of the question stands around it.

    A token matches if the question has it, has it but for capitals, or by the share of its character n-grams that are
    in the question. The larger of the last two, by the rarity of the token, is summed before and after each place.

    Args:
        ids: int32 `[batch, time]`, padded with 0.
        question: int32 `[batch, question]`, likewise. `<unk>` matches nothing: it stands for any word.
        folded: int32 `[vocabulary]`: tokens with the same number are the same but for capitals.
        spellings: int32 `[vocabulary, n]`, the buckets of the character n-grams of each token, from 1 on, or 0.
        rarity: float32 `[vocabulary]`, the weight of each token.
        buckets: Number of buckets.

    Returns:
        float32 `[batch, time, COUNT]`; of each row alone.

    Example:
        `match_features(context, question, folded, spellings, rarity, 4096).shape` -> `[2, 120, 14]`
    """
    known = question > token_ids.END
    pairs = ((ids, question), (tf.gather(folded, ids), tf.gather(folded, question)))
    exact, same = (
        tf.cast(tf.reduce_any((one[:, :, tf.newaxis] == other[:, tf.newaxis]) & known[:, tf.newaxis], 2), tf.float32)
        for one, other in pairs
    )
    alike = _shared_ngrams(tf.gather(spellings, ids), tf.gather(spellings, tf.where(known, question, 0)), buckets)
    asked = tf.reduce_sum(tf.where(known, tf.gather(rarity, question), 0.0), axis=1, keepdims=True)
    weight = tf.maximum(same, alike) * tf.gather(rarity, ids) / tf.maximum(asked, 1e-6)
    sums = tf.cumsum(tf.pad(weight, [[0, 0], [1, 0]]), axis=1)
    beside = [_between(sums, *span) for near, far in _BESIDE for span in ((-far, -near), (1 + near, 1 + far))]
    around = _between(sums, -_AROUND, 1 + _AROUND)
    best = tf.reduce_max(tf.where(masks.padding_mask(ids), around, 0.0), axis=1, keepdims=True)
    return tf.stack([exact, same, alike, weight, *beside, around, around - best], axis=-1)


def _shared_ngrams(of_tokens: tf.Tensor, of_question: tf.Tensor, buckets: int) -> tf.Tensor:
    """The share of the n-grams of each token that the question has, `[batch, time]`."""
    rows = tf.shape(of_question)[0]
    flat = tf.reshape(of_question, [rows, tf.reduce_prod(tf.shape(of_question)[1:])])
    places = tf.stack([tf.broadcast_to(tf.range(rows)[:, tf.newaxis], tf.shape(flat)), flat], axis=-1)
    there = tf.scatter_nd(places, tf.ones_like(flat), tf.stack([rows, buckets])) > 0
    is_ngram = of_tokens > 0
    shared = tf.gather(there, of_tokens, batch_dims=1) & is_ngram
    count = tf.math.count_nonzero(is_ngram, axis=-1, dtype=tf.float32)
    return tf.math.count_nonzero(shared, axis=-1, dtype=tf.float32) / tf.maximum(count, 1.0)


def _between(sums: tf.Tensor, low: int, high: int) -> tf.Tensor:
    """Sums over the steps from `low` up to but not including `high`, counted from each step; of cumulated sums."""
    time = tf.shape(sums)[1] - 1
    steps = tf.range(time)
    ends = (tf.clip_by_value(steps + offset, 0, time) for offset in (high, low))
    upper, lower = (tf.gather(sums, end, axis=1) for end in ends)
    return upper - lower
