"""What Keras asks of a model about its outputs."""

from typing import Any

import keras


def output_shape(model: keras.Model, inputs_shape: Any, dtype: str) -> Any:
    """The shapes of what a model returns.

    Args:
        model: Its `compute_output_spec` follows a call with symbols.
        inputs_shape: Shapes of its inputs, in their structure.
        dtype: Of the inputs.

    Returns:
        Shapes, in the structure of the outputs.

    Example:
        `output_shape(classifier, (None, 20), "int32")` -> `(None, 2)`
    """
    inputs = keras.tree.map_shape_structure(lambda shape: keras.KerasTensor(shape, dtype), inputs_shape)
    return keras.tree.map_structure(lambda output: tuple(output.shape), model.compute_output_spec(inputs))
