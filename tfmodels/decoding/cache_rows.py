"""Repeating, selecting and reordering the rows of a cache."""

from typing import Any

import tensorflow as tf


def select_rows(cache: dict[str, Any], index: tf.Tensor) -> dict[str, Any]:
    """Repeats, drops and reorders the rows of a cache's state; its memory and history do not change.

    Args:
        cache: A cache of `rows` rows (see `StepModel`).
        index: int32 `[new_rows]`, the old row that each new row continues.

    Returns:
        The cache of `new_rows` rows.

    Example:
        `cache = select_rows(cache, tf.constant([1, 1, 0]))  # rows a, b -> b, b, a`
    """
    state = tf.nest.map_structure(lambda tensor: tf.gather(tensor, index, axis=1), cache["state"])
    return {**cache, "state": state}


def select_sequences(parts: tuple[dict[str, Any], dict[str, Any]], index: tf.Tensor, beams: int) -> tuple[Any, Any]:
    """Drops all but some of the sequences of a cache.

    Args:
        parts: The part of a cache that holds the input, with one row per sequence, and the part that steps write.
        index: int32 `[selected]`, the sequences to keep.
        beams: Number of rows of each sequence in the part that steps write.

    Returns:
        The two parts for the selected sequences.

    Example:
        `select_sequences(({"memory": memory}, {"history": history, "state": state}), tf.constant([0, 2]), beams=4)`
    """
    rows = tf.reshape(index[:, tf.newaxis] * beams + tf.range(beams, dtype=index.dtype), [-1])
    memory, written = (
        tf.nest.map_structure(lambda tensor, rows=rows: tf.gather(tensor, rows, axis=1), part)
        for part, rows in zip(parts, (index, rows), strict=True)
    )
    return memory, written


def repeat_history(cache: dict[str, Any], times: int) -> dict[str, Any]:
    """Repeats each row of a cache's history, once for each of the beams that share it so far.

    Args:
        cache: A cache whose state has `times` rows for each row of its history.
        times: Number of copies of each row; copies are neighbours.

    Returns:
        The cache with equally many rows of state and history.

    Example:
        `cache = repeat_history(select_rows(cache, tf.constant([0, 0, 1, 1])), 2)`
    """
    if times == 1:
        return cache
    return {
        **cache,
        "history": tf.nest.map_structure(lambda buffer: tf.repeat(buffer, times, axis=1), cache["history"]),
    }
