"""Repeating and reordering the rows of a cache."""

from typing import Any

import tensorflow as tf


def select_rows(cache: dict[str, Any], index: tf.Tensor) -> dict[str, Any]:
    """Repeats, drops and reorders the rows of a cache's state; its memory is left as it is.

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
