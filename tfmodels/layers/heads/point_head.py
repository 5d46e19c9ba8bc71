"""A forecast of one number."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

LOSSES = ("mse", "mae", "huber")


@keras.saving.register_keras_serializable("tfmodels")
class PointHead(keras.layers.Layer):
    """The head of a forecaster that answers with one number per step.

    All heads have the same parts. `call` turns the network's raw numbers into parameters in the units of the normalised
    window, `rescale` those into the units of the series, and `loss`, `mean` and `quantiles` read the latter.

    Args:
        loss: What training minimises: `"mse"` (the forecast is then a mean), `"mae"` (a median) or `"huber"` (Huber,
            1964: squares near zero, absolute values further out).
        delta: Where Huber's loss goes over to absolute values, in units of the targets.

    Call arguments:
        raw: `[batch, horizon, channels, outputs]`; `outputs`, here 1, is an attribute of each head.

    Returns:
        The parameters, of the same shape.

    Example:
        >>> head = PointHead("mae")
        >>> parameters = head.rescale(head(raw), center, scale)
        >>> loss = head.loss(targets, parameters)  # [batch, horizon, channels]
    """

    outputs = 1

    def __init__(self, loss: str = "mse", delta: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if loss not in LOSSES:
            raise ValueError(f"Expected `loss` to be one of {LOSSES}. Received: loss={loss!r}")
        if not delta > 0:
            raise ValueError(f"Expected `delta` to be positive. Received: delta={delta}")
        self.loss_name = loss
        self.delta = delta

    def call(self, raw: tf.Tensor) -> tf.Tensor:  # noqa: D102
        return tf.identity(raw)

    def rescale(self, parameters: tf.Tensor, center: tf.Tensor, scale: tf.Tensor) -> tf.Tensor:
        """Takes parameters to the units of the series; `center` and `scale` are `[batch, 1, channels]`."""
        return center[..., tf.newaxis] + scale[..., tf.newaxis] * parameters

    def loss(self, targets: tf.Tensor, parameters: tf.Tensor) -> tf.Tensor:
        """Loss of each element, `[batch, horizon, channels]`; 0 where the target is NaN."""
        forecast = self.mean(parameters)
        errors = tf.where(tf.math.is_nan(targets), tf.zeros_like(forecast), targets - forecast)
        if self.loss_name == "mse":
            return tf.square(errors)
        if self.loss_name == "mae":
            return tf.abs(errors)
        near = tf.clip_by_value(errors, -self.delta, self.delta)
        return near * (errors - near / 2)

    def mean(self, parameters: tf.Tensor) -> tf.Tensor:
        """The forecast, `[batch, horizon, channels]`."""
        return parameters[..., 0]

    def quantiles(self, parameters: tf.Tensor, levels: Sequence[float]) -> tf.Tensor:
        """The forecast once for each level, `[batch, horizon, channels, levels]`: a point has no spread of its own.

        A `ConformalCorrection` makes intervals of it.
        """
        return tf.repeat(parameters, len(levels), axis=-1)

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), "loss": self.loss_name, "delta": self.delta}
