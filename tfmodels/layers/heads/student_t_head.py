"""Forecasts with heavy tails."""

import functools
from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from tfmodels.layers.heads.forecast_head import ForecastHead

_MIN_SCALE = 1e-4  # in units of the window's standard deviation
_NODES = 1025  # points of the table of quantiles, over 1 / df from 0 to 1/2


@keras.saving.register_keras_serializable("tfmodels")
class StudentTHead(ForecastHead):
    """A head that forecasts Student's t distribution, trained by maximum likelihood; see `ForecastHead`.

    The parameters are location, scale and degrees of freedom; the last stay above 2, so that the variance is finite.

    Example:
        `parameters = StudentTHead()(tf.zeros([8, 24, 1, 3]))`
    """

    outputs = 3

    def call(self, raw: tf.Tensor) -> tf.Tensor:  # noqa: D102
        location, scale, freedom = tf.split(raw, 3, axis=-1)
        return tf.concat([location, tf.nn.softplus(scale) + _MIN_SCALE, 2 + tf.nn.softplus(freedom)], axis=-1)

    def rescale(self, parameters: tf.Tensor, center: tf.Tensor, scale: tf.Tensor) -> tf.Tensor:
        """Converts location and scale to the units of the series; `center` and `scale` are `[batch, 1, channels]`."""
        location, spread, freedom = tf.unstack(parameters, axis=-1)
        return tf.stack([center + scale * location, scale * spread, freedom], axis=-1)

    def elementwise_loss(self, targets: tf.Tensor, parameters: tf.Tensor) -> tf.Tensor:
        """Negative log-likelihood in nats."""
        # In float64, since the two log-gammas are large and nearly equal.
        location, scale, freedom = tf.unstack(tf.cast(parameters, tf.float64), axis=-1)
        deviations = (tf.cast(targets, tf.float64) - location) / scale
        half = freedom / 2
        nats = (
            tf.math.lgamma(half)
            - tf.math.lgamma(half + 0.5)
            + tf.math.log(np.pi * freedom) / 2
            + tf.math.log(scale)
            + (half + 0.5) * tf.math.log1p(tf.square(deviations) / freedom)
        )
        return tf.cast(nats, parameters.dtype)

    def quantiles(self, parameters: tf.Tensor, levels: Sequence[float]) -> tf.Tensor:
        """Quantiles at `levels`, `[batch, horizon, channels, levels]`."""
        location, scale, freedom = tf.unstack(parameters[..., tf.newaxis, :], axis=-1)
        table = tf.constant(np.stack([_table(float(level)) for level in levels], axis=1), parameters.dtype)
        place = 2 * (_NODES - 1) / freedom[..., 0]
        below = tf.minimum(tf.cast(place, tf.int32), _NODES - 2)
        share = (place - tf.cast(below, place.dtype))[..., tf.newaxis]
        return location + scale * ((1 - share) * tf.gather(table, below) + share * tf.gather(table, below + 1))


@functools.cache
def _table(level: float) -> np.ndarray:
    """Quantiles of the unit distribution for `_NODES` values of `1 / df`, by bisection on the distribution function."""
    freedom = 1 / np.maximum(np.linspace(0, 0.5, _NODES), 1e-6)
    tail = min(level, 1 - level)
    low, high = np.zeros(_NODES), np.full(_NODES, tail**-0.5)  # Chebyshev's bound, times the standard deviation ...
    high *= np.sqrt(freedom / np.maximum(freedom - 2, 1e-2))  # ... which is unbounded near two degrees of freedom
    with tf.init_scope():
        for _ in range(50):
            t = (low + high) / 2
            above = tf.math.betainc(freedom / 2, np.full(_NODES, 0.5), freedom / (freedom + t**2)).numpy() / 2
            low, high = np.where(above > tail, t, low), np.where(above > tail, high, t)
    return np.copysign(low, level - 0.5)
