"""What the encoder and decoder layers of a Transformer share."""

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers.attention.multi_head_attention import MultiHeadAttention, head_dim
from tfmodels.layers.dropout import Dropout
from tfmodels.layers.layer_normalization import LayerNormalization
from tfmodels.layers.traced_output_spec import traced_output_spec
from tfmodels.layers.transformer.feed_forward import FeedForward


class TransformerLayer(keras.layers.Layer):
    """Sublayers with residual connections, the last of them a position-wise network (Vaswani et al., 2017).

    A sublayer `f` computes `norm(x + f(x))` with post-norm and `x + f(norm(x))` with pre-norm (Xiong et al., 2020). A
    stack of pre-norm layers needs one more norm at its end.

    Args:
        d_model: Width of the states.
        num_heads: Number of attention heads, a divisor of `d_model`.
        feed_forward_dim: Width of the hidden layer of the position-wise network.
        dropout: Dropout rate on the output of every sublayer.
        activation: `"relu"`, `"gelu"` or `"swiglu"`.
        norm_first: Pre-norm instead of post-norm.
        num_kv_heads: See `MultiHeadAttention`.
        rotary: Rotary positions in the self-attention; see `MultiHeadAttention`.
        attention_dropout: Dropout rate on the attention weights; None takes `dropout`.
        query_chunk: Number of queries that the self-attention processes at a time, 0 for all; requires an
            `attention_dropout` of 0.
        recompute: Keep only the layer's inputs for the backward pass and compute the activations again; see
            `recomputed`.
        activation_dropout: Dropout rate inside the position-wise network; None takes `dropout`.

    A subclass defines `_make_sublayers`, `build` and `call`.
    """

    feed_forward: FeedForward
    feed_forward_norm: LayerNormalization
    dropout: Dropout

    def __init__(
        self,
        d_model: int = 512,
        num_heads: int = 8,
        feed_forward_dim: int = 2048,
        dropout: float = 0.1,
        activation: str = "relu",
        norm_first: bool = False,
        num_kv_heads: int | None = None,
        rotary: bool = False,
        attention_dropout: float | None = None,
        query_chunk: int = 0,
        recompute: bool = False,
        activation_dropout: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.input_spec = keras.InputSpec(ndim=3)
        self._arguments: dict[str, Any] = {
            "d_model": d_model,
            "num_heads": num_heads,
            "feed_forward_dim": feed_forward_dim,
            "dropout": dropout,
            "activation": activation,
            "norm_first": norm_first,
            "num_kv_heads": num_kv_heads,
            "rotary": rotary,
            "attention_dropout": attention_dropout,
            "query_chunk": query_chunk,
            "activation_dropout": activation_dropout,
        }
        self.norm_first = norm_first
        self.recompute = recompute
        attention = partial(
            MultiHeadAttention,
            num_heads,
            head_dim(d_model, num_heads),
            num_kv_heads,
            dropout if attention_dropout is None else attention_dropout,
            dtype=self.dtype_policy,
        )
        self._make_sublayers(partial(attention, rotary=rotary, query_chunk=query_chunk), attention)

    def _check_width(self, x_shape: tuple) -> None:
        if x_shape[-1] != self._arguments["d_model"]:
            raise ValueError(
                f"Expected x of width {self._arguments['d_model']}, the layer's `d_model`. Received: shape {x_shape}"
            )

    compute_output_spec = traced_output_spec

    def compute_output_shape(self, x_shape: tuple, memory_shape: tuple | None = None) -> tuple:  # noqa: D102
        return tuple(x_shape)

    def _make_sublayers(
        self, self_attention: Callable[..., MultiHeadAttention], cross_attention: Callable[..., MultiHeadAttention]
    ) -> None:
        """Makes the sublayers in the order in which checkpoints list their weights."""
        raise NotImplementedError

    def _make_feed_forward(self) -> FeedForward:
        width, activation, own = (
            self._arguments[name] for name in ("feed_forward_dim", "activation", "activation_dropout")
        )
        rate = self._arguments["dropout"] if own is None else own
        return FeedForward(width, activation, rate, name="feed_forward", dtype=self.dtype_policy)

    def _make_norm(self, name: str) -> LayerNormalization:
        return LayerNormalization(name=name, dtype=self.dtype_policy)

    def _make_dropout(self) -> Dropout:
        return Dropout(self._arguments["dropout"], name="dropout", dtype=self.dtype_policy)

    def _sublayer_input(self, x: tf.Tensor, norm: LayerNormalization) -> tf.Tensor:
        return norm(x) if self.norm_first else x

    def _add(self, x: tf.Tensor, output: tf.Tensor, norm: LayerNormalization, training: bool | None) -> tf.Tensor:
        """The residual connection around a sublayer."""
        total = x + self.dropout(output, training=training)
        return total if self.norm_first else norm(total)

    def _add_feed_forward(self, x: tf.Tensor, training: bool | None) -> tf.Tensor:
        output = self.feed_forward(self._sublayer_input(x, self.feed_forward_norm), training=training)
        return self._add(x, output, self.feed_forward_norm, training)

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), **self._arguments, "recompute": self.recompute}
