"""Dropout with different masks on each replica."""

from typing import Any

import keras
import tensorflow as tf

_LEVELS = 2**16  # of the random numbers that are compared with the rate


@keras.saving.register_keras_serializable("tfmodels")
class Dropout(keras.layers.Layer):
    """Sets elements to zero at random in training and scales the rest (Srivastava et al., 2014).

    Unlike `keras.layers.Dropout` it is fast on a CPU, and each replica of a strategy draws its own mask. The mask is a
    function of `seed` and the number of calls; that number is a variable, so that a restored model continues with
    the next mask.

    Args:
        rate: Fraction of elements set to zero, in [0, 1); rounded to a multiple of 1/65,536.
        seed: Random seed; by default drawn from Keras' global seed.

    Call arguments:
        inputs: Of any shape.

    Returns:
        A tensor of the same shape; outside of training the inputs.

    Raises:
        ValueError: The rate is out of range.

    Example:
        `Dropout(0.5)(tf.ones([2, 3]), training=True)` -> zeros and twos
    """

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        if not 0 <= rate < 1:
            raise ValueError(f"Expected a dropout rate in [0, 1). Received: rate={rate}")
        self.rate = rate
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed) if rate > 0 else None

    def call(self, inputs: tf.Tensor, training: bool | None = None) -> tf.Tensor:  # noqa: D102
        if not training or self.seed_generator is None:
            return inputs
        dropped = min(round(self.rate * _LEVELS), _LEVELS - 1)
        kept = _random_levels(tf.shape(inputs), next_seed(self.seed_generator)) >= tf.constant(dropped, tf.uint16)
        return tf.where(kept, inputs / (1 - self.rate), tf.zeros([], inputs.dtype))

    def compute_output_shape(self, input_shape: tuple) -> tuple:  # noqa: D102
        return tuple(input_shape)

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}


def next_seed(generator: keras.random.SeedGenerator) -> tf.Tensor:
    """The next seed of a layer, int32 `[2]`: of its own on each replica.

    Args:
        generator: Of the layer; counts its calls.

    Returns:
        A seed for TensorFlow's stateless generators.

    Example:
        `tf.random.stateless_uniform([4], next_seed(self.seed_generator))`
    """
    context = tf.distribute.get_replica_context()
    replica = context.replica_id_in_sync_group if context else 0
    return tf.cast(generator.next(), tf.int32) + replica * 0x9E3779B


def _random_levels(shape: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Uniform uint16 numbers, two from each uint32: drawing them is most of the cost of dropout on a CPU."""
    size = tf.reduce_prod(shape)
    draws = tf.random.stateless_uniform([(size + 1) // 2], seed, minval=None, maxval=None, dtype=tf.uint32)
    return tf.reshape(tf.reshape(tf.bitcast(draws, tf.uint16), [-1])[:size], shape)
