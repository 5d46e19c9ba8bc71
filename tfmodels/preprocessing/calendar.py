"""Calendar features of timestamps."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from tfmodels.preprocessing.calendar_names import calendar_feature
from tfmodels.preprocessing.clock import Clock

_DAY = 86_400
_UTC = Clock()


def calendar_features(time: tf.Tensor, names: Sequence[str], clock: Clock = _UTC) -> tf.Tensor:
    """The position of each timestamp in the cycles of clock and calendar, as sines and cosines.

    A cycle starts at angle 0 (the full hour, midnight, Monday, the first of a month, the first of January) and proceeds
    continuously to the next start: `hour_of_day` includes minutes and seconds, `day_of_week` includes hours, and so on.
    Months and years have their lengths in the Gregorian calendar. A number after a name adds harmonics, the sines and
    cosines of whole multiples of the angle: half as many as a cycle has steps tell any function of its steps, so that
    of daily steps `day_of_week:3` tells weekends, and of hourly ones `day_of_week:84` any hour of the week.

    Args:
        time: int64 seconds since 1970-01-01 00:00 UTC, negative before, of any shape; 0 = padding.
        names: Names from `CALENDAR_FEATURES`, each with or without a number: `hour_of_day:12` has 12 harmonics,
            `month_end:3` an indicator for each of the last three days of a month, the last one first. See
            `calendar_feature`.
        clock: What `time` counts if not seconds, and the local time whose cycles are meant.

    Returns:
        float32, the shape of `time` with one more axis: of each name in turn the sine and the cosine of the first
        harmonic, of the second and so on, or its indicators; zeros at padding.

    Raises:
        ValueError: A name is none of these.

    Example:
        >>> calendar_features(tf.constant([[0, 21_600]], tf.int64), ["hour_of_day"]).numpy().round().tolist()
        [[[0.0, 0.0], [1.0, 0.0]]]
    """
    features = [calendar_feature(name) for name in names]
    local = local_time(time, clock) // clock.ticks
    days = local // _DAY
    day = tf.cast(local % _DAY, tf.float32) / _DAY  # the elapsed fraction of the day
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
        "minute_of_hour": tf.cast(local % 3600, tf.float32) / 3600,
        "hour_of_day": day,
        "day_of_week": fraction((days + 3) % 7, 7),  # the first day was a Thursday
        "day_of_month": month_fraction,
        "month_of_year": (tf.cast(month - 1, tf.float32) + month_fraction) / 12,
        "day_of_year": fraction(days - first_of_year, year_length),
    }
    columns = [
        _harmonics(fractions[feature.name], feature.number)
        if feature.is_cycle
        else _countdown(month_length - day_of_month, feature.number)
        for feature in features
    ]
    found = tf.concat(columns, axis=-1)
    return tf.where(tf.equal(time, 0)[..., tf.newaxis], tf.zeros_like(found), found)


def local_time(time: tf.Tensor, clock: Clock) -> tf.Tensor:
    """Timestamps in UTC on a clock: `Clock.local` in the graph.

    Args:
        time: int64, of any shape.
        clock: The clock.

    Returns:
        int64, the same shape.

    Example:
        >>> local_time(tf.constant([0], tf.int64), Clock(offsets=(3600,))).numpy().tolist()
        [3600]
    """
    return time + _offset(time, [clock.ticks * change for change in clock.changes], clock)


def utc_time(local: tf.Tensor, clock: Clock) -> tf.Tensor:
    """Timestamps on a clock in UTC: `Clock.utc` in the graph.

    Args:
        local: int64, of any shape.
        clock: The clock.

    Returns:
        int64, the same shape; of an hour that the clock has twice the earlier one.

    Example:
        >>> utc_time(tf.constant([3600], tf.int64), Clock(offsets=(3600,))).numpy().tolist()
        [0]
    """
    return local - _offset(local, clock.turns, clock)


def add_days(time: tf.Tensor, days: tf.Tensor, clock: Clock = _UTC) -> tf.Tensor:
    """The same time of day some days later, however long the days between are.

    Args:
        time: int64 timestamps in UTC.
        days: int64, broadcast against `time`.
        clock: The clock whose days are meant.

    Returns:
        int64 timestamps in UTC.

    Example:
        >>> add_days(tf.constant([0], tf.int64), tf.constant([2], tf.int64)).numpy().tolist()
        [172800]
    """
    return utc_time(_local_days(time, clock) + clock.day * days, clock)


def add_business_days(time: tf.Tensor, days: tf.Tensor, clock: Clock = _UTC) -> tf.Tensor:
    """The same time of day some weekdays later; Saturday and Sunday count as their Friday.

    Args:
        time: int64 timestamps in UTC.
        days: int64, broadcast against `time`.
        clock: The clock whose days are meant.

    Returns:
        int64 timestamps in UTC.

    Example:
        >>> add_business_days(tf.constant([86_400], tf.int64), tf.constant([1], tf.int64)).numpy().tolist()
        [345600]
    """
    local = _local_days(time, clock)
    monday = local // clock.day + 3  # days since a Monday
    weekdays = 5 * (monday // 7) + tf.minimum(monday % 7, 4) + days
    return utc_time((7 * (weekdays // 5) + weekdays % 5 - 3) * clock.day + local % clock.day, clock)


def add_months(time: tf.Tensor, months: tf.Tensor, day: int = 0, clock: Clock = _UTC) -> tf.Tensor:
    """A day of later months.

    Args:
        time: int64 seconds since 1970-01-01 00:00 UTC.
        months: int64, the number of months to add; broadcast against `time`.
        day: Day of the month, at the time of day of `time`; of a shorter month its last. 0 = the first, at midnight.
        clock: What `time` counts if not seconds, and the local time whose months are meant.

    Returns:
        int64 timestamps in UTC.

    Example:
        >>> add_months(tf.constant([2_678_400], tf.int64), tf.constant([0, 1], tf.int64)).numpy().tolist()
        [2678400, 5097600]
    """
    local = _local_days(time, clock)
    year, month, _ = _date(local // clock.day)
    later = 12 * year + month - 1 + months
    first, after = (_days_from(one // 12, one % 12 + 1, tf.ones_like(one)) for one in (later, later + 1))
    days = tf.minimum(first + max(day, 1), after) - 1
    return utc_time(days * clock.day + (local % clock.day if day else 0), clock)


def _harmonics(fraction: tf.Tensor, number: int) -> tf.Tensor:
    """Sine and cosine of the first multiples of the angle of a fraction of a cycle, in an axis at the end."""
    angles = 2 * np.pi * fraction[..., tf.newaxis] * tf.range(1, number + 1, dtype=tf.float32)
    pairs = tf.stack([tf.sin(angles), tf.cos(angles)], axis=-1)
    return tf.reshape(pairs, tf.concat([tf.shape(fraction), [2 * number]], axis=0))


def _countdown(left: tf.Tensor, number: int) -> tf.Tensor:
    """Whether 0, 1, ... of something are left, as 0 and 1 in an axis at the end."""
    return tf.cast(tf.equal(left[..., tf.newaxis], tf.range(number, dtype=left.dtype)), tf.float32)


def _local_days(time: tf.Tensor, clock: Clock) -> tf.Tensor:
    """`Clock.local_days` in the graph."""
    local = local_time(time, clock)
    for skip in clock.skips:
        begins = tf.equal((local - skip) % clock.day, 0)
        local = tf.where(begins & tf.equal(utc_time(local - skip, clock), time), local - skip, local)
    return local


def _offset(time: tf.Tensor, starts: Sequence[int], clock: Clock) -> tf.Tensor:
    """The offset from UTC, in ticks, of times after as many of its starts."""
    offsets = tf.constant([clock.ticks * offset for offset in clock.offsets], tf.int64)
    if not clock.changes:
        return offsets[0]
    places = tf.searchsorted(tf.constant(starts, tf.int64), tf.reshape(time, [-1]), side="right")
    return tf.reshape(tf.gather(offsets, places), tf.shape(time))


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
