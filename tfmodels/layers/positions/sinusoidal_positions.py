"""Fixed sine and cosine position encoding."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers.positions.angles import position_angles


@keras.saving.register_keras_serializable("tfmodels")
class SinusoidalPositions(keras.layers.Layer):
    """Adds sines and cosines of the position to the states (Vaswani et al., 2017, section 3.5).

    The first half of the features are the sines, the second half the cosines: the encoding of the paper up to a fixed
    permutation of the features, which the weights of the next layer can absorb.

    Args:
        base: Ratio of the longest wavelength to the shortest, see `position_angles`.

    Call arguments:
        x: `[rows, time, dim]` with even `dim`, the states.
        positions: int32 `[rows, time]` or `[1, time]`. Default: 0, 1, 2 ...

    Returns:
        `[rows, time, dim]`.

    Example:
        `SinusoidalPositions()(tf.zeros([2, 5, 64]), tf.range(5)[None])`
    """

    def __init__(self, base: float = 10_000.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.base = base

    def call(self, x: tf.Tensor, positions: tf.Tensor | None = None) -> tf.Tensor:  # noqa: D102
        if positions is None:
            positions = tf.range(tf.shape(x)[1])[tf.newaxis]
        angles = position_angles(positions, x.shape[-1], self.base)
        return x + tf.cast(tf.concat([tf.sin(angles), tf.cos(angles)], axis=-1), x.dtype)

    def compute_output_shape(self, input_shape: tuple) -> tuple:  # noqa: D102
        return tuple(input_shape)

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), "base": self.base}
