"""The mixture of a vocabulary's distribution with a copy of the source's tokens (pointer-generator, See et al., 2017).

With `g` the probability of generating, `softmax(z)` the distribution over the vocabulary and `a_j` the attention to the
token `s_j` of the source, the probability of a token is

    p(w) = g softmax(z)_w + (1 - g) sum_{j: s_j = w} a_j

Everything is computed from logarithms, in float32. In the code, `generated = log g + log softmax(z)_w`, and a copy adds
`softplus(log(1 - g) + log(sum a_j) - generated)` to it.
"""

from typing import NamedTuple

import tensorflow as tf

_LEAST = 1e-30  # attention that counts as none: its logarithm and the gradient of that stay finite


class CopyLogits(NamedTuple):
    """The parts of the mixture, as models in training return them: small beside `[batch, target, vocabulary]`.

    Attributes:
        logits: `z`, float32 `[batch, target, vocabulary]`.
        gate: The logit of `g`, float32 `[batch, target]`.
        scores: `a`, float32 `[batch, target, source]`, 0 at padding.
        source: `s`, int32 `[batch, source]`.

    Example:
        `log_probabilities(CopyLogits(logits, gate, scores, source))`
    """

    logits: tf.Tensor
    gate: tf.Tensor
    scores: tf.Tensor
    source: tf.Tensor


def parts_of(logits: tf.Tensor, gate: tf.Tensor, heads: tf.Tensor, source: tf.Tensor) -> CopyLogits:
    """Gathers the parts of the mixture; rows that share a source become steps of one row.

    Args:
        logits: float32 `[rows, target, vocabulary]`, `rows` a multiple `k` of the batch: neighbouring rows share a
            source.
        gate: The logit of `g`, `[rows, target, 1]`.
        heads: The attention to copy by, `[batch, heads, k * target, source]`; the mean over the heads is taken.
        source: int32 `[batch, source]`.

    Returns:
        The parts, of `k * target` steps.

    Example:
        `log_probabilities(parts_of(logits, copy_gate(states), scores, source_ids))`
    """
    scores = tf.reduce_mean(tf.cast(heads, tf.float32), axis=1)
    batch, steps = tf.unstack(tf.shape(scores)[:2])
    gate = tf.reshape(tf.cast(gate, tf.float32), [batch, steps])
    return CopyLogits(tf.reshape(logits, [batch, steps, logits.shape[-1]]), gate, scores, source)


def copy_map(parts: CopyLogits) -> tf.Tensor:
    """The probability that a step copies, and from where: `(1 - g) a_j`, whichever token is copied.

    Args:
        parts: The parts of the mixture.

    Returns:
        float32 `[batch, 1, target, source]`, as an attention map of one head.

    Example:
        `copy_map(parts)[0, 0].numpy().sum(axis=1)` is the probability of copying at each step.
    """
    return (tf.sigmoid(-parts.gate)[..., tf.newaxis] * parts.scores)[:, tf.newaxis]


def log_probabilities(parts: CopyLogits) -> tf.Tensor:
    """The natural logarithm of the mixture.

    Args:
        parts: Its parts.

    Returns:
        float32 `[batch, target, vocabulary]`, finite.

    Example:
        `tf.exp(log_probabilities(parts))` sums to 1.
    """
    logits, gate, scores, source = parts
    shape, size = tf.shape(scores), logits.shape[-1]
    normaliser = tf.reduce_logsumexp(logits, axis=-1) - tf.math.log_sigmoid(gate)
    generated = tf.reshape(logits - normaliser[..., tf.newaxis], [-1])
    copied, first = scores_of_tokens(scores, source)
    steps = tf.reshape(tf.range(tf.cast(shape[0] * shape[1], tf.int64)), [shape[0], shape[1], 1])
    places = steps * size + tf.cast(source, tf.int64)[:, tf.newaxis]  # [batch, target, source]
    gain = copy_gain(tf.gather(generated, places), gate[..., tf.newaxis], copied)
    gain = tf.where(first[:, tf.newaxis], gain, 0.0)
    mixed = tf.reshape(tf.tensor_scatter_nd_add(generated, places[..., tf.newaxis], gain), tf.shape(logits))
    return tf.ensure_shape(mixed, logits.shape)


def scores_of_tokens(scores: tf.Tensor, source: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """The scores of each token of the source, summed over all places where it stands.

    Memory grows with the length of the source, not with its square or the vocabulary.

    Args:
        scores: float32 `[batch, target, source]`.
        source: int32 `[batch, source]`.

    Returns:
        The sum for the token at each place, float32 `[batch, target, source]`; whether that place is the first where
        the token stands, bool `[batch, source]`.

    Example:
        `scores_of_tokens([[[0.1, 0.2, 0.3]]], [[7, 8, 7]])` -> `[[[0.4, 0.2, 0.4]]]`, `[[True, True, False]]`
    """
    batch, length = tf.unstack(tf.shape(source))
    tokens = tf.cast(tf.reshape(source, [-1]), tf.int64) * tf.cast(batch, tf.int64)  # those of each row are others
    rows = tf.repeat(tf.range(tf.cast(batch, tf.int64)), length)
    distinct, token = tf.unique(tokens + rows)
    by_place = tf.reshape(tf.transpose(scores, [0, 2, 1]), [batch * length, tf.shape(scores)[1]])
    sums = tf.gather(tf.math.unsorted_segment_sum(by_place, token, tf.size(distinct)), token)
    places = tf.range(batch * length)
    first = tf.gather(tf.math.unsorted_segment_min(places, token, tf.size(distinct)), token) == places
    sums = tf.transpose(tf.reshape(sums, [batch, length, tf.shape(scores)[1]]), [0, 2, 1])
    return sums, tf.reshape(first, [batch, length])


def log_probabilities_of_rows(parts: CopyLogits, ids: tf.Tensor) -> tf.Tensor:
    """As `log_probabilities`, for decoding: the steps of rows that share a source are rows again.

    Args:
        parts: The parts of the mixture.
        ids: The tokens that the rows were fed, `[rows, target]`.

    Returns:
        float32 `[rows, target, vocabulary]`.

    Example:
        `log_probabilities_of_rows(parts, ids)`
    """
    size = parts.logits.shape[-1]
    found = tf.reshape(log_probabilities(parts), tf.concat([tf.shape(ids), [size]], axis=0))
    return tf.ensure_shape(found, [*ids.shape, size])


def copy_gain(generated: tf.Tensor, gate: tf.Tensor, copied: tf.Tensor) -> tf.Tensor:
    """What copying adds to the logarithm of a token's probability.

    Args:
        generated: `log g + log softmax(z)_w`, of any shape.
        gate: The logit of `g`.
        copied: The attention to the token, summed over its places in the source.

    Returns:
        float32, at least 0, of that shape.

    Example:
        `generated + copy_gain(generated, gate, copied)`
    """
    some = copied > _LEAST
    gain = tf.nn.softplus(tf.math.log_sigmoid(-gate) + tf.math.log(tf.where(some, copied, 1.0)) - generated)
    return tf.where(some, gain, 0.0)
