"""Rotary position encoding: queries and keys rotated by an angle proportional to the position."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers.positions.angles import position_angles


@keras.saving.register_keras_serializable("tfmodels")
class RotaryPositions(keras.layers.Layer):
    """Rotates each pair of features by the angle `position * base ** (-2 i / dim)` (RoFormer; Su et al., 2021, eq. 34).

    The dot product of a rotated query and a rotated key depends only on the distance between their positions. Feature
    `i` is paired with feature `i + dim / 2`.

    Args:
        base: Ratio of the longest wavelength to the shortest, see `position_angles`.

    Call arguments:
        x: `[heads, rows, time, dim]` with even `dim`.
        positions: int32 `[rows, time]` or `[1, time]`. Default: 0, 1, 2 ...

    Returns:
        The rotated `x`.

    Example:
        `RotaryPositions()(tf.ones([8, 2, 5, 64]), tf.range(5)[None])`
    """

    def __init__(self, base: float = 10_000.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.base = base

    def call(self, x: tf.Tensor, positions: tf.Tensor | None = None) -> tf.Tensor:  # noqa: D102
        if positions is None:
            positions = tf.range(tf.shape(x)[2])[tf.newaxis]
        angles = position_angles(positions, x.shape[-1], self.base)
        cos, sin = tf.cast(tf.cos(angles), x.dtype), tf.cast(tf.sin(angles), x.dtype)
        left, right = tf.split(x, 2, axis=-1)  # the gradient of a split is one copy, that of two slices four
        return tf.concat([left * cos - right * sin, right * cos + left * sin], axis=-1)

    def compute_output_shape(self, input_shape: tuple) -> tuple:  # noqa: D102
        return tuple(input_shape)

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), "base": self.base}
