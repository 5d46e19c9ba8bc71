"""What a loop over tokens carries from step to step."""

from typing import Any

import tensorflow as tf


def any_number(tensors: Any, axis: int) -> Any:
    """The shapes of tensors in a loop that changes how many texts there are.

    Args:
        tensors: Nested tensors.
        axis: Where the texts are counted.

    Returns:
        Nested `tf.TensorShape`, for `shape_invariants` of `tf.while_loop`.

    Example:
        `any_number(tf.zeros([2, 8, 64]), 1)` -> `TensorShape([2, None, 64])`
    """
    return tf.nest.map_structure(
        lambda tensor: tf.TensorShape([*tensor.shape[:axis], None, *tensor.shape[axis + 1 :]]), tensors
    )


def with_shapes_of(before: Any, after: Any) -> Any:
    """Tells the graph that a step leaves shapes as they were: where the number of texts is known, operations lose it.

    Args:
        before: Nested tensors that went into the step.
        after: Those that came out of it; in the graph their shapes are set.

    Returns:
        `after`.

    Example:
        `return with_shapes_of(state, new_state)`
    """
    for old, new in zip(tf.nest.flatten(before), tf.nest.flatten(after), strict=True):
        new.set_shape(old.shape)
    return after
