"""What the heads of all forecasters share."""

from collections.abc import Sequence

import keras
import tensorflow as tf


class ForecastHead(keras.layers.Layer):
    """The last layer of a forecaster: turns the network's raw outputs into a point forecast or a distribution.

    `call` maps raw outputs to parameters in the units of the normalised window, `rescale` maps these to the units of
    the series, and `loss`, `mean` and `quantiles` take the rescaled parameters.

    Attributes:
        outputs: Number of raw outputs, and of parameters, of each step and channel.
        location: The raw output that is a value in the units of the normalised window; None if there is none.

    Call arguments:
        raw: `[batch, horizon, channels, outputs]`.

    Returns:
        The parameters, of the same shape.

    Example:
        >>> head = StudentTHead()
        >>> parameters = head.rescale(head(raw), center, scale)     # raw: [batch, horizon, channels, head.outputs]
        >>> loss = tf.reduce_mean(head.loss(targets, parameters))

    A subclass defines `outputs`, `call`, `quantiles` and `elementwise_loss`, and overrides `rescale` and `mean` where
    its parameters call for it.
    """

    outputs: int
    location: int | None = 0

    def compute_output_shape(self, input_shape: tuple) -> tuple:  # noqa: D102
        return tuple(input_shape)

    def rescale(self, parameters: tf.Tensor, center: tf.Tensor, scale: tf.Tensor) -> tf.Tensor:
        """Converts parameters to the units of the series.

        Args:
            parameters: What `call` returned.
            center: `[batch, 1, channels]`, what was subtracted from each window.
            scale: `[batch, 1, channels]`, what each window was divided by.

        Returns:
            The parameters in the units of the series.
        """
        return center[..., tf.newaxis] + scale[..., tf.newaxis] * parameters

    def loss(self, targets: tf.Tensor, parameters: tf.Tensor) -> tf.Tensor:
        """The loss of each element.

        Args:
            targets: `[batch, horizon, channels]`, NaN = missing.
            parameters: What `rescale` returned.

        Returns:
            `[batch, horizon, channels]`, 0 where the target is missing.
        """
        missing = tf.math.is_nan(targets)
        losses = self.elementwise_loss(tf.where(missing, tf.zeros_like(targets), targets), parameters)
        return tf.where(missing, tf.zeros_like(losses), losses)

    def mean(self, parameters: tf.Tensor) -> tf.Tensor:
        """The mean of the forecast, `[batch, horizon, channels]`; by default its first parameter."""
        return parameters[..., 0]

    def quantiles(self, parameters: tf.Tensor, levels: Sequence[float]) -> tf.Tensor:
        """The quantiles of the forecast at some levels in (0, 1), `[batch, horizon, channels, levels]`."""
        raise NotImplementedError

    def elementwise_loss(self, targets: tf.Tensor, parameters: tf.Tensor) -> tf.Tensor:
        """The loss of each element, `[batch, horizon, channels]`, of targets without NaN."""
        raise NotImplementedError
