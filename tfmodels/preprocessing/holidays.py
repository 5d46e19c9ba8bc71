"""Whether a day is a holiday, or the day before or after one."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from tfmodels.preprocessing.calendar import local_time
from tfmodels.preprocessing.clock import Clock

HOLIDAY_COLUMNS = 3  # of each list of dates
_UTC = Clock()


def holiday_features(time: tf.Tensor, dates: Sequence[Sequence[str]], clock: Clock = _UTC) -> tf.Tensor:
    """Whether the local date of each timestamp is a holiday, the day before one, and the day after one.

    Args:
        time: int64 timestamps in UTC, of any shape; 0 = padding.
        dates: Lists of holidays, such as one for each country: dates of ISO 8601. Other days are none.
        clock: The clock whose dates are meant.

    Returns:
        float32, the shape of `time` with one more axis: three indicators for each list in turn; zeros at padding.

    Example:
        >>> holiday_features(tf.constant([86_400, 172_800], tf.int64), [["1970-01-02"]]).numpy().tolist()
        [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    days = [np.array(of, "datetime64[D]").astype(np.int64) for of in dates]
    every = np.concatenate([np.zeros(0, np.int64), *days])
    first, last = (int(every.min()) - 2, int(every.max()) + 2) if len(every) else (0, 0)  # whose rows are zeros
    table = np.zeros([last - first + 1, HOLIDAY_COLUMNS * len(days)], np.float32)
    for number, of in enumerate(days):
        for column, shift in enumerate((0, -1, 1)):
            table[of + shift - first, HOLIDAY_COLUMNS * number + column] = 1
    place = tf.clip_by_value(local_time(time, clock) // clock.day, first, last) - first
    found = tf.gather(tf.constant(table), place)
    return tf.where(tf.equal(time, 0)[..., tf.newaxis], tf.zeros_like(found), found)
