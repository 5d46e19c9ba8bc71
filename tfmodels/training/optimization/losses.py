"""Losses per token, without reduction: `Trainer` computes the weighted mean."""

from collections.abc import Callable

import tensorflow as tf


def smoothed_cross_entropy(targets: tf.Tensor, logits: tf.Tensor, smoothing: float = 0.0) -> tf.Tensor:
    """Cross-entropy with label smoothing (Szegedy et al., 2016).

    The target distribution has `1 - smoothing` on the target, and `smoothing` spread evenly over the vocabulary.

    With `z` the logits of a token, `p` their softmax, `y` its target and `V` the vocabulary, the loss is
    `logsumexp(z) - (1 - smoothing) z_y - smoothing mean(z)`, where `logsumexp(z) = max(z) - log(max(p))`, and its
    gradient is `p - smoothing / V`, less `1 - smoothing` at `y`. So only one softmax is computed and kept, which takes
    a CPU half the time of TensorFlow's fused cross-entropy.

    Args:
        targets: int32 `[batch, time]`.
        logits: float32 `[batch, time, V]`.
        smoothing: Share of the target distribution to spread, in [0, 1).

    Returns:
        float32 `[batch, time]`, in nats.

    Example:
        `smoothed_cross_entropy(targets, logits, smoothing=0.1)`
    """
    size = logits.shape[-1]

    @tf.custom_gradient
    def loss_of(flat: tf.Tensor) -> tuple[tf.Tensor, Callable]:
        labels = tf.reshape(targets, [-1])
        probabilities = tf.nn.softmax(flat)
        normaliser = tf.reduce_max(flat, axis=-1) - tf.math.log(tf.reduce_max(probabilities, axis=-1))
        loss = normaliser - (1 - smoothing) * tf.gather(flat, labels, batch_dims=1)
        if smoothing:
            loss -= smoothing * tf.linalg.matvec(flat, tf.fill([size], tf.cast(1 / size, flat.dtype)))

        def backward(upstream: tf.Tensor) -> tf.Tensor:
            spread = (probabilities - smoothing / size) * upstream[:, tf.newaxis]
            indices = tf.stack([tf.range(tf.size(labels)), labels], axis=1)
            return tf.tensor_scatter_nd_sub(spread, indices, (1 - smoothing) * upstream)

        return loss, backward

    return tf.reshape(loss_of(tf.reshape(logits, [-1, size])), tf.shape(targets))
