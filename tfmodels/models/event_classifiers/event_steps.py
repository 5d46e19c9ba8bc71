"""The measurements of each moment as a step, with the last value of each variable and its age."""

from typing import NamedTuple

import tensorflow as tf

from tfmodels.models.event_classifiers.event_batch import EventBatch


class EventSteps(NamedTuple):
    """Steps, one for each distinct time of a row, padded on the right.

    Attributes:
        last_value: float32 `[batch, steps, variables]`, the latest value up to the step; the mean of those of one
            time, 0 if there is none yet.
        age: float32 `[batch, steps, variables]`, hours since that value.
        count: float32 `[batch, steps, variables]`, measurements of the variable at the step.
        elapsed: float32 `[batch, steps]`, hours since the step before.
        mask: bool `[batch, steps]`, False at padding.
        step: int32 `[batch, events]`, the step of each measurement; -1 of padding.
    """

    last_value: tf.Tensor
    age: tf.Tensor
    count: tf.Tensor
    elapsed: tf.Tensor
    mask: tf.Tensor
    step: tf.Tensor


def event_steps(events: EventBatch, variables: int) -> EventSteps:
    """Puts measurements of one time together, whatever their order.

    Args:
        events: The measurements.
        variables: Number of variables.

    Returns:
        The steps; as many as the row with the most distinct times has, and at least one.

    Example:
        `event_steps(events, variables=37).count`
    """
    rows = tf.shape(events.time)[0]
    step, steps = _step_of(events)
    row = tf.range(rows)[:, tf.newaxis]
    cell = tf.where(events.mask, (row * steps + step) * variables + events.variable - 1, -1)
    shape = [rows, steps, variables]

    def total(amount: tf.Tensor) -> tf.Tensor:
        """The sum of each cell; padding has a negative place, which counts nowhere."""
        return tf.reshape(_sum(tf.reshape(amount, [-1]), tf.reshape(cell, [-1]), rows * steps * variables), shape)

    count = total(events.weight)
    values = total(events.has_value)
    value = total(events.value * events.has_value * events.weight) / tf.maximum(values, 1)
    place = tf.reshape(tf.where(events.mask, row * steps + step, -1), [-1])
    time = tf.math.unsorted_segment_max(tf.reshape(events.time, [-1]), place, rows * steps)
    time = tf.reshape(time, [rows, steps])
    mask = tf.range(steps)[tf.newaxis] < 1 + tf.reduce_max(step, axis=1, keepdims=True)
    time = tf.where(mask, time, tf.zeros_like(time))
    before = tf.concat([time[:, :1], time[:, :-1]], axis=1)
    elapsed = tf.where(mask, time - before, tf.zeros_like(time))
    last = _last_step(values > 0)
    known = last >= 0
    last = tf.maximum(last, 0)
    last_value = tf.where(known, _at(value, last), tf.zeros_like(value))
    age = tf.where(known, time[:, :, tf.newaxis] - tf.gather(time, last, batch_dims=1), tf.zeros_like(value))
    return EventSteps(last_value, tf.maximum(age, 0), count, elapsed, mask, step)


def _step_of(events: EventBatch) -> tuple[tf.Tensor, tf.Tensor]:
    """The step of each measurement, int32 `[batch, events]`, -1 of padding; and the number of steps."""
    late = tf.where(events.mask, events.time, events.time.dtype.max)
    order = tf.argsort(late, axis=1)
    ordered = tf.gather(late, order, batch_dims=1)
    is_new = tf.concat([tf.ones_like(ordered[:, :1], tf.int32), tf.cast(ordered[:, 1:] > ordered[:, :-1], tf.int32)], 1)
    step = tf.gather(tf.cumsum(is_new, axis=1) - 1, tf.argsort(order, axis=1), batch_dims=1)
    step = tf.where(events.mask, step, -1)
    return step, tf.maximum(1 + tf.reduce_max(tf.concat([[-1], tf.reshape(step, [-1])], axis=0)), 1)


def _last_step(observed: tf.Tensor) -> tf.Tensor:
    """The latest step up to each one at which a variable was observed, int32 `[batch, steps, variables]`; -1: none."""
    shape = tf.shape(observed)
    rows, steps, variables = shape[0], shape[1], shape[2]
    rank = tf.cumsum(tf.cast(observed, tf.int32), axis=1)  # how many observations up to the step
    column = tf.range(rows)[:, tf.newaxis, tf.newaxis] * variables + tf.range(variables)
    place = column * (steps + 1) + rank
    number = tf.broadcast_to(tf.range(steps)[tf.newaxis, :, tf.newaxis], shape)
    chosen = tf.where(observed, place, -1)
    found = tf.math.unsorted_segment_max(
        tf.reshape(number, [-1]), tf.reshape(chosen, [-1]), rows * variables * (steps + 1)
    )
    return tf.where(rank > 0, tf.gather(found, place), -1)


def _at(value: tf.Tensor, step: tf.Tensor) -> tf.Tensor:
    """The value of each variable at a step of its own, `[batch, steps, variables]`."""
    by_variable = tf.gather(tf.transpose(value, [0, 2, 1]), tf.transpose(step, [0, 2, 1]), batch_dims=2)
    return tf.transpose(by_variable, [0, 2, 1])


def _sum(amounts: tf.Tensor, places: tf.Tensor, count: tf.Tensor) -> tf.Tensor:
    return tf.math.unsorted_segment_sum(amounts, places, count)
