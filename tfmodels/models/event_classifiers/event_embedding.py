"""Vectors of measurements: of the variable, its value and its time."""

import math
from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers import Dense, TokenEmbedding
from tfmodels.models.event_classifiers.event_batch import EventBatch

_PERIODS = 8
_SHORTEST = 0.5  # hours: the shortest period of a time


class EventEmbedding(keras.layers.Layer):
    """Continuous embeddings of triplets of time, variable and value (STraTS; Tipirneni and Reddy, 2022).

    A variable has two vectors: one is added as it is, the other times the value. Sines and cosines of the hour and of
    the hours until the prediction, at periods from half an hour on, join them, and two dense layers mix all.

    Args:
        variables: Number of variables.
        dim: Width of a vector.
        max_hours: Longest period, about the length of a history.

    Call arguments:
        events: `EventBatch`.

    Returns:
        `[batch, events, dim]`.
    """

    def __init__(self, variables: int, dim: int, max_hours: float, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        ratio = max(max_hours, 2 * _SHORTEST) / _SHORTEST
        self.dim = dim
        self.max_hours = max_hours
        self.periods = [_SHORTEST * ratio ** (number / (_PERIODS - 1)) for number in range(_PERIODS)]
        policy = self.dtype_policy
        self.vectors = TokenEmbedding(variables + 1, dim, dtype=policy, name="vectors")
        self.slopes = TokenEmbedding(variables + 1, dim, dtype=policy, name="slopes")
        self.inner = Dense(2 * dim, activation="relu", dtype=policy, name="inner")
        self.outer = Dense(dim, dtype=policy, name="outer")

    def build(self, *shapes: Any) -> None:  # noqa: D102
        self.vectors.build((None, None))
        self.slopes.build((None, None))
        self.inner.build((None, None, self.dim + 4 * _PERIODS + 3))
        self.outer.build((None, None, 2 * self.dim))

    def call(self, events: EventBatch) -> tf.Tensor:  # noqa: D102
        before = tf.nn.relu(events.now[:, tf.newaxis] - events.time)
        turns = tf.constant([2 * math.pi / period for period in self.periods], tf.float32)
        angles = tf.concat([part[..., tf.newaxis] * turns for part in (events.time, before)], axis=-1)
        recency = tf.stack([tf.math.log1p(before), (1 / self.max_hours) * before, events.has_value], axis=-1)
        features = tf.concat([tf.sin(angles), tf.cos(angles), recency], axis=-1)
        value = tf.cast(events.value[..., tf.newaxis], self.compute_dtype)
        vectors = self.vectors(events.variable) + value * self.slopes(events.variable)
        inner = self.inner(tf.concat([vectors, tf.cast(features, self.compute_dtype)], axis=-1))
        return vectors + self.outer(inner)
