"""Layer normalisation with a gradient that needs little memory."""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers.dense import leading_shape


@keras.saving.register_keras_serializable("tfmodels")
class LayerNormalization(keras.layers.LayerNormalization):
    """`keras.layers.LayerNormalization` over the last axis with a custom gradient (Ba et al., 2016).

    With the derivative written out, a training step keeps two tensors per norm instead of six. The means over the
    features are matrix products, which run on all cores of a CPU. Arguments, weights and results are the parent's;
    computed in at least float32. Other axes, and norms without scale or center, are the parent's own.

    Args:
        epsilon: Added to the variance. The default is PyTorch's.

    Example:
        `LayerNormalization()(tf.random.normal([2, 10, 512]))`
    """

    def __init__(self, epsilon: float = 1e-5, **kwargs: Any) -> None:
        super().__init__(epsilon=epsilon, **kwargs)

    def build(self, input_shape: tuple) -> None:  # noqa: D102
        axes = [self.axis] if isinstance(self.axis, int) else self.axis
        self.input_spec = keras.InputSpec(axes={axis: input_shape[axis] for axis in axes})  # 1 would broadcast
        super().build(input_shape)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:  # noqa: D102
        if self.axis not in ([-1], [inputs.shape.rank - 1]) or self.gamma is None or self.beta is None:
            return super().call(inputs)
        dtype = tf.float64 if inputs.dtype == tf.float64 else tf.float32
        rows = tf.reshape(tf.cast(inputs, dtype), [-1, inputs.shape[-1]])
        gamma, beta = (tf.cast(tf.convert_to_tensor(weight), dtype) for weight in (self.gamma, self.beta))
        normalised = _normalise(rows, gamma, beta, self.epsilon)
        shape = [*leading_shape(inputs), inputs.shape[-1]]
        return tf.cast(tf.reshape(normalised, shape), self.compute_dtype)


def _normalise(rows: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, epsilon: float) -> tf.Tensor:
    """Normalises `[rows, dim]`, then scales by `gamma` and shifts by `beta`, both `[dim]`."""
    dim = rows.shape[-1]
    average = tf.fill([dim, 1], tf.cast(1.0 / dim, rows.dtype))

    @tf.custom_gradient
    def forward(rows: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) -> tuple[tf.Tensor, Callable]:
        centred = rows - tf.matmul(rows, average)
        scale = tf.math.rsqrt(tf.matmul(tf.square(centred), average) + epsilon)  # [rows, 1]
        normal = centred * scale

        def backward(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
            inner = upstream * gamma
            projection = tf.matmul(inner * normal, average)
            gradient = scale * (inner - tf.matmul(inner, average) - normal * projection)
            ones = tf.ones([1, tf.shape(upstream)[0]], upstream.dtype)
            return gradient, tf.matmul(ones, upstream * normal)[0], tf.matmul(ones, upstream)[0]

        return normal * gamma + beta, backward

    return forward(rows, gamma, beta)
