"""Fixed sine and cosine positions."""

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("tfmodels")
class SinusoidalPositions(keras.layers.Layer):
    """Adds sines and cosines of the position (Vaswani et al., 2017, section 3.5).

    The sines fill the first half of the features and the cosines the second: the paper's encoding up to a fixed
    order of the features, which the following weights absorb.

    Args:
        base: Of the wavelengths, which run from 2 pi to 2 pi base.

    Call arguments:
        x: `[rows, time, dim]` with even `dim`.
        positions: int32 `[rows, time]` or `[1, time]`.

    Example:
        `SinusoidalPositions()(tf.zeros([2, 5, 64]), tf.range(5)[None])`
    """

    def __init__(self, base: float = 10_000.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.base = base

    def call(self, x: tf.Tensor, positions: tf.Tensor) -> tf.Tensor:  # noqa: D102
        half = x.shape[-1] // 2
        frequencies = self.base ** (-tf.range(half, dtype=tf.float32) / half)
        angles = tf.cast(positions, tf.float32)[:, :, tf.newaxis] * frequencies  # [rows, time, half]
        return x + tf.cast(tf.concat([tf.sin(angles), tf.cos(angles)], axis=-1), x.dtype)

    def compute_output_shape(self, x_shape: tuple, positions_shape: tuple) -> tuple:  # noqa: D102
        return x_shape

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), "base": self.base}
