"""Aggregates of measurements in the graph: the columns of `metrics.event_aggregates`."""

import tensorflow as tf

STATISTICS = ("first", "last", "mean", "min", "max", "count", "slope", "deviation", "recent")
_RECENT = 0.125  # share of the time of a history: an eighth is its last part
_LEAST = 1e-9  # square hours between the times of a slope


def aggregates_of(time: tf.Tensor, variable: tf.Tensor, value: tf.Tensor, variables: int) -> tf.Tensor:
    """First, last, mean, least and largest value, number, slope, deviation and recent mean of each variable.

    Of several values at one time the least is first and the largest last, so that their order does not matter.

    Args:
        time: float32 `[batch, events]`, hours.
        variable: int32 `[batch, events]`, from 1 on; 0 is padding.
        value: float32 `[batch, events]`, NaN where there is none.
        variables: Number of variables.

    Returns:
        float32 `[batch, variables * 9]`, NaN where unknown; a count is 0. See `metrics.event_aggregates`.

    Example:
        >>> aggregates_of(tf.constant([[0.0, 2.0]]), tf.constant([[1, 1]]), tf.constant([[5.0, 9.0]]), 1)
        [[5., 9., 7., 5., 9., 2., 2., 2.83, 9.]]
    """
    rows = tf.shape(time)[0]
    cells = rows * variables
    variable = tf.cast(variable, tf.int32)
    cell = tf.reshape(tf.range(rows)[:, tf.newaxis] * variables + variable - 1, [-1])
    time, exists = tf.cast(time, tf.float32), variable > 0
    lately = time >= _begin_of_the_last_part(time, exists)
    hours, value, there, lately = (tf.reshape(one, [-1]) for one in (time, value, exists, lately))
    value = tf.cast(value, tf.float32)
    known = there & tf.math.is_finite(value)
    value = tf.where(known, value, 0.0)

    def total(amounts: tf.Tensor, counted: tf.Tensor) -> tf.Tensor:
        return tf.math.unsorted_segment_sum(amounts, tf.where(counted, cell, -1), cells)

    def least(amounts: tf.Tensor, counted: tf.Tensor) -> tf.Tensor:
        return tf.math.unsorted_segment_min(amounts, tf.where(counted, cell, -1), cells)

    def largest(amounts: tf.Tensor, counted: tf.Tensor) -> tf.Tensor:
        return tf.math.unsorted_segment_max(amounts, tf.where(counted, cell, -1), cells)

    def of_event(of_cell: tf.Tensor) -> tf.Tensor:
        return tf.gather(of_cell, tf.where(known, cell, 0))

    begin, end = least(hours, known), largest(hours, known)
    size = total(tf.ones_like(value), known)
    mean = total(value, known) / tf.maximum(size, 1)
    since = hours - of_event(begin)  # from the first one on, so that equal times are exactly 0
    since -= of_event(total(since, known) / tf.maximum(size, 1))
    spread = total(since**2, known)
    slope = total(since * (value - of_event(mean)), known) / tf.maximum(spread, _LEAST)
    columns = [
        least(value, known & (hours == of_event(begin))), largest(value, known & (hours == of_event(end))), mean,
        least(value, known), largest(value, known),
    ]  # fmt: skip
    unknown = tf.constant(float("nan"))
    columns = [tf.where(size > 0, one, unknown) for one in columns]
    columns += [total(tf.ones_like(value), there), tf.where(spread > _LEAST, slope, unknown)]
    variance = total((value - of_event(mean)) ** 2, known) / tf.maximum(size - 1, 1)
    columns.append(tf.where(size > 1, tf.sqrt(variance), unknown))
    number = total(tf.ones_like(value), known & lately)
    columns.append(tf.where(number > 0, total(value, known & lately) / tf.maximum(number, 1), unknown))
    return tf.reshape(tf.stack(columns, axis=-1), [rows, variables * len(STATISTICS)])


def _begin_of_the_last_part(time: tf.Tensor, exists: tf.Tensor) -> tf.Tensor:
    """float32 `[batch, 1]`."""
    first = tf.reduce_min(tf.where(exists, time, time.dtype.max), axis=1, keepdims=True)
    last = tf.reduce_max(tf.where(exists, time, time.dtype.min), axis=1, keepdims=True)
    return last - _RECENT * (last - first)
