"""Logits of the right items and of a few drawn ones, in place of those of all items."""

from typing import NamedTuple

import tensorflow as tf


class SampledLogits(NamedTuple):
    """What a recommender that draws negatives returns in training.

    Attributes:
        right: Logits of the right items, float32 `[batch, time]`.
        drawn: Logits of the drawn items, float32 `[batch, time, n]`; very low where it is the right one.
        right_frequency: Logarithm of how often each right item is expected among the drawn ones, float32
            `[batch, time]`.
        drawn_frequency: The same of the drawn ones, float32 `[n]`.
    """

    right: tf.Tensor
    drawn: tf.Tensor
    right_frequency: tf.Tensor
    drawn_frequency: tf.Tensor
