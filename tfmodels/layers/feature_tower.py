"""Vectors of items, or of anything else, from a set of features and numbers."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers.dense import Dense
from tfmodels.layers.integer_ids import integer_ids
from tfmodels.layers.positive_sizes import check_positive
from tfmodels.layers.traced_output_spec import traced_output_spec


@keras.saving.register_keras_serializable("tfmodels")
class FeatureTower(keras.layers.Layer):
    """Maps the features of an item to a vector: a sum of one vector a feature, and two dense layers upon it.

    The sum alone is how LightFM describes items (Kula, 2015); the dense layers, added to it, see which features come
    together. It is divided by the square root of the number of features, so that many are no louder than few.

    Args:
        num_features: Number of features; their ids are 1 to `num_features`, 0 is none.
        dim: Width of the vectors.
        num_numbers: Numbers of each item; may be 0.

    Call arguments:
        ids: int32 `[..., most]`, the features, 0 at padding, wherever it stands.
        numbers: `[..., num_numbers]`, about 1 in size, 0 where unknown.

    Returns:
        `[..., dim]`.

    Example:
        >>> tower = FeatureTower(num_features=4_000, dim=64, num_numbers=2)
        >>> tower(tf.constant([[17, 3, 0]]), tf.constant([[0.3, -1.2]]))  # [1, 64]
    """

    def __init__(self, num_features: int, dim: int, num_numbers: int = 0, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        check_positive(num_features=num_features, dim=dim)
        if num_numbers < 0:
            raise ValueError(f"Expected num_numbers to be at least 0. Received: num_numbers={num_numbers}")
        self.num_features, self.dim, self.num_numbers = num_features, dim, num_numbers
        self.weighted = Dense(dim, use_bias=False, dtype=self.dtype_policy, name="weighted") if num_numbers else None
        self.hidden = Dense(dim, activation="swish", dtype=self.dtype_policy, name="hidden")
        self.together = Dense(dim, dtype=self.dtype_policy, name="together")

    def build(self, ids_shape: Any = None, numbers_shape: Any = None) -> None:  # noqa: D102
        initializer = keras.initializers.RandomNormal(stddev=self.dim**-0.5)
        shape = [self.num_features + 1, self.dim]
        self.vectors = self.add_weight(name="vectors", shape=shape, initializer=initializer)
        if self.weighted is not None:
            self.weighted.build((None, self.num_numbers))
        for layer in (self.hidden, self.together):
            layer.build((None, self.dim))

    def call(self, ids: tf.Tensor, numbers: tf.Tensor) -> tf.Tensor:  # noqa: D102
        ids = integer_ids(ids)
        there = tf.cast(ids > 0, self.compute_dtype)[..., tf.newaxis]
        vectors = tf.cast(tf.gather(tf.convert_to_tensor(self.vectors), ids), self.compute_dtype)
        count = tf.maximum(tf.reduce_sum(there, axis=-2), 1)
        found = tf.reduce_sum(vectors * there, axis=-2) * tf.math.rsqrt(count)
        if self.weighted is not None:
            found += self.weighted(tf.cast(numbers, self.compute_dtype))
        return found + self.together(self.hidden(found))

    compute_output_spec = traced_output_spec

    def compute_output_shape(self, ids_shape: tuple, numbers_shape: tuple) -> tuple:  # noqa: D102
        return (*ids_shape[:-1], self.dim)

    def get_config(self) -> dict[str, Any]:  # noqa: D102
        own = {"num_features": self.num_features, "dim": self.dim, "num_numbers": self.num_numbers}
        return {**super().get_config(), **own}
