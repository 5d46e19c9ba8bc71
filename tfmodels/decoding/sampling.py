"""Sampling: the next token is drawn from the model's distribution, or from its most probable part."""

from collections.abc import Callable

import tensorflow as tf

from tfmodels.decoding.allowed_tokens import Phrases
from tfmodels.decoding.decoded import Decoded
from tfmodels.decoding.left_to_right import decode_left_to_right
from tfmodels.decoding.step_model import StepModel
from tfmodels.layers.uniform_numbers import uniform


def sample(
    model: StepModel,
    memory: dict[str, tf.Tensor],
    limits: tf.Tensor,
    seed: tf.Tensor,
    temperature: tf.Tensor | float = 1.0,
    top_k: tf.Tensor | int = 0,
    top_p: tf.Tensor | float = 1.0,
    prefix: tf.Tensor | None = None,
    no_repeat_ngram: int = 0,
    no_repeat_phrase: Phrases | None = None,
) -> Decoded:
    """Decodes by drawing each token at random.

    The logits of the allowed tokens are divided by the temperature. Of these tokens the `top_k` most probable are kept
    (Fan et al., 2018, "Hierarchical Neural Story Generation"), and of those the fewest most probable whose total
    probability reaches `top_p` (Holtzman et al., 2020, "The Curious Case of Neural Text Degeneration"). The token is
    drawn by inverting the cumulative distribution at a uniform random number, a function of the row's seed and the
    step: the result of a row does not depend on the rest of the batch and is reproducible from its seed.

    Works eagerly, in a `tf.function` and in an export. The loop stops when all rows have ended.

    Args:
        model: The model.
        memory: What `model.encode` returned, `batch` rows.
        limits: int32 `[batch]`, the maximum number of tokens before `</s>`; see `greedy`.
        seed: int64 `[batch]`, any values.
        temperature: float32 `[batch]`, or one number for all rows, at least 0; 1 = off, 0 = always the most probable
            token. Negative values in a tensor count as 0.
        top_k: int32 `[batch]`, or one number for all rows, at least 0; 0 = off. Negative values in a tensor count as 0.
        top_p: float32 `[batch]`, or one number for all rows, above 0 and at most 1; 1 = off. Values above 1 in a tensor
            count as 1. The most probable token is always kept.
        prefix: See `greedy`.
        no_repeat_ngram: See `greedy`.
        no_repeat_phrase: See `greedy`.

    Returns:
        `Decoded` with as many time steps as the largest limit; `score` is the log-probability under the full softmax,
        without temperature and without length penalty.

    Raises:
        ValueError: A number is outside its range.

    Example:
        `drawn = sample(model, model.encode(source), limits, seed=tf.range(batch, dtype=tf.int64), top_p=0.9)`
    """
    _check("temperature", temperature, "0 or more", lambda number: number >= 0)
    _check("top_k", top_k, "0 or more", lambda number: number >= 0)
    _check("top_p", top_p, "above 0 and at most 1", lambda number: 0 < number <= 1)
    batch = tf.shape(limits)
    temperatures = tf.broadcast_to(tf.cast(temperature, tf.float32), batch)
    warm = temperatures > 0
    most_tokens = tf.where(warm, tf.broadcast_to(tf.cast(top_k, tf.int32), batch), 1)
    most_probable = tf.broadcast_to(tf.cast(top_p, tf.float32), batch)
    filtered = tf.reduce_any((most_tokens > 0) | ~(most_probable >= 1))

    def draw(logits: tf.Tensor, position: tf.Tensor, *settings: tf.Tensor) -> tf.Tensor:
        seed, temperature, top_k, top_p = settings
        weights = _weights(logits, temperature)
        # Ranking the whole vocabulary is the most expensive part: skipped unless a row needs it.
        weights = tf.cond(
            filtered,
            lambda: tf.where(_likely(logits, temperature, top_k, top_p), weights, 0.0),
            lambda: weights,
        )
        # In the order of the ids: in the order of the ranks, rounding could swap neighbours and change the draw.
        cumulative = tf.cumsum(weights, axis=1)
        # Below the last sum, as the number is below 1; the first sum above it is that of a token of positive weight.
        drawn = uniform(seed, position) * cumulative[:, -1]
        return tf.searchsorted(cumulative, drawn[:, tf.newaxis], side="right")[:, 0]

    settings = (seed, tf.where(warm, temperatures, 1.0), most_tokens, most_probable)
    return decode_left_to_right(model, memory, limits, draw, prefix, no_repeat_ngram, no_repeat_phrase, settings)


def _check(name: str, value: tf.Tensor | float, expected: str, fits: Callable[[float], bool]) -> None:
    """Refuses a number outside its range; the values in tensors are those of requests, which must not fail."""
    if isinstance(value, int | float) and not fits(value):
        raise ValueError(f"Expected `{name}` to be {expected}. Received: {name}={value}")


def _weights(logits: tf.Tensor, temperature: tf.Tensor) -> tf.Tensor:
    """Probabilities relative to that of the most probable token of the row, float32 `[rows, vocab]`."""
    scaled = (logits - tf.reduce_max(logits, axis=1, keepdims=True)) / temperature[:, tf.newaxis]
    # Compared before the division: with a high temperature even forbidden tokens would get some weight.
    return tf.where(logits > logits.dtype.min, tf.exp(scaled), 0.0)


def _likely(logits: tf.Tensor, temperature: tf.Tensor, top_k: tf.Tensor, top_p: tf.Tensor) -> tf.Tensor:
    """Which tokens are kept, bool `[rows, vocab]`; among equals those with the lowest ids, as in `tf.argmax`."""
    vocab = tf.shape(logits)[1]
    ranked, _ = tf.math.top_k(logits, vocab)
    top_k, top_p = top_k[:, tf.newaxis], top_p[:, tf.newaxis]
    within = (tf.range(vocab) < top_k) | (top_k <= 0)
    weights = tf.where(within, _weights(ranked, temperature), 0.0)
    before = tf.cumsum(weights, axis=1, exclusive=True)
    within &= (before < top_p * tf.reduce_sum(weights, axis=1, keepdims=True)) | (top_p >= 1)
    number = tf.maximum(tf.math.count_nonzero(within, axis=1, keepdims=True, dtype=tf.int32), 1)
    threshold = tf.gather(ranked, number - 1, batch_dims=1)  # [rows, 1]
    above, equal = logits > threshold, logits == threshold
    room = number - tf.math.count_nonzero(above, axis=1, keepdims=True, dtype=tf.int32)
    return above | (equal & (tf.cumsum(tf.cast(equal, tf.int32), axis=1) <= room))
