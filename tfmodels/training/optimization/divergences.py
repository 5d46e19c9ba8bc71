"""How far two predictions of the same elements are apart, the same from either side."""

import tensorflow as tf


def softmax_divergence(first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
    """The mean of the Kullback-Leibler divergences of two softmax distributions, each from the other.

    With `p` and `q` the distributions of the logits `z` and `w`, it is half the sum of `(p - q)(log p - log q)`. The
    logarithms differ from `z` and `w` by a number for all classes, which drops out, since `p - q` sums to 0: so only
    the two softmaxes are computed.

    Args:
        first: Logits, float32 `[..., classes]`.
        second: Others of the same shape.

    Returns:
        float32 `[...]`, in nats, not negative but for rounding.

    Example:
        `softmax_divergence(tf.zeros([1, 2]), tf.constant([[1.0, -1.0]]))` -> `[0.38]`
    """
    apart = (tf.nn.softmax(first) - tf.nn.softmax(second)) * (first - second)
    return tf.reduce_sum(apart, axis=-1) / 2


def sigmoid_divergence(first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
    """The same of the distributions of yes and no that are the sigmoids of logits.

    Args:
        first: Logits, float32 of any shape.
        second: Others of the same shape.

    Returns:
        float32 of the same shape, in nats.

    Example:
        `sigmoid_divergence(tf.zeros([1]), tf.constant([2.0]))` -> `[0.38]`
    """
    return (tf.sigmoid(first) - tf.sigmoid(second)) * (first - second) / 2
