"""Token vectors, shared by the way in and the way out."""

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("tfmodels")
class TokenEmbedding(keras.layers.Layer):
    """Maps ids to vectors and, with the same weights, vectors to logits (Press and Wolf, 2017).

    Vectors are scaled by `sqrt(dim)` (Vaswani et al., 2017, section 3.4), so one initialisation suits both ways.

    Args:
        vocabulary_size: Number of ids.
        dim: Width of a vector.

    Call arguments:
        inputs: int32 ids of any shape; with `reverse=True` vectors `[..., dim]`.
        reverse: Return logits instead: float32 `[..., vocabulary_size]`, in every dtype policy.

    Example:
        >>> embedding = TokenEmbedding(8000, 256)
        >>> vectors = embedding(tf.constant([[5, 7, 3]]))     # [1, 3, 256]
        >>> logits = embedding(vectors, reverse=True)         # [1, 3, 8000]
    """

    def __init__(self, vocabulary_size: int, dim: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.vocabulary_size = vocabulary_size
        self.dim = dim

    def build(self, inputs_shape: tuple) -> None:  # noqa: D102
        initializer = keras.initializers.RandomNormal(stddev=self.dim**-0.5)
        self.vectors = self.add_weight(name="vectors", shape=[self.vocabulary_size, self.dim], initializer=initializer)

    def call(self, inputs: tf.Tensor, reverse: bool = False) -> tf.Tensor:  # noqa: D102
        vectors = tf.convert_to_tensor(self.vectors)
        if not reverse:
            return tf.gather(vectors, inputs) * tf.cast(self.dim**0.5, vectors.dtype)
        logits = tf.matmul(tf.reshape(inputs, [-1, self.dim]), vectors, transpose_b=True)
        shape = tf.concat([tf.shape(inputs)[:-1], [self.vocabulary_size]], axis=0)
        logits = tf.ensure_shape(tf.reshape(logits, shape), [*inputs.shape[:-1], self.vocabulary_size])
        return tf.cast(logits, tf.float32)

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), "vocabulary_size": self.vocabulary_size, "dim": self.dim}
