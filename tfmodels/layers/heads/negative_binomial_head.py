"""A forecast of counts."""

from collections.abc import Sequence

import keras
import tensorflow as tf

_LOWEST = 1e-5  # of mean and dispersion


@keras.saving.register_keras_serializable("tfmodels")
class NegativeBinomialHead(keras.layers.Layer):
    """The head of a forecaster that answers with a distribution of counts (DeepAR; Salinas et al., 2020, section 3.1).

    The parameters are the mean `m` and the dispersion `a`; the variance is `m + a m^2`. In the units of the normalised
    window the first parameter is a location of any sign; `rescale` takes it to the series' units, where the part of it
    below zero is bent up by a `softplus` of the width of the window's spread.

    Call arguments:
        raw: `[batch, horizon, channels, outputs]` with 2 outputs.

    Returns:
        The parameters, of the same shape; see `PointHead` for the other parts.

    Example:
        `parameters = NegativeBinomialHead()(tf.zeros([8, 24, 1, 2]))`
    """

    outputs = 2

    def call(self, raw: tf.Tensor) -> tf.Tensor:  # noqa: D102
        location, dispersion = tf.split(raw, 2, axis=-1)
        return tf.concat([location, tf.nn.softplus(dispersion) + _LOWEST], axis=-1)

    def rescale(self, parameters: tf.Tensor, center: tf.Tensor, scale: tf.Tensor) -> tf.Tensor:
        """Takes parameters to the units of the series; `center` and `scale` are `[batch, 1, channels]`."""
        location, dispersion = tf.unstack(parameters, axis=-1)
        return tf.stack([scale * tf.nn.softplus(location + center / scale) + _LOWEST, dispersion], axis=-1)

    def loss(self, targets: tf.Tensor, parameters: tf.Tensor) -> tf.Tensor:
        """Negative log-likelihood in nats, `[batch, horizon, channels]`; 0 where the target is NaN.

        Targets are counts: whole and not negative.
        """
        # In float64, since the log-gammas are large and nearly equal.
        mean, dispersion = tf.unstack(tf.cast(parameters, tf.float64), axis=-1)
        missing = tf.math.is_nan(targets)
        counts = tf.where(missing, tf.zeros_like(mean), tf.cast(targets, tf.float64))
        size = 1 / dispersion
        nats = (
            tf.math.lgamma(size)
            + tf.math.lgamma(counts + 1)
            - tf.math.lgamma(counts + size)
            + size * tf.math.log1p(mean * dispersion)
            + counts * tf.math.log1p(size / mean)
        )
        return tf.cast(tf.where(missing, tf.zeros_like(nats), nats), parameters.dtype)

    def mean(self, parameters: tf.Tensor) -> tf.Tensor:
        """The mean, `[batch, horizon, channels]`."""
        return parameters[..., 0]

    def quantiles(self, parameters: tf.Tensor, levels: Sequence[float]) -> tf.Tensor:
        """The lowest counts whose probability reaches `levels`, `[batch, horizon, channels, levels]`."""
        mean, dispersion = tf.unstack(tf.cast(parameters, tf.float64)[..., tf.newaxis, :], axis=-1)
        levels = tf.constant(levels, tf.float64)
        deviation = tf.sqrt(mean + dispersion * mean**2)
        high = tf.math.ceil(mean + deviation * tf.sqrt(levels / (1 - levels)))  # Cantelli's bound
        size, success = (tf.broadcast_to(x, tf.shape(high)) for x in (1 / dispersion, 1 / (1 + mean * dispersion)))

        def halve(low: tf.Tensor, high: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            """Of the counts, `low` is below the quantile and `high` is not."""
            count = tf.floor((low + high) / 2)
            below = (count < 0) | (tf.math.betainc(size, tf.maximum(count, 0.0) + 1, success) < levels)
            return tf.where(below, count, low), tf.where(below, high, count)

        _, high = tf.while_loop(
            lambda low, high: tf.reduce_any(high - low > 1), halve, (-tf.ones_like(high), high), maximum_iterations=60
        )
        return tf.cast(high, parameters.dtype)
