"""The loss of models that copy from their source."""

from collections.abc import Callable

import tensorflow as tf

from tfmodels.layers.copying import CopyLogits, copy_gain, scores_of_tokens


def copy_cross_entropy(targets: tf.Tensor, parts: CopyLogits, smoothing: float = 0.0) -> tf.Tensor:
    """Cross-entropy of the mixture of generating and copying, with label smoothing.

    Without smoothing only the target's own probability is computed. Smoothing is defined on the mixture: the target
    distribution has `1 - smoothing` on the target and `smoothing` spread evenly over the vocabulary, so the loss is
    `-(1 - smoothing) log p(y) - smoothing mean_w log p(w)`. In that mean the copy changes the tokens of the source
    only. Nothing as large as the logits is computed but their softmax and, backwards, their gradient.

    Args:
        targets: int32 `[batch, target]`.
        parts: What the model returns in training.
        smoothing: Share of the target distribution to spread, in [0, 1).

    Returns:
        float32 `[batch, target]`, in nats.

    Example:
        `copy_cross_entropy(targets, model(inputs, training=True), smoothing=0.1)`
    """
    logits, gate, scores, source = parts
    size, shape = logits.shape[-1], tf.shape(scores)
    ids = targets[:, :, tf.newaxis]
    if smoothing:
        ids = tf.concat([ids, tf.broadcast_to(source[:, tf.newaxis], shape)], axis=2)
    flat = tf.reshape(logits, [-1, size])
    chosen, mean = _log_softmax_at(flat, tf.reshape(ids, [shape[0] * shape[1], -1]))
    gate = gate[..., tf.newaxis]
    generated = tf.reshape(chosen, tf.shape(ids)) + tf.math.log_sigmoid(gate)
    of_target = tf.reduce_sum(tf.where(source[:, tf.newaxis] == ids[:, :, :1], scores, 0.0), axis=2, keepdims=True)
    log_probability = tf.squeeze(generated[..., :1] + copy_gain(generated[..., :1], gate, of_target), axis=2)
    if not smoothing:
        return -log_probability
    of_source, first = scores_of_tokens(scores, source)
    gain = copy_gain(generated[..., 1:], gate, of_source)
    gains = tf.reduce_sum(tf.where(first[:, tf.newaxis], gain, 0.0), axis=2) / size
    mean = tf.reshape(mean, shape[:2]) + tf.math.log_sigmoid(tf.squeeze(gate, axis=2)) + gains
    return -(1 - smoothing) * log_probability - smoothing * mean


@tf.custom_gradient
def _log_softmax_at(logits: tf.Tensor, ids: tf.Tensor) -> tuple[tuple[tf.Tensor, tf.Tensor], Callable]:
    """The log-probabilities of some tokens, `[rows, n]`, and the mean over all tokens, `[rows]`; see
    `smoothed_cross_entropy` for why the gradient is written out."""
    size = logits.shape[-1]
    probabilities = tf.nn.softmax(logits)
    normaliser = tf.reduce_max(logits, axis=-1) - tf.math.log(tf.reduce_max(probabilities, axis=-1))
    chosen = tf.gather(logits, ids, batch_dims=1) - normaliser[:, tf.newaxis]
    mean = tf.linalg.matvec(logits, tf.fill([size], tf.cast(1 / size, logits.dtype))) - normaliser

    def backward(of_chosen: tf.Tensor, of_mean: tf.Tensor) -> tuple[tf.Tensor, None]:
        total = tf.reduce_sum(of_chosen, axis=1) + of_mean
        spread = of_mean[:, tf.newaxis] / size - probabilities * total[:, tf.newaxis]
        rows = tf.broadcast_to(tf.range(tf.shape(ids)[0])[:, tf.newaxis], tf.shape(ids))
        return tf.tensor_scatter_nd_add(spread, tf.stack([rows, ids], axis=-1), of_chosen), None

    return (chosen, mean), backward
