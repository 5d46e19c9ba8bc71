"""Aggregates of measurements in the graph: the columns of `metrics.event_aggregates`."""

import tensorflow as tf

STATISTICS = ("first", "last", "mean", "min", "max", "count", "slope")
_LEAST = 1e-9  # square hours between the times of a slope


def aggregates_of(time: tf.Tensor, variable: tf.Tensor, value: tf.Tensor, variables: int) -> tf.Tensor:
    """First, last, mean, least and largest value, number of measurements and slope of each variable.

    Of several values at one time the least is first and the largest last, so that their order does not matter.

    Args:
        time: float32 `[batch, events]`, hours.
        variable: int32 `[batch, events]`, from 1 on; 0 is padding.
        value: float32 `[batch, events]`, NaN where there is none.
        variables: Number of variables.

    Returns:
        float32 `[batch, variables * 7]`, NaN where unknown; a count is 0.

    Example:
        >>> aggregates_of(tf.constant([[0.0, 2.0]]), tf.constant([[1, 1]]), tf.constant([[5.0, 9.0]]), 1)
        [[5., 9., 7., 5., 9., 2., 2.]]
    """
    rows = tf.shape(time)[0]
    cells = rows * variables
    variable = tf.cast(variable, tf.int32)
    cell = tf.reshape(tf.range(rows)[:, tf.newaxis] * variables + variable - 1, [-1])
    hours, value, there = (tf.reshape(one, [-1]) for one in (time, value, variable > 0))
    hours, value = tf.cast(hours, tf.float32), tf.cast(value, tf.float32)
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
    return tf.reshape(tf.stack(columns, axis=-1), [rows, variables * len(STATISTICS)])
