"""Dropout of whole embeddings: of a token everywhere in a text."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels import token_ids
from tfmodels.layers.dropout import next_seed
from tfmodels.layers.integer_ids import integer_ids
from tfmodels.layers.traced_output_spec import traced_output_spec
from tfmodels.layers.uniform_numbers import uniform


@keras.saving.register_keras_serializable("tfmodels")
class EmbeddingDropout(keras.layers.Layer):
    """Replaces distinct ids by `<unk>` at random in training, each everywhere in its row (Gal and Ghahramani, 2016).

    `WordDropout` draws for each place, so that a word that is dropped in one place may be read in another. Here the
    row is read without it. (The paper sets the vector to zero and scales the others; here it becomes that of `<unk>`,
    which is learnt, and n-grams and spellings lose the word, too.)

    Padding, `<s>` and `</s>` are kept. The random numbers are a function of `seed`, the number of calls, the replica,
    the row and the id. They do not depend on the length that rows are padded to.

    Args:
        rate: Fraction of the distinct ids of a row that are replaced, in [0, 1).
        seed: Random seed; by default drawn from Keras' global seed.

    Call arguments:
        ids: int32 `[batch, ...]`.

    Returns:
        The ids, of the same shape.

    Raises:
        ValueError: The rate is out of range.

    Example:
        `EmbeddingDropout(0.3)(tf.constant([[17, 9, 17, 3, 0]]), training=True)` -> perhaps `[[1, 9, 1, 3, 0]]`
    """

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        self.supports_masking = True
        if not 0 <= rate < 1:
            raise ValueError(f"Expected a dropout rate in [0, 1). Received: rate={rate}")
        self.rate = rate
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed) if rate > 0 else None

    def call(self, ids: tf.Tensor, training: bool | None = None) -> tf.Tensor:  # noqa: D102
        ids = integer_ids(ids)
        if not training or self.seed_generator is None:
            return ids
        rows = tf.concat([tf.shape(ids)[:1], tf.ones([len(ids.shape) - 1], tf.int32)], axis=0)
        seed = next_seed(self.seed_generator)
        of_row = tf.random.stateless_uniform(rows, seed, minval=None, maxval=None, dtype=tf.int64)
        dropped = (uniform(of_row, ids) < self.rate) & (ids > token_ids.END)
        return tf.where(dropped, token_ids.UNK, ids)

    compute_output_spec = traced_output_spec  # ids stay integers

    def compute_output_shape(self, input_shape: tuple) -> tuple:  # noqa: D102
        return tuple(input_shape)

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}
