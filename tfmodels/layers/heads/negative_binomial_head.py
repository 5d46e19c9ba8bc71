"""Forecasts of counts."""

from collections.abc import Sequence

import keras
import tensorflow as tf

from tfmodels.layers.heads.forecast_head import ForecastHead

_MIN_PARAMETER = 1e-5  # of mean and dispersion


@keras.saving.register_keras_serializable("tfmodels")
class NegativeBinomialHead(ForecastHead):
    """A head that forecasts a negative binomial distribution (DeepAR; Salinas et al., 2020); see `ForecastHead`.

    The parameters are the mean `m` and the dispersion `a`; the variance is `m + a m^2`. In the units of the normalised
    window the first parameter is a location of any sign; `rescale` converts it to the units of the series and makes it
    positive with a `softplus` whose width is the window's scale. Targets are counts: whole and not negative.

    Example:
        `parameters = NegativeBinomialHead()(tf.zeros([8, 24, 1, 2]))`
    """

    outputs = 2

    def call(self, raw: tf.Tensor) -> tf.Tensor:  # noqa: D102
        location, dispersion = tf.split(raw, 2, axis=-1)
        return tf.concat([location, tf.nn.softplus(dispersion) + _MIN_PARAMETER], axis=-1)

    def rescale(self, parameters: tf.Tensor, center: tf.Tensor, scale: tf.Tensor) -> tf.Tensor:
        """Converts the location to a mean in units of the series; `center` and `scale` are `[batch, 1, channels]`."""
        location, dispersion = tf.unstack(parameters, axis=-1)
        return tf.stack([scale * tf.nn.softplus(location + center / scale) + _MIN_PARAMETER, dispersion], axis=-1)

    def elementwise_loss(self, targets: tf.Tensor, parameters: tf.Tensor) -> tf.Tensor:
        """Negative log-likelihood in nats."""
        # In float64, since the log-gammas are large and nearly equal.
        mean, dispersion = tf.unstack(tf.cast(parameters, tf.float64), axis=-1)
        counts = tf.cast(targets, tf.float64)
        size = 1 / dispersion
        nats = (
            tf.math.lgamma(size)
            + tf.math.lgamma(counts + 1)
            - tf.math.lgamma(counts + size)
            + size * tf.math.log1p(mean * dispersion)
            + counts * tf.math.log1p(size / mean)
        )
        return tf.cast(nats, parameters.dtype)

    def quantiles(self, parameters: tf.Tensor, levels: Sequence[float]) -> tf.Tensor:
        """The smallest counts whose cumulative probability reaches `levels`, `[batch, horizon, channels, levels]`."""
        mean, dispersion = tf.unstack(tf.cast(parameters, tf.float64)[..., tf.newaxis, :], axis=-1)
        probabilities = tf.constant(levels, tf.float64)
        deviation = tf.sqrt(mean + dispersion * mean**2)
        high = tf.math.ceil(mean + deviation * tf.sqrt(probabilities / (1 - probabilities)))  # Cantelli's bound
        size, success = (tf.broadcast_to(x, tf.shape(high)) for x in (1 / dispersion, 1 / (1 + mean * dispersion)))

        def bisect(low: tf.Tensor, high: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            """`low` is always below the quantile, `high` never."""
            count = tf.floor((low + high) / 2)
            below = (count < 0) | (tf.math.betainc(size, tf.maximum(count, 0.0) + 1, success) < probabilities)
            return tf.where(below, count, low), tf.where(below, high, count)

        _, high = tf.while_loop(
            lambda low, high: tf.reduce_any(high - low > 1), bisect, (-tf.ones_like(high), high), maximum_iterations=60
        )
        return tf.cast(high, parameters.dtype)
