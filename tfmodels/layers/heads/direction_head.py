"""A forecast of a direction."""

from collections.abc import Sequence

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("tfmodels")
class DirectionHead(keras.layers.Layer):
    """The head of a forecaster that answers with the probability that a value lies above the centre of its window.

    With windows centred on their last value that is "up from now", with windows that are not centred (`"zero"`) it is
    the sign of a series of changes. The parameters are the log-odds of "above" and the centre.

    Call arguments:
        raw: `[batch, horizon, channels, outputs]` with 1 output, the log-odds.

    Returns:
        The same; see `PointHead` for the other parts. `rescale` puts the centre beside them.

    Example:
        `parameters = DirectionHead()(tf.zeros([8, 24, 1, 1]))`
    """

    outputs = 1

    def call(self, raw: tf.Tensor) -> tf.Tensor:  # noqa: D102
        return tf.identity(raw)

    def rescale(self, parameters: tf.Tensor, center: tf.Tensor, scale: tf.Tensor) -> tf.Tensor:
        """Puts the centre `[batch, 1, channels]` beside the log-odds: `[batch, horizon, channels, 2]`."""
        centers = tf.broadcast_to(center[..., tf.newaxis], tf.shape(parameters))
        return tf.concat([parameters, centers], axis=-1)

    def loss(self, targets: tf.Tensor, parameters: tf.Tensor) -> tf.Tensor:
        """Negative log-likelihood in nats, `[batch, horizon, channels]`; 0 where the target is NaN."""
        logits, center = tf.unstack(parameters, axis=-1)
        above = tf.cast(targets > center, logits.dtype)
        nats = tf.nn.sigmoid_cross_entropy_with_logits(above, logits)
        return tf.where(tf.math.is_nan(targets), tf.zeros_like(nats), nats)

    def mean(self, parameters: tf.Tensor) -> tf.Tensor:
        """The probability of "above", `[batch, horizon, channels]`."""
        return tf.sigmoid(parameters[..., 0])

    def quantiles(self, parameters: tf.Tensor, levels: Sequence[float]) -> tf.Tensor:
        """Quantiles of what is 1 above the centre and else 0, `[batch, horizon, channels, levels]`."""
        below = 1 - self.mean(parameters)[..., tf.newaxis]
        return tf.cast(tf.constant(levels, below.dtype) > below, below.dtype)
