"""A forecast of several quantiles that never cross."""

from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import keras
import numpy as np
import tensorflow as tf


@keras.saving.register_keras_serializable("tfmodels")
class QuantileHead(keras.layers.Layer):
    """The head of a forecaster that answers with quantiles, trained by the pinball loss (Koenker and Bassett, 1978).

    The level nearest to the median is a raw number itself; each further one lies a positive step, `softplus`, outside
    of its neighbour, so quantiles cannot cross. Raw zeros give the quantiles of the standard normal distribution.

    Args:
        levels: Levels in (0, 1), rising.

    Call arguments:
        raw: `[batch, horizon, channels, outputs]`, one output for each level.

    Returns:
        The quantiles, of the same shape; see `PointHead` for the other parts.

    Example:
        `quantiles = QuantileHead([0.1, 0.5, 0.9])(tf.zeros([8, 24, 1, 3]))`
    """

    def __init__(self, levels: Sequence[float], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        levels = tuple(float(level) for level in levels)
        inside = all(0 < level < 1 for level in levels)
        if not levels or not inside or any(np.diff(levels) <= 0):
            raise ValueError(f"Expected `levels` to rise within (0, 1). Received: levels={list(levels)}")
        self.levels = levels
        self.outputs = len(levels)
        self._middle = int(np.argmin(np.abs(np.subtract(levels, 0.5))))
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

    def rescale(self, parameters: tf.Tensor, center: tf.Tensor, scale: tf.Tensor) -> tf.Tensor:
        """Takes quantiles to the units of the series; `center` and `scale` are `[batch, 1, channels]`."""
        return center[..., tf.newaxis] + scale[..., tf.newaxis] * parameters

    def loss(self, targets: tf.Tensor, parameters: tf.Tensor) -> tf.Tensor:
        """Twice the pinball loss, mean over the levels: `[batch, horizon, channels]`; 0 where the target is NaN.

        At the median it is the absolute error, over many levels it nears the CRPS (Gneiting and Raftery, 2007).
        """
        missing = tf.math.is_nan(targets)[..., tf.newaxis]
        errors = tf.where(missing, tf.zeros_like(parameters), targets[..., tf.newaxis] - parameters)
        levels = tf.constant(self.levels, errors.dtype)
        return 2 * tf.reduce_mean(tf.maximum(levels * errors, (levels - 1) * errors), axis=-1)

    def mean(self, parameters: tf.Tensor) -> tf.Tensor:
        """The mean of the distribution that runs straight between the levels and ends at the outermost ones."""
        edges = np.array([0.0, *self.levels, 1.0])
        widths = np.diff(edges)
        weights = (widths[1:] + widths[:-1]) / 2
        weights[0] += widths[0] / 2
        weights[-1] += widths[-1] / 2
        return tf.tensordot(parameters, tf.constant(weights, parameters.dtype), 1)

    def quantiles(self, parameters: tf.Tensor, levels: Sequence[float]) -> tf.Tensor:
        """Quantiles at `levels`, `[batch, horizon, channels, levels]`, straight lines between the head's own.

        Raises:
            ValueError: If a level lies outside of the head's.
        """
        if min(levels) < self.levels[0] or max(levels) > self.levels[-1]:
            raise ValueError(
                f"Expected levels from {self.levels[0]} to {self.levels[-1]}, which this head was made for. "
                f"Received: levels={list(levels)}"
            )
        weights = [np.interp(levels, self.levels, column) for column in np.eye(self.outputs)]
        return tf.tensordot(parameters, tf.constant(np.stack(weights), parameters.dtype), 1)

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), "levels": list(self.levels)}
