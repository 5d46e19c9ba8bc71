"""A fitted linear model of the next item, of which each item has a few weights."""

import math
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfmodels.layers.integer_ids import integer_ids
from tfmodels.layers.positive_sizes import check_positive

_LEAST = 1e-4  # what weighs less is not read


@keras.saving.register_keras_serializable("tfmodels")
class NextItemRegression(keras.layers.Layer):
    """Scores of the next item that are linear in the history, of a model that was fitted elsewhere.

    Each item of the history adds its weights, those of an earlier one multiplied by `decay` for each item after it. All
    weights start at zero; see `assign`.

    Args:
        num_items: Number of items; their ids are 1 to `num_items`.
        most: Weights of each item.
        decay: From 0 (the last item alone) to 1 (all alike).

    Call arguments:
        ids: int32 `[batch, time]`, the history, oldest first; 0 is no item, wherever it stands.

    Returns:
        Scores of all items, `[batch, num_items]`; 0 without a history.

    Example:
        >>> regression = NextItemRegression(num_items=12_101, most=50, decay=0.7, dtype="float32")
        >>> regression.assign(*neighbours)
        >>> regression(tf.constant([[5, 7, 3]]))
    """

    def __init__(self, num_items: int, most: int, decay: float = 1.0, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        check_positive(num_items=num_items, most=most)
        if not 0 <= decay <= 1:
            raise ValueError(f"Expected a decay from 0 to 1. Received: decay={decay}")
        self.num_items, self.most, self.decay = num_items, most, decay

    def build(self, ids_shape: object = None) -> None:  # noqa: D102
        shape = [self.num_items + 1, self.most]
        self.next_ids = self.add_weight(
            name="next_ids", shape=shape, dtype="int32", initializer="zeros", trainable=False
        )
        self.next_weights = self.add_weight(name="next_weights", shape=shape, initializer="zeros", trainable=False)

    def assign(self, next_ids: np.ndarray, next_weights: np.ndarray) -> None:
        """Sets all weights.

        Args:
            next_ids: int `[num_items, most]`, of each item the ids of those that it has weights for; 0 is none.
            next_weights: `[num_items, most]`, the weights.

        Raises:
            ValueError: An id is no item, or the shapes are others.
        """
        expected = (self.num_items, self.most)
        if next_ids.shape != expected or next_weights.shape != expected:
            raise ValueError(f"Expected shapes {expected}. Received: {next_ids.shape} and {next_weights.shape}")
        if next_ids.min() < 0 or next_ids.max() > self.num_items:
            raise ValueError(
                f"Expected ids from 0 to {self.num_items}. Received: from {next_ids.min()} to {next_ids.max()}"
            )
        if not self.built:
            self.build()
        self.next_ids.assign(np.pad(next_ids, [[1, 0], [0, 0]]))  # 0 has no weights
        self.next_weights.assign(np.pad(next_weights, [[1, 0], [0, 0]]))

    def call(self, ids: tf.Tensor) -> tf.Tensor:  # noqa: D102
        ids = integer_ids(ids)
        later = tf.cumsum(tf.cast(ids > 0, tf.int32), axis=1, exclusive=True, reverse=True)
        counted = (ids > 0) & (later < self._reach())
        share = tf.where(counted, tf.pow(self.decay, tf.cast(later, tf.float32)), 0.0)
        added = share[..., tf.newaxis] * tf.cast(tf.gather(tf.convert_to_tensor(self.next_weights), ids), tf.float32)
        columns = tf.reshape(tf.gather(tf.convert_to_tensor(self.next_ids), ids), [-1])
        rows = tf.shape(ids)[0]
        row_of = tf.repeat(tf.range(rows), tf.shape(ids)[1] * self.most)
        places = tf.stack([row_of, columns], axis=1)
        scores = tf.scatter_nd(places, tf.reshape(added, [-1]), tf.stack([rows, self.num_items + 1]))
        return tf.cast(tf.ensure_shape(scores[:, 1:], [ids.shape[0], self.num_items]), self.compute_dtype)

    def _reach(self) -> int:
        """How many of the last items count."""
        if self.decay in (0.0, 1.0):
            return 1 if self.decay == 0 else 2**31 - 1
        return 1 + int(math.log(_LEAST) / math.log(self.decay))

    def compute_output_shape(self, ids_shape: tuple) -> tuple:  # noqa: D102
        return (ids_shape[0], self.num_items)

    def get_config(self) -> dict[str, Any]:  # noqa: D102
        own = {"num_items": self.num_items, "most": self.most, "decay": self.decay}
        return {**super().get_config(), **own}
