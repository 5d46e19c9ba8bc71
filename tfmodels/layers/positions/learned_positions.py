"""Learned position embeddings."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers.positive_sizes import check_positive


@keras.saving.register_keras_serializable("tfmodels")
class LearnedPositions(keras.layers.Layer):
    """Adds a learned vector per position to the states (Gehring et al., 2017).

    Args:
        max_length: Number of vectors; all later positions share the last one.

    Call arguments:
        x: `[rows, time, dim]`, the states.
        positions: int32 `[rows, time]` or `[1, time]`. Default: 0, 1, 2 ...

    Returns:
        `[rows, time, dim]`.

    Example:
        `LearnedPositions(128)(tf.zeros([2, 5, 64]), tf.range(5)[None])`
    """

    def __init__(self, max_length: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_positive(max_length=max_length)
        self.supports_masking = True
        self.max_length = max_length

    def build(self, x_shape: tuple, positions_shape: tuple | None = None) -> None:  # noqa: D102
        dim = x_shape[-1]
        self.input_spec = keras.InputSpec(axes={-1: dim})  # a width of one would broadcast
        initializer = keras.initializers.RandomNormal(stddev=dim**-0.5)
        self.vectors = self.add_weight(name="vectors", shape=[self.max_length, dim], initializer=initializer)

    def call(self, x: tf.Tensor, positions: tf.Tensor | None = None) -> tf.Tensor:  # noqa: D102
        if positions is None:
            positions = tf.range(tf.shape(x)[1])[tf.newaxis]
        return x + tf.gather(tf.convert_to_tensor(self.vectors), tf.minimum(positions, self.max_length - 1))

    def compute_output_shape(self, x_shape: tuple, positions_shape: tuple | None = None) -> tuple:  # noqa: D102
        return tuple(x_shape)

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), "max_length": self.max_length}
