"""Forecasts of a direction."""

from collections.abc import Sequence

import keras
import tensorflow as tf

from tfmodels.layers.heads.forecast_head import ForecastHead


@keras.saving.register_keras_serializable("tfmodels")
class DirectionHead(ForecastHead):
    """A head that forecasts the probability that a value is above the centre of its window; see `ForecastHead`.

    In windows centred on their last value "above" means a rise from that value; in windows that are not centred
    (`"zero"`) it is the sign of a series of changes. The parameters are the log-odds and, after `rescale`, the centre.

    Example:
        `parameters = DirectionHead()(tf.zeros([8, 24, 1, 1]))`
    """

    outputs = 1
    location = None

    def call(self, raw: tf.Tensor) -> tf.Tensor:  # noqa: D102
        return tf.identity(raw)

    def rescale(self, parameters: tf.Tensor, center: tf.Tensor, scale: tf.Tensor) -> tf.Tensor:
        """Appends the centre `[batch, 1, channels]` to the log-odds: `[batch, horizon, channels, 2]`."""
        centers = tf.broadcast_to(center[..., tf.newaxis], tf.shape(parameters))
        return tf.concat([parameters, centers], axis=-1)

    def elementwise_loss(self, targets: tf.Tensor, parameters: tf.Tensor) -> tf.Tensor:
        """Negative log-likelihood in nats."""
        logits, center = tf.unstack(parameters, axis=-1)
        above = tf.cast(targets > center, logits.dtype)
        return tf.nn.sigmoid_cross_entropy_with_logits(above, logits)

    def mean(self, parameters: tf.Tensor) -> tf.Tensor:
        """The probability that the value is above the centre, `[batch, horizon, channels]`."""
        return tf.sigmoid(parameters[..., 0])

    def quantiles(self, parameters: tf.Tensor, levels: Sequence[float]) -> tf.Tensor:
        """Quantiles of a variable that is 1 above the centre, else 0: `[batch, horizon, channels, levels]`."""
        below = 1 - self.mean(parameters)[..., tf.newaxis]
        return tf.cast(tf.constant(levels, below.dtype) > below, below.dtype)
