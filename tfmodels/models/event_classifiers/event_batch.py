"""A batch of irregular measurements as tensors."""

from typing import NamedTuple

import tensorflow as tf


class EventBatch(NamedTuple):
    """Measurements, in any order, some of them padding.

    Attributes:
        time: float32 `[batch, events]`, hours; 0 at padding.
        variable: int32 `[batch, events]`, from 1 on; 0 is padding.
        value: float32 `[batch, events]`, standardised; 0 where there is none.
        has_value: float32 `[batch, events]`, 1 where there is a value.
        mask: bool `[batch, events]`, False at padding.
        weight: float32 `[batch, events]`, how much of each measurement counts: 1, and 0 at padding. What lies between
            is for explanations.
        now: float32 `[batch]`, the hour at which is predicted.
    """

    time: tf.Tensor
    variable: tf.Tensor
    value: tf.Tensor
    has_value: tf.Tensor
    mask: tf.Tensor
    weight: tf.Tensor
    now: tf.Tensor

    @property
    def last(self) -> tf.Tensor:
        """The hour of the last measurement, float32 `[batch]`; 0 if there is none."""
        return latest(self.time, self.mask)


def latest(time: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    """The latest time of each row, float32 `[batch]`; 0 of a row without any.

    Args:
        time: float32 `[batch, events]`.
        mask: bool `[batch, events]`, which of them count.

    Returns:
        The times.
    """
    found = tf.reduce_max(tf.where(mask, time, time.dtype.min), axis=1)
    return tf.where(tf.reduce_any(mask, axis=1), found, tf.zeros_like(found))
