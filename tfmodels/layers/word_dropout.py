"""Dropout of whole tokens."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels import token_ids
from tfmodels.layers.dropout import Dropout
from tfmodels.layers.integer_ids import integer_ids
from tfmodels.layers.traced_output_spec import traced_output_spec


@keras.saving.register_keras_serializable("tfmodels")
class WordDropout(keras.layers.Layer):
    """Replaces ids by `<unk>` at random in training (Iyyer et al., 2015; Bowman et al., 2016).

    A model that cannot rely on any single word uses more of them, and learns to handle unknown ones. Padding, `<s>` and
    `</s>` are kept. The random numbers are those of `Dropout`: a function of `seed`, the number of calls and the
    replica.

    Args:
        rate: Fraction of ids replaced, in [0, 1).
        seed: Random seed; by default drawn from Keras' global seed.

    Call arguments:
        ids: int32, of any shape.

    Returns:
        The ids, of the same shape.

    Example:
        `WordDropout(0.1)(tf.constant([[17, 9, 23, 3, 0]]), training=True)` -> perhaps `[[17, 1, 23, 3, 0]]`
    """

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        self.supports_masking = True
        self.rate = rate
        self.seed = seed
        self.dropout = Dropout(rate, seed, dtype=self.dtype_policy, name="dropout")

    def build(self, ids_shape: tuple) -> None:  # noqa: D102
        self.dropout.build(ids_shape)  # not called outside of training, and `fit` rebuilds layers that are not built

    def call(self, ids: tf.Tensor, training: bool | None = None) -> tf.Tensor:  # noqa: D102
        ids = integer_ids(ids)
        if not training or self.rate == 0:
            return ids
        kept = self.dropout(tf.ones_like(ids, self.compute_dtype), training=True) > 0
        return tf.where(kept | (ids <= token_ids.END), ids, token_ids.UNK)

    compute_output_spec = traced_output_spec  # ids stay integers

    def compute_output_shape(self, ids_shape: tuple) -> tuple:  # noqa: D102
        return tuple(ids_shape)

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}
