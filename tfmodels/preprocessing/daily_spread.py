"""What is said of a day at one of its steps, for all its steps."""

import numpy as np
import tensorflow as tf

from tfmodels.preprocessing.calendar import local_time
from tfmodels.preprocessing.clock import Clock

_UTC = Clock()


def daily_values(values: tf.Tensor, time: tf.Tensor, clock: Clock = _UTC) -> tf.Tensor:
    """Gives each step the value of its day: the largest that a step of that day has.

    So a holiday that is named at midnight holds until the next midnight. Done twice it changes nothing more.

    Args:
        values: Floats `[batch, time, columns]`, NaN = missing.
        time: int64 timestamps in UTC, rising, `[batch, time]`; 0 = padding.
        clock: The clock whose days are meant.

    Returns:
        As `values`; NaN in days without a value. Padding stays as it is.

    Example:
        >>> hours = tf.constant([[79_200, 86_400, 90_000]], tf.int64)
        >>> daily_values(tf.constant([[[0.0], [1.0], [0.0]]]), hours)[0, :, 0].numpy().tolist()
        [0.0, 1.0, 1.0]
    """
    days = tf.where(tf.equal(time, 0), time.dtype.min, local_time(time, clock) // clock.day)
    begins = tf.concat([tf.ones_like(days[:, :1], tf.bool), days[:, 1:] != days[:, :-1]], axis=1)
    numbers = tf.cumsum(tf.cast(tf.reshape(begins, [-1]), tf.int32)) - 1  # of the days of all rows
    lowest, missing = tf.constant(values.dtype.min, values.dtype), tf.constant(np.nan, values.dtype)
    there = tf.where(tf.math.is_nan(values), lowest, values)
    largest = tf.math.segment_max(tf.reshape(there, [-1, values.shape[-1]]), numbers)
    spread = tf.reshape(tf.gather(tf.where(tf.equal(largest, lowest), missing, largest), numbers), tf.shape(values))
    return tf.where(tf.equal(time, 0)[..., tf.newaxis], values, spread)
