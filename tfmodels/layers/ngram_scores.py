"""A linear model of token n-grams."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers import masks
from tfmodels.layers.integer_ids import integer_ids
from tfmodels.layers.positive_sizes import check_positive

_MULTIPLIER = 1_000_003  # a prime that spreads pairs of ids over the buckets


@keras.saving.register_keras_serializable("tfmodels")
class NGramScores(keras.layers.Layer):
    """The contribution of each token, and of the n-grams that end with it, to the logits of each class.

    Their sum over a text is a linear model of its n-grams, which works well with few examples (Wang and Manning, 2012)
    and can be added to the logits of a network (wide and deep; Cheng et al., 2016). There is no vocabulary of n-grams:
    each is hashed to a row of weights, which a few share (Weinberger et al., 2009; Joulin et al., 2017). All weights
    start at zero.

    Args:
        classes: Number of classes.
        length: Number of tokens of the longest n-grams. At the beginning of a text, n-grams include its padding.
        buckets: Number of rows of weights.

    Call arguments:
        ids: int32 `[..., time]`, padded with 0 on the right.

    Returns:
        `[..., time, classes]`, 0 at padding.

    Example:
        `tf.reduce_sum(NGramScores(classes=2)(tf.constant([[17, 9, 23, 3, 0]])), axis=1)` -> `[[0., 0.]]`
    """

    def __init__(self, classes: int, length: int = 2, buckets: int = 2**17, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        check_positive(classes=classes, length=length, buckets=buckets)
        self.classes = classes
        self.length = length
        self.buckets = buckets

    def build(self, ids_shape: tuple) -> None:  # noqa: D102
        self.weight = self.add_weight(name="weight", shape=[self.buckets, self.classes], initializer="zeros")

    def call(self, ids: tf.Tensor) -> tf.Tensor:  # noqa: D102
        ids = integer_ids(ids)
        weight = tf.cast(tf.convert_to_tensor(self.weight), self.compute_dtype)
        scores = tf.add_n([tf.gather(weight, rows) for rows in self._rows(tf.cast(ids, tf.int64))])
        return tf.where(masks.padding_mask(ids)[..., tf.newaxis], scores, tf.zeros([], scores.dtype))

    def _rows(self, ids: tf.Tensor) -> list[tf.Tensor]:
        """For each length of n-grams, the rows of weights of those that end at each token."""
        hashes = [ids]
        for _ in range(self.length - 1):
            before = tf.concat([tf.zeros_like(ids[..., :1]), hashes[-1][..., :-1]], axis=-1)
            hashes.append((before + 1) * _MULTIPLIER + ids)
        return [tf.math.floormod(hashed, self.buckets) for hashed in hashes]

    def compute_output_shape(self, ids_shape: tuple) -> tuple:  # noqa: D102
        return (*ids_shape, self.classes)

    def get_config(self) -> dict:  # noqa: D102
        return {
            **super().get_config(),
            "classes": self.classes,
            "length": self.length,
            "buckets": self.buckets,
        }
