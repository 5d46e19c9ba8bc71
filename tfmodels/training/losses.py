"""Losses per token; what they are summed over and divided by is the trainer's business."""

import tensorflow as tf


def smoothed_cross_entropy(targets: tf.Tensor, logits: tf.Tensor, smoothing: float = 0.0) -> tf.Tensor:
    """Cross-entropy against `(1 - smoothing)` on the target and the rest spread evenly (Szegedy et al., 2016).

    With `z` the logits of a token, `y` its target and `V` the vocabulary, the loss is
    `logsumexp(z) - (1 - smoothing) z_y - smoothing mean(z)`. It needs no `[tokens, V]` matrix of labels, and its
    gradient is built from the one that the forward kernel leaves behind.

    Args:
        targets: int32 `[batch, time]`.
        logits: float32 `[batch, time, V]`.
        smoothing: In [0, 1).

    Returns:
        float32 `[batch, time]`, in nats.
    """
    size = logits.shape[-1]

    @tf.custom_gradient
    def loss_of(flat: tf.Tensor) -> tuple[tf.Tensor, object]:
        labels = tf.reshape(targets, [-1])
        loss, gradient = tf.raw_ops.SparseSoftmaxCrossEntropyWithLogits(features=flat, labels=labels)
        if smoothing:
            loss += smoothing * (tf.gather(flat, labels, batch_dims=1) - tf.reduce_mean(flat, axis=-1))

        def backward(upstream: tf.Tensor) -> tf.Tensor:
            full = (gradient - smoothing / size) * upstream[:, tf.newaxis]
            if not smoothing:
                return full
            indices = tf.stack([tf.range(tf.size(labels)), labels], axis=1)
            return tf.tensor_scatter_nd_add(full, indices, smoothing * upstream)

        return loss, backward

    return tf.reshape(loss_of(tf.reshape(logits, [-1, size])), tf.shape(targets))
