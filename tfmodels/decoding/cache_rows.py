"""Repeating and reordering the rows of a cache."""

from typing import Any

import tensorflow as tf


def select_rows(cache: dict[str, Any], index: tf.Tensor) -> dict[str, Any]:
    """Repeats, drops and reorders the rows of a cache's state; its memory and history are left as they are.

    Args:
        cache: A cache of `rows` rows (see `StepModel`).
        index: int32 `[new_rows]`, for each new row the old row that it continues.

    Returns:
        The cache of `new_rows` rows.

    Example:
        `cache = select_rows(cache, tf.constant([1, 1, 0]))  # rows a, b -> b, b, a`
    """
    state = tf.nest.map_structure(lambda tensor: tf.gather(tensor, index, axis=1), cache["state"])
    return {**cache, "state": state}


def keep_texts(parts: tuple[dict[str, Any], dict[str, Any]], index: tf.Tensor, beams: int) -> tuple[Any, Any]:
    """Drops all but some of the texts of a cache.

    Args:
        parts: What a cache of `texts` texts holds of the input, and what it holds of what was written.
        index: int32 `[kept]`, the texts that stay.
        beams: Rows of each text in what was written.

    Returns:
        The two parts for `kept` texts.

    Example:
        `keep_texts(({"memory": memory}, {"history": history, "state": state}), tf.constant([0, 2]), beams=4)`
    """
    rows = tf.reshape(index[:, tf.newaxis] * beams + tf.range(beams, dtype=index.dtype), [-1])
    memory, written = (
        tf.nest.map_structure(lambda tensor, kept=kept: tf.gather(tensor, kept, axis=1), part)
        for part, kept in zip(parts, (index, rows), strict=True)
    )
    return memory, written


def repeat_history(cache: dict[str, Any], times: int) -> dict[str, Any]:
    """Gives each text so many neighbours that share what it has written.

    Args:
        cache: A cache whose state has `times` rows for each of its history.
        times: How often each row comes, one time after the other.

    Returns:
        The cache.

    Example:
        `cache = repeat_history(select_rows(cache, tf.constant([0, 0, 1, 1])), 2)`
    """
    if times == 1:
        return cache
    return {
        **cache,
        "history": tf.nest.map_structure(lambda buffer: tf.repeat(buffer, times, axis=1), cache["history"]),
    }
