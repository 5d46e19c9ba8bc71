"""Activation checkpointing: activations are computed twice instead of kept."""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf


def recomputed(layer: keras.layers.Layer, function: Callable[..., Any], *inputs: tf.Tensor) -> Any:
    """Calls `function(*inputs)` and keeps only the inputs for the backward pass, which calls it again.

    See Chen et al., 2016, "Training Deep Nets with Sublinear Memory Cost". The second call repeats the dropout masks of
    the first, so the gradient is that of a plain call.

    Args:
        layer: The built layer whose weights `function` uses. The call may change its seeds, but no other variable.
        function: A function of float tensors that returns one, or a tuple of them; other arguments must be bound, for
            example with `functools.partial`.
        *inputs: Its arguments.

    Returns:
        The result of the function.

    Example:
        `recomputed(layer, partial(layer.transform, attention_mask=mask, training=True), x)`
    """
    weights = [tf.convert_to_tensor(weight) for weight in layer.trainable_variables]
    seeds = layer.non_trainable_variables
    at_start = [tf.convert_to_tensor(seed) for seed in seeds]
    at_end = []

    def forward(tensors: tuple[tf.Tensor, ...]) -> Any:
        values = [
            *zip(layer.trainable_variables, tensors[len(inputs) :], strict=True),
            *zip(seeds, at_start, strict=True),
        ]
        with keras.StatelessScope(state_mapping=values) as scope:
            result = function(*tensors[: len(inputs)])
        at_end[:] = [scope.get_current_value(seed) for seed in seeds]
        return result

    @tf.custom_gradient
    def run(*tensors: tf.Tensor) -> tuple[Any, Callable]:
        def backward(*upstream: tf.Tensor) -> list[tf.Tensor]:
            # Without this order the second computation would be merged with the first or run at the same time.
            with tf.control_dependencies(upstream), tf.GradientTape() as tape:
                again = tuple(tf.identity(tensor) for tensor in tensors)
                tape.watch(again)
                result = forward(again)
            return tape.gradient(result, again, upstream if isinstance(result, tuple) else upstream[0])

        return forward(tensors), backward

    result = run(*inputs, *weights)
    for seed, value in zip(seeds, at_end, strict=True):
        seed.assign(value)
    return result
