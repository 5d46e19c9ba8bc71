"""Calendar features of timestamps."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from tfmodels.preprocessing.calendar_names import CALENDAR_FEATURES

_DAY = 86_400


def calendar_features(time: tf.Tensor, names: Sequence[str]) -> tf.Tensor:
    """The position of each timestamp in the cycles of clock and calendar, as sine and cosine.

    A cycle starts at angle 0 (the full hour, midnight, Monday, the first of a month, the first of January) and proceeds
    continuously to the next start: `hour_of_day` includes minutes and seconds, `day_of_week` includes hours, and so on.
    Months and years have their lengths in the Gregorian calendar.

    Args:
        time: int64 seconds since 1970-01-01 00:00 UTC, negative before, of any shape; 0 = padding.
        names: Names from `CALENDAR_FEATURES`.

    Returns:
        float32, the shape of `time` with one more axis: sine and cosine of each feature in turn; zeros at padding.

    Raises:
        ValueError: A name is not in `CALENDAR_FEATURES`.

    Example:
        >>> calendar_features(tf.constant([[0, 21_600]], tf.int64), ["hour_of_day"]).numpy().round().tolist()
        [[[0.0, 0.0], [1.0, 0.0]]]
    """
    for name in names:
        if name not in CALENDAR_FEATURES:
            raise ValueError(f"Expected calendar features from {CALENDAR_FEATURES}. Received: {name!r}")
    days = time // _DAY
    day = tf.cast(time % _DAY, tf.float32) / _DAY  # the elapsed fraction of the day
    year, month, day_of_month = _date(days)
    first_of_year = _days_from(year, tf.ones_like(month), tf.ones_like(month))
    year_length = _days_from(year + 1, tf.ones_like(month), tf.ones_like(month)) - first_of_year
    first_of_month = days - day_of_month + 1
    carry = month // 12
    month_length = _days_from(year + carry, month + 1 - 12 * carry, tf.ones_like(month)) - first_of_month

    def fraction(whole: tf.Tensor, length: tf.Tensor | int) -> tf.Tensor:
        return (tf.cast(whole, tf.float32) + day) / tf.cast(length, tf.float32)

    month_fraction = fraction(day_of_month - 1, month_length)
    fractions = {
        "minute_of_hour": tf.cast(time % 3600, tf.float32) / 3600,
        "hour_of_day": day,
        "day_of_week": fraction((days + 3) % 7, 7),  # the first day was a Thursday
        "day_of_month": month_fraction,
        "month_of_year": (tf.cast(month - 1, tf.float32) + month_fraction) / 12,
        "day_of_year": fraction(days - first_of_year, year_length),
    }
    angles = 2 * np.pi * tf.stack([fractions[name] for name in names], axis=-1)
    features = tf.stack([tf.sin(angles), tf.cos(angles)], axis=-1)
    features = tf.reshape(features, tf.concat([tf.shape(time), [2 * len(names)]], axis=0))
    return tf.where(tf.equal(time, 0)[..., tf.newaxis], tf.zeros_like(features), features)


def add_months(time: tf.Tensor, months: tf.Tensor) -> tf.Tensor:
    """The first days of later months, at midnight.

    Args:
        time: int64 seconds since 1970-01-01 00:00 UTC.
        months: int64, the number of months to add; broadcast against `time`.

    Returns:
        int64 seconds since 1970-01-01 00:00 UTC.

    Example:
        >>> add_months(tf.constant([2_678_400], tf.int64), tf.constant([0, 1], tf.int64)).numpy().tolist()
        [2678400, 5097600]
    """
    year, month, _ = _date(time // _DAY)
    later = 12 * year + month - 1 + months
    return _DAY * _days_from(later // 12, later % 12 + 1, tf.ones_like(later))


def _date(days: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Converts days since 1970-01-01 to year, month and day.

    Computed with years that start in March: the leap day is then the last of a year, and one linear formula gives the
    month and day.
    """
    days += 719_468  # since 0000-03-01
    era, day = days // 146_097, days % 146_097  # of 400 years
    year = (day - day // 1_460 + day // 36_524 - day // 146_096) // 365
    day -= 365 * year + year // 4 - year // 100
    month = (5 * day + 2) // 153  # 0 = March
    day_of_month = day - (153 * month + 2) // 5 + 1
    january = tf.cast(month >= 10, month.dtype)
    return year + 400 * era + january, month + 3 - 12 * january, day_of_month


def _days_from(year: tf.Tensor, month: tf.Tensor, day: tf.Tensor) -> tf.Tensor:
    """The inverse of `_date`."""
    january = tf.cast(month <= 2, month.dtype)
    year -= january
    day_of_year = (153 * (month - 3 + 12 * january) + 2) // 5 + day - 1
    return 365 * year + year // 4 - year // 100 + year // 400 + day_of_year - 719_468
