"""The log-probability of given sequences under a model."""

import tensorflow as tf

from tfmodels.decoding.step_model import StepModel
from tfmodels.token_ids import PAD, START


def log_probability(model: StepModel, memory: dict[str, tf.Tensor], ids: tf.Tensor) -> tf.Tensor:
    """The log-probability of sequences under a model, computed for all tokens at once.

    Args:
        model: The model.
        memory: What `model.encode` returned, `batch` rows.
        ids: int32 `[batch, time]`, each sequence with its `</s>`, right-padded with 0.

    Returns:
        float32 `[batch]`, the natural logarithm without length penalty: the `score` that `greedy` gives the sequence.

    Example:
        `log_probability(model, model.encode(source), subwords.ids(texts, max_length=128))`
    """
    time = tf.shape(ids)[1]
    shifted = tf.pad(ids, [[0, 0], [1, 0]], constant_values=START)[:, :-1]
    logits, _ = model.step(shifted, model.start(memory, time), tf.constant(0))
    log_probabilities = tf.gather(logits, ids, batch_dims=2) - tf.reduce_logsumexp(logits, axis=-1)  # [batch, time]
    return tf.reduce_sum(tf.where(ids == PAD, 0.0, log_probabilities), axis=1)
