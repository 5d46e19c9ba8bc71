"""A linear model of the letters of each token."""

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("tfmodels")
class SpellingScores(keras.layers.Layer):
    """What the letters of each token say for each class.

    The sum of the weights of the n-grams of its letters over the root of their number: so tokens that are spelled alike
    speak alike, and rare ones are understood by their parts (Bojanowski et al., 2017). Which n-grams a token has is a
    table that does not train: `layer.spellings.assign(preprocessing.spellings(pieces, width, buckets))`. All weights
    start at zero.

    Args:
        vocabulary_size: Number of token ids.
        classes: Number of classes.
        width: Most n-grams of a token.
        buckets: Rows of weights, which the hashes of n-grams share.

    Call arguments:
        ids: int32 `[..., time]`, padded with 0, whose token must have no n-grams.

    Returns:
        `[..., time, classes]`, 0 where a token has no n-grams.

    Example:
        `SpellingScores(vocabulary_size=8000, classes=2)(tf.constant([[17, 9, 3, 0]]))` -> zeros `[1, 4, 2]`
    """

    def __init__(
        self, vocabulary_size: int, classes: int, width: int = 48, buckets: int = 2**17, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        for name, value in (("classes", classes), ("width", width), ("buckets", buckets)):
            if value < 1:
                raise ValueError(f"Expected `{name}` to be at least 1. Received: {name}={value}")
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
        rows = tf.gather(tf.convert_to_tensor(self.spellings), ids)  # [..., time, width]
        scores = tf.gather(tf.convert_to_tensor(self.weight), rows)  # [..., time, width, classes]
        present = tf.cast(rows > 0, scores.dtype)
        count = tf.maximum(tf.reduce_sum(present, axis=-1, keepdims=True), 1)
        return tf.reduce_sum(scores * present[..., tf.newaxis], axis=-2) / tf.sqrt(count)

    def get_config(self) -> dict:  # noqa: D102
        return {
            **super().get_config(),
            "vocabulary_size": self.vocabulary_size,
            "classes": self.classes,
            "width": self.width,
            "buckets": self.buckets,
        }
