"""Forecasts of several quantiles that never cross."""

from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfmodels.layers.heads.forecast_head import ForecastHead


@keras.saving.register_keras_serializable("tfmodels")
class QuantileHead(ForecastHead):
    """A head that forecasts quantiles, trained with the pinball loss (Koenker and Bassett, 1978); see `ForecastHead`.

    The quantile nearest the median is a raw output itself; each further one is a positive step, a `softplus`, away from
    its neighbour, so that quantiles cannot cross. Raw zeros give the quantiles of the standard normal distribution.

    Args:
        levels: Levels in (0, 1), increasing; there is one output for each.

    Raises:
        ValueError: The levels do not increase within (0, 1).

    Example:
        `quantiles = QuantileHead([0.1, 0.5, 0.9])(tf.zeros([8, 24, 1, 3]))`
    """

    def __init__(self, levels: Sequence[float], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        levels = tuple(float(level) for level in levels)
        inside = all(0 < level < 1 for level in levels)
        if not levels or not inside or any(np.diff(levels) <= 0):
            raise ValueError(f"Expected `levels` to increase within (0, 1). Received: levels={list(levels)}")
        self.levels = levels
        self.outputs = len(levels)
        self.location = self._middle = int(np.argmin(np.abs(np.subtract(levels, 0.5))))
        normal = [NormalDist().inv_cdf(level) for level in levels]
        self._offset = normal[self._middle]
        self._steps = np.diff(normal) / np.log(2)  # softplus(0) = log(2)

    def call(self, raw: tf.Tensor) -> tf.Tensor:  # noqa: D102
        below, middle, above = tf.split(raw, [self._middle, 1, self.outputs - self._middle - 1], axis=-1)
        middle += tf.cast(self._offset, raw.dtype)
        down = tf.nn.softplus(below) * tf.cast(self._steps[: self._middle], raw.dtype)
        up = tf.nn.softplus(above) * tf.cast(self._steps[self._middle :], raw.dtype)
        lower = middle - tf.cumsum(down, axis=-1, reverse=True)
        return tf.concat([lower, middle, middle + tf.cumsum(up, axis=-1)], axis=-1)

    def elementwise_loss(self, targets: tf.Tensor, parameters: tf.Tensor) -> tf.Tensor:
        """Twice the pinball loss, averaged over the levels.

        At the median it is the absolute error; over many levels it approaches the CRPS (Gneiting and Raftery, 2007).
        """
        errors = targets[..., tf.newaxis] - parameters
        levels = tf.constant(self.levels, errors.dtype)
        return 2 * tf.reduce_mean(tf.maximum(levels * errors, (levels - 1) * errors), axis=-1)

    def mean(self, parameters: tf.Tensor) -> tf.Tensor:
        """The mean of the distribution whose quantiles are linear between the levels and constant beyond them."""
        edges = np.array([0.0, *self.levels, 1.0])
        widths = np.diff(edges)
        weights = (widths[1:] + widths[:-1]) / 2
        weights[0] += widths[0] / 2
        weights[-1] += widths[-1] / 2
        return tf.tensordot(parameters, tf.constant(weights, parameters.dtype), 1)

    def quantiles(self, parameters: tf.Tensor, levels: Sequence[float]) -> tf.Tensor:
        """Quantiles at `levels`, `[batch, horizon, channels, levels]`, interpolated linearly between the head's own.

        Raises:
            ValueError: A level is below the head's lowest or above its highest.
        """
        if min(levels) < self.levels[0] or max(levels) > self.levels[-1]:
            raise ValueError(
                f"Expected levels from {self.levels[0]} to {self.levels[-1]}, the range of this head. "
                f"Received: levels={list(levels)}"
            )
        weights = [np.interp(levels, self.levels, column) for column in np.eye(self.outputs)]
        return tf.tensordot(parameters, tf.constant(np.stack(weights), parameters.dtype), 1)

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), "levels": list(self.levels)}
