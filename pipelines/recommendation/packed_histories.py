"""Histories of a fixed length as requests have them, and without gaps as a network reads them."""

from collections.abc import Callable, Sequence

import tensorflow as tf


def last_known(ids: tf.Tensor, most: int) -> tuple[tf.Tensor, Callable[[tf.Tensor], tf.Tensor]]:
    """Finds the last known items of histories.

    Args:
        ids: int32 `[batch, time]`, oldest first; 0 is none, wherever it stands.
        most: Most items that are read.

    Returns:
        How many there are of each history, int32 `[batch]`; and what takes values `[batch, time]` of the events and
        returns those of these items, padded with zeros or empty texts on the right.

    Example:
        `last_known(tf.constant([[0, 7, 0, 5]]), 3)[1](tf.constant([[0, 7, 0, 5]]))` -> `[[7, 5]]`
    """
    known = ids > 0
    lengths = known_items(ids)
    read = tf.minimum(lengths, most)
    order = tf.argsort(tf.cast(~known, tf.int32), axis=1, stable=True)  # the known ones, then the others
    width = tf.maximum(tf.reduce_max(tf.concat([read, [0]], axis=0)), 1)
    steps = tf.range(width)[tf.newaxis]
    places = tf.minimum((lengths - read)[:, tf.newaxis] + steps, tf.shape(ids)[1] - 1)

    def packed(values: tf.Tensor) -> tf.Tensor:
        found = tf.gather(tf.gather(values, order, batch_dims=1), tf.maximum(places, 0), batch_dims=1)
        return tf.where(steps < read[:, tf.newaxis], found, tf.zeros([], values.dtype))

    return read, packed


def known_items(ids: tf.Tensor) -> tf.Tensor:
    """How many items of each history are known, int32 `[batch]`.

    Example:
        `known_items(tf.constant([[0, 7, 0, 5]]))` -> `[2]`
    """
    return tf.reduce_sum(tf.cast(ids > 0, tf.int32), axis=1)


def padded(items: Sequence[str], context: int) -> list[str]:
    """The last items of a history, padded on the left.

    Example:
        `padded(["tent 1"], 2)` -> `["", "tent 1"]`
    """
    last = list(items)[-context:]
    return [""] * (context - len(last)) + last
