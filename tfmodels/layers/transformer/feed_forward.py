"""The position-wise feed-forward network of a Transformer layer."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers.dense import Dense
from tfmodels.layers.dropout import Dropout

ACTIVATIONS = ("relu", "gelu", "swiglu")


@keras.saving.register_keras_serializable("tfmodels")
class FeedForward(keras.layers.Layer):
    """Computes `W_2 dropout(activation(W_1 x))` at each position (Vaswani et al., 2017, eq. 2).

    With `"swiglu"` the hidden layer is `silu(W_g x) * W_1 x` (Shazeer, 2020); `W_g` is the first half of `inner`.

    Args:
        hidden_dim: Width of the hidden layer.
        activation: `"relu"`, `"gelu"` (exact) or `"swiglu"`.
        dropout: Dropout rate after the activation.

    Call arguments:
        x: `[..., dim]`.

    Returns:
        `[..., dim]`.

    Raises:
        ValueError: There is no such activation.

    Example:
        `FeedForward(2048)(tf.zeros([2, 5, 512]))` has shape `[2, 5, 512]`.
    """

    def __init__(self, hidden_dim: int, activation: str = "relu", dropout: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        if activation not in ACTIVATIONS:
            raise ValueError(f"Expected `activation` to be one of {ACTIVATIONS}. Received: activation={activation!r}")
        self.hidden_dim = hidden_dim
        self.activation = activation
        self.dropout_rate = dropout
        width = 2 * hidden_dim if activation == "swiglu" else hidden_dim
        self.inner = Dense(width, dtype=self.dtype_policy, name="inner")
        self.dropout = Dropout(dropout, dtype=self.dtype_policy, name="dropout")

    def build(self, x_shape: tuple) -> None:  # noqa: D102
        self.outer = Dense(x_shape[-1], dtype=self.dtype_policy, name="outer")
        self.inner.build(x_shape)
        self.outer.build([*x_shape[:-1], self.hidden_dim])

    def call(self, x: tf.Tensor, training: bool | None = None) -> tf.Tensor:  # noqa: D102
        hidden = self.inner(x)
        if self.activation == "relu":
            # Equal to dropout after the activation, but the gradient keeps one tensor of this width instead of two.
            return self.outer(tf.nn.relu(self.dropout(hidden, training=training)))
        if self.activation == "swiglu":
            gate, hidden = tf.split(hidden, 2, axis=-1)
            hidden = tf.nn.silu(gate) * hidden
        else:
            hidden = tf.nn.gelu(hidden, approximate=False)
        return self.outer(self.dropout(hidden, training=training))

    def compute_output_shape(self, x_shape: tuple) -> tuple:  # noqa: D102
        return tuple(x_shape)

    def get_config(self) -> dict:  # noqa: D102
        return {
            **super().get_config(),
            "hidden_dim": self.hidden_dim,
            "activation": self.activation,
            "dropout": self.dropout_rate,
        }
