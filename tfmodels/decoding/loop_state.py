"""The shapes of what a loop over tokens carries from step to step."""

from typing import Any

import tensorflow as tf


def with_unknown_size(tensors: Any, axis: int) -> Any:
    """The shapes of tensors with one axis of unknown size, for a loop in which that size changes.

    Args:
        tensors: Nested tensors.
        axis: The axis whose size changes.

    Returns:
        Nested `tf.TensorShape`, for `shape_invariants` of `tf.while_loop`.

    Example:
        `with_unknown_size(tf.zeros([2, 8, 64]), 1)` -> `TensorShape([2, None, 64])`
    """
    return tf.nest.map_structure(
        lambda tensor: tf.TensorShape([*tensor.shape[:axis], None, *tensor.shape[axis + 1 :]]), tensors
    )


def with_shapes_of(before: Any, after: Any) -> Any:
    """Restores the static shapes that the operations of a step have lost.

    Args:
        before: Nested tensors before the step.
        after: Nested tensors after the step; their static shapes are set.

    Returns:
        `after`.

    Example:
        `return with_shapes_of(state, new_state)`
    """
    for old, new in zip(tf.nest.flatten(before), tf.nest.flatten(after), strict=True):
        new.set_shape(old.shape)
    return after
