"""Normalisation of each channel of a series by fixed numbers."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfmodels.layers import masks
from tfmodels.layers.traced_output_spec import traced_output_spec


@keras.saving.register_keras_serializable("tfmodels")
class ChannelStandardization(keras.layers.Layer):
    """Centres and scales each channel by numbers that are the same for all windows, such as those of the training data.

    The result is `(x - m) / s`, and 0 where a value is missing. In contrast to `ReversibleInstanceNorm` the level and
    the spread of a window are not taken away: a network that forecasts from them, such as of a quantity that is never
    negative or always returns to the same level, sees them.

    Args:
        center: `m` of each channel.
        scale: `s` of each channel, above 0.

    Call arguments:
        values: `[batch, time, channels]`, NaN or infinite = missing.
        mask: bool `[batch, time]`, False at steps that are missing. Default: the mask that Keras passes.
        return_statistics: Also return `(m, s)`, each `[batch, 1, channels]`.

    Returns:
        `[batch, time, channels]`; with `return_statistics` a tuple with `(m, s)`.

    Raises:
        ValueError: The numbers are not finite, a scale is not above 0, or there is not one of both for each channel.

    Example:
        >>> norm = ChannelStandardization(center=[10.0], scale=[2.0])
        >>> norm(tf.constant([[[12.0], [float("nan")]]]))  # [[[1.0], [0.0]]]
    """

    def __init__(self, center: Sequence[float], scale: Sequence[float], **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        self.supports_masking = True
        self.center, self.scale = [float(number) for number in center], [float(number) for number in scale]
        if len(self.center) != len(self.scale) or not self.center:
            raise ValueError(
                f"Expected a center and a scale of each channel. Received: center={self.center}, scale={self.scale}"
            )
        if not np.isfinite([*self.center, *self.scale]).all() or min(self.scale) <= 0:
            raise ValueError(
                f"Expected finite numbers, scales above 0. Received: center={self.center}, scale={self.scale}"
            )

    def build(self, values_shape: tuple) -> None:  # noqa: D102
        self.input_spec = keras.InputSpec(axes={-1: len(self.center)})  # a single channel would broadcast
        if values_shape[-1] != len(self.center):
            raise ValueError(f"Expected values of {len(self.center)} channels. Received: shape {values_shape}")

    def call(  # noqa: D102
        self, values: tf.Tensor, return_statistics: bool = False, mask: tf.Tensor | None = None
    ) -> tf.Tensor | tuple[tf.Tensor, tuple[tf.Tensor, tf.Tensor]]:
        like = tf.zeros_like(values[:, :1])
        center, scale = (like + tf.constant(numbers, values.dtype) for numbers in (self.center, self.scale))
        observed = tf.math.is_finite(values)
        mask = masks.of_steps(values, mask)
        if mask is not None:
            observed &= mask[:, :, tf.newaxis]
        x = tf.where(observed, (tf.where(observed, values, center) - center) / scale, tf.zeros_like(values))
        normalised = tf.cast(x, self.compute_dtype)
        return (normalised, (center, scale)) if return_statistics else normalised

    compute_output_spec = traced_output_spec

    def compute_output_shape(self, values_shape: tuple) -> tuple:  # noqa: D102
        return tuple(values_shape)

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), "center": self.center, "scale": self.scale}
