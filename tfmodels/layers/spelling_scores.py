"""A linear model of character n-grams."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers.integer_ids import integer_ids
from tfmodels.layers.positive_sizes import check_positive


@keras.saving.register_keras_serializable("tfmodels")
class SpellingScores(keras.layers.Layer):
    """The contribution of the character n-grams of each token to the logits of each class.

    It is the sum of the weights of the n-grams, divided by the square root of their number. Tokens that are spelled
    alike share weights, so that rare ones are understood from their parts (Bojanowski et al., 2017). The n-grams of
    each token are a table that is not trained: `layer.spellings.assign(character_ngrams(pieces, width, buckets))`, see
    `preprocessing.character_ngrams`. All weights start at zero.

    Args:
        vocabulary_size: Number of token ids.
        classes: Number of classes.
        width: Maximum number of n-grams of a token.
        buckets: Number of rows of weights, to which n-grams are hashed.

    Call arguments:
        ids: int32 `[..., time]`, padded with 0; the table must have no n-grams for id 0.

    Returns:
        `[..., time, classes]`, 0 where a token has no n-grams.

    Example:
        `SpellingScores(vocabulary_size=8000, classes=2)(tf.constant([[17, 9, 3, 0]]))` -> zeros `[1, 4, 2]`
    """

    def __init__(
        self, vocabulary_size: int, classes: int, width: int = 48, buckets: int = 2**17, **kwargs: Any
    ) -> None:
        super().__init__(autocast=False, **kwargs)
        check_positive(classes=classes, width=width, buckets=buckets)
        self.vocabulary_size = vocabulary_size
        self.classes = classes
        self.width = width
        self.buckets = buckets

    def build(self, ids_shape: tuple) -> None:  # noqa: D102
        self.weight = self.add_weight(name="weight", shape=[self.buckets, self.classes], initializer="zeros")
        self.spellings = self.add_weight(
            name="spellings",
            shape=[self.vocabulary_size, self.width],
            dtype="int64",
            initializer="zeros",
            trainable=False,
        )

    def call(self, ids: tf.Tensor) -> tf.Tensor:  # noqa: D102
        rows = tf.gather(tf.convert_to_tensor(self.spellings), integer_ids(ids))  # [..., time, width]
        weight = tf.cast(tf.convert_to_tensor(self.weight), self.compute_dtype)
        scores = tf.gather(weight, rows)  # [..., time, width, classes]
        present = tf.cast(rows > 0, scores.dtype)
        count = tf.maximum(tf.reduce_sum(present, axis=-1, keepdims=True), 1)
        return tf.reduce_sum(scores * present[..., tf.newaxis], axis=-2) / tf.sqrt(count)

    def compute_output_shape(self, ids_shape: tuple) -> tuple:  # noqa: D102
        return (*ids_shape, self.classes)

    def get_config(self) -> dict:  # noqa: D102
        return {
            **super().get_config(),
            "vocabulary_size": self.vocabulary_size,
            "classes": self.classes,
            "width": self.width,
            "buckets": self.buckets,
        }
