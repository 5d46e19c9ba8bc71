"""A layer's activations computed twice instead of kept."""

from collections.abc import Callable

import keras
import tensorflow as tf


def recomputed(layer: keras.layers.Layer, function: Callable[..., tf.Tensor], *inputs: tf.Tensor) -> tf.Tensor:
    """`function(*inputs)`, of which the backward pass computes everything anew but the inputs (Chen et al., 2016).

    What dropout draws is drawn again, so that the gradient is that of the plain call.

    Args:
        layer: Whose weights and seeds `function` reads; built. No weight changes in the call but seeds.
        function: Of float tensors; others it holds itself.
        *inputs: The tensors that it is called with.

    Returns:
        Its result.

    Example:
        `recomputed(layer, partial(layer.transform, attention_mask=mask, training=True), x)`
    """
    weights = [tf.convert_to_tensor(weight) for weight in layer.trainable_variables]
    seeds = layer.non_trainable_variables
    at_start = [tf.convert_to_tensor(seed) for seed in seeds]
    at_end = []

    def forward(tensors: tuple[tf.Tensor, ...]) -> tf.Tensor:
        values = [
            *zip(layer.trainable_variables, tensors[len(inputs) :], strict=True),
            *zip(seeds, at_start, strict=True),
        ]
        with keras.StatelessScope(state_mapping=values) as scope:
            result = function(*tensors[: len(inputs)])
        at_end[:] = [scope.get_current_value(seed) for seed in seeds]
        return result

    @tf.custom_gradient
    def run(*tensors: tf.Tensor) -> tuple[tf.Tensor, Callable]:
        def backward(upstream: tf.Tensor) -> list[tf.Tensor]:
            # Without this order the second computation would be merged with the first, or run beside it.
            with tf.control_dependencies([upstream]), tf.GradientTape() as tape:
                again = tuple(tf.identity(tensor) for tensor in tensors)
                tape.watch(again)
                result = forward(again)
            return tape.gradient(result, again, upstream)

        return forward(tensors), backward

    result = run(*inputs, *weights)
    for seed, value in zip(seeds, at_end, strict=True):
        seed.assign(value)
    return result
