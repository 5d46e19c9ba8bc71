"""Point forecasts."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers.heads.forecast_head import ForecastHead

LOSSES = ("mse", "mae", "huber")


@keras.saving.register_keras_serializable("tfmodels")
class PointHead(ForecastHead):
    """A head that forecasts one number per step; see `ForecastHead`.

    Args:
        loss: What training minimises: `"mse"` (the forecast is then a mean), `"mae"` (a median) or `"huber"` (Huber,
            1964: squared errors near zero, absolute errors beyond `delta`).
        delta: The error at which Huber's loss becomes linear, in the units of the targets.

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

    def elementwise_loss(self, targets: tf.Tensor, parameters: tf.Tensor) -> tf.Tensor:
        """The loss that `loss` names, in units of the targets or their square."""
        errors = targets - self.mean(parameters)
        if self.loss_name == "mse":
            return tf.square(errors)
        if self.loss_name == "mae":
            return tf.abs(errors)
        near = tf.clip_by_value(errors, -self.delta, self.delta)
        return near * (errors - near / 2)

    def quantiles(self, parameters: tf.Tensor, levels: Sequence[float]) -> tf.Tensor:
        """The forecast repeated for each level; a `ConformalCorrection` turns them into prediction intervals."""
        return tf.repeat(parameters, len(levels), axis=-1)

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), "loss": self.loss_name, "delta": self.delta}
