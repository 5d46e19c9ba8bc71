"""Rotary positions: queries and keys turned by an angle that grows with the position."""

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("tfmodels")
class RotaryPositions(keras.layers.Layer):
    """Turns each pair of features by `position * base ** (-2 i / dim)` (Su et al., 2021, RoFormer, eq. 34).

    The product of a turned query and a turned key depends on the distance of their positions alone. Feature `i`
    is paired with feature `i + dim / 2`.

    Args:
        base: Of the wavelengths, which run from 2 pi to 2 pi base.

    Call arguments:
        x: `[heads, rows, time, dim]` with even `dim`.
        positions: int32 `[rows, time]` or `[1, time]`.

    Example:
        `RotaryPositions()(tf.ones([8, 2, 5, 64]), tf.range(5)[None])`
    """

    def __init__(self, base: float = 10_000.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.base = base

    def call(self, x: tf.Tensor, positions: tf.Tensor) -> tf.Tensor:  # noqa: D102
        half = x.shape[-1] // 2
        frequencies = self.base ** (-tf.range(half, dtype=tf.float32) / half)
        angles = tf.cast(positions, tf.float32)[:, :, tf.newaxis] * frequencies  # [rows, time, half]
        cos, sin = tf.cast(tf.cos(angles), x.dtype), tf.cast(tf.sin(angles), x.dtype)
        left, right = tf.split(x, 2, axis=-1)  # whose gradient is one copy; that of two slices is four
        return tf.concat([left * cos - right * sin, right * cos + left * sin], axis=-1)

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), "base": self.base}
