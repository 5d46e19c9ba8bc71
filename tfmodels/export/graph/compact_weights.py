"""Weights stored in 8 or 16 bits in an export and expanded once, when it is loaded."""

import uuid
from collections.abc import Iterable

import numpy as np
import tensorflow as tf

FORMATS = ("float32", "bfloat16", "int8")
_LEVELS = 127


class CompactWeight(tf.saved_model.experimental.TrackableResource):
    """Replaces a variable in an export: stored in fewer bits, while the graph computes in float32.

    The variable in memory is set to the rounded values, so the model computes the same as its export.

    Args:
        variable: float32, of rank 2 or more.
        weights: `"bfloat16"`, or `"int8"`: integer multiples of one scale per row or per column, whichever has the
            smaller error.

    Attributes:
        variable: The variable.
        parts: The variables that are stored instead.

    Example:
        >>> compact = CompactWeight(variable, "int8")
        >>> module.resources, module.parts = [compact], compact.parts
        >>> tf.saved_model.save(module, folder, signatures)  # of functions that read `variable`
    """

    def __init__(self, variable: tf.Variable, weights: str) -> None:
        super().__init__()
        self.variable = variable
        rounded = int8(variable) if weights == "int8" else (tf.cast(variable, tf.bfloat16),)
        self.parts = [tf.Variable(part, trainable=False) for part in rounded]
        # Unique, so two exports loaded by one process do not share the variable.
        self._shared_name = f"compact_{uuid.uuid4().hex}"
        variable.assign(self._expanded())

    @property
    def resource_handle(self) -> tf.Tensor:
        """The handle that the exported functions capture: that of the variable."""
        return self.variable.handle

    def _create_resource(self) -> tf.Tensor:
        """The handle that replaces it in the export."""
        variable = self.variable
        return tf.raw_ops.VarHandleOp(dtype=variable.dtype, shape=variable.shape, shared_name=self._shared_name)

    def _initialize(self) -> None:
        """Called when the export is loaded, after the parts are restored."""
        tf.raw_ops.AssignVariableOp(resource=self.resource_handle, value=self._expanded())

    def _expanded(self) -> tf.Tensor:
        values, *scales = (tf.cast(part, tf.float32) for part in self.parts)
        return values * scales[0] if scales else values


def int8(matrix: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Rounds a matrix to 255 levels per row or per column.

    Args:
        matrix: float32 `[..., rows, columns]`.

    Returns:
        int8 of the shape of `matrix`, and the scales, which broadcast over it: their product approximates the matrix.

    Example:
        >>> whole, scale = int8(tf.constant([[1.0, 2.0], [30.0, 60.0]]))
        >>> tf.cast(whole, tf.float32) * scale
    """
    found = []
    for axis in (-1, -2):
        scale = tf.reduce_max(tf.abs(matrix), axis=axis, keepdims=True) / _LEVELS
        # Rows whose scale would be subnormal, including rows of zeros, become zeros.
        scale = tf.where(scale >= np.finfo(np.float32).tiny, scale, tf.ones_like(scale))
        whole = tf.round(matrix / scale)
        error = tf.reduce_sum(tf.square(matrix - whole * scale))
        found.append((float(error), tf.cast(whole, tf.int8), scale))
    _, whole, scale = min(found, key=lambda one: one[0])
    return whole, scale


def compact_weights(variables: Iterable[tf.Variable], weights: str) -> list[CompactWeight]:
    """Rounds the trained float32 matrices of an export; biases, norms and other vectors stay as they are.

    Args:
        variables: The variables of the export; rounded ones are set to the rounded values.
        weights: One of `FORMATS`; `"float32"` rounds nothing.

    Returns:
        The replacements of the rounded variables.

    Raises:
        ValueError: If the format is unknown.

    Example:
        `compact_weights(traced.variables, "int8")`
    """
    if weights not in FORMATS:
        raise ValueError(f"Expected weights to be one of {', '.join(FORMATS)}. Received: weights={weights!r}")
    if weights == "float32":
        return []
    return [
        CompactWeight(variable, weights)
        for variable in variables
        if variable.trainable and variable.dtype == tf.float32 and variable.shape.rank >= 2
    ]
