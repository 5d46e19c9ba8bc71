"""The loss of a reader, and how often its best span is right."""

from functools import partial

import tensorflow as tf

from pipelines.question_answering.config import Config
from tfmodels import training
from tfmodels.layers.heads.span_head import NO_SPAN


def make(config: Config) -> training.Objective:
    """The negative log-probability of all right spans together, or of no answer (marginal likelihood).

    Args:
        config: The options.

    Returns:
        The loss, and `exact`: whether the most probable span is a right one.
    """
    length = config.max_answer_length
    return training.Objective(
        partial(span_loss, max_answer_length=length),
        metrics={"exact": partial(_exact, max_answer_length=length)},
        columns=(("exact", 8, "val_exact", ".2%"),),
        divergence=lambda _, *both: training.softmax_divergence(*both),
    )


def span_loss(targets: tf.Tensor, logits: tf.Tensor, max_answer_length: int) -> tf.Tensor:
    """The negative log-probability of the right spans.

    Args:
        targets: int32 `[batch, 2 * n]`, see `spans.packed`.
        logits: float32 `[batch, 1 + time * max_answer_length]`, see `models.Reader`.
        max_answer_length: Most tokens of an answer.

    Returns:
        float32 `[batch]`, in nats.
    """
    index, known = _indices(targets, max_answer_length)
    right = tf.where(known, tf.gather(logits, index, batch_dims=1), 2 * NO_SPAN)
    return tf.reduce_logsumexp(logits, axis=1) - tf.reduce_logsumexp(right, axis=1)


def _exact(targets: tf.Tensor, logits: tf.Tensor, max_answer_length: int) -> tf.Tensor:
    index, known = _indices(targets, max_answer_length)
    best = tf.argmax(logits, axis=1, output_type=tf.int32)[:, tf.newaxis]
    return tf.cast(tf.reduce_any(known & (index == best), axis=1), tf.float32)


def _indices(targets: tf.Tensor, max_answer_length: int) -> tuple[tf.Tensor, tf.Tensor]:
    """The classes of the right spans, int32 `[batch, n]`, and which of them there are; 0 is no answer."""
    first, last = tf.unstack(tf.reshape(targets, [tf.shape(targets)[0], -1, 2]), axis=-1)
    there = first > 0
    index = tf.where(there, 1 + (first - 1) * max_answer_length + last - first, 0)
    return index, there | (~there[:, :1] & (tf.range(tf.shape(first)[1]) == 0))
