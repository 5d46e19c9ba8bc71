"""What a layer returns for symbolic inputs."""

from typing import Any

import keras


def traced_output_spec(layer: keras.Operation, *args: Any, **kwargs: Any) -> Any:
    """The symbolic outputs of a layer, found by tracing its `call`.

    Where a layer has `compute_output_shape`, Keras takes every output for one tensor of the layer's compute type. That
    is wrong for outputs of integers, and for layers that return more when asked.

    Args:
        layer: The layer.
        *args: Arguments of its `call`, `keras.KerasTensor` in place of tensors.
        **kwargs: The same by name.

    Returns:
        `keras.KerasTensor`, structured as what `call` returns.

    Example:
        `compute_output_spec = traced_output_spec` in the body of the class
    """
    return keras.Operation.compute_output_spec(layer, *args, **kwargs)
