"""One layer of a Transformer encoder."""

from functools import partial
from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers import residual
from tfmodels.layers.attention.multi_head_attention import MultiHeadAttention, head_dim
from tfmodels.layers.dropout import Dropout
from tfmodels.layers.feed_forward import FeedForward
from tfmodels.layers.layer_normalization import LayerNormalization
from tfmodels.layers.recomputed import recomputed


@keras.saving.register_keras_serializable("tfmodels")
class TransformerEncoderLayer(keras.layers.Layer):
    """Self-attention and a position-wise network, each with a residual connection (Vaswani et al., 2017, section 3.1).

    Post-norm is `norm(x + f(x))`, pre-norm `x + f(norm(x))` (Xiong et al., 2020); a stack of pre-norm layers needs
    one more norm at its end.

    Args:
        d_model: Width of the states.
        num_heads: Attention heads, a divisor of `d_model`.
        feed_forward_dim: Width of the inner layer of the position-wise network.
        dropout: Rate inside the network and on both branches.
        attention_dropout: Rate on the attention weights; None takes `dropout`.
        activation: `"relu"`, `"gelu"` or `"swiglu"`.
        norm_first: Pre-norm instead of post-norm.
        num_kv_heads: See `MultiHeadAttention`.
        rotary: See `MultiHeadAttention`; so is the next one.
        query_chunk: Queries that attend at a time, 0 for all; goes with an `attention_dropout` of 0.
        recompute: Keep only the layer's input for the backward pass, which computes the rest again; see `recomputed`.

    Call arguments:
        x: `[batch, time, d_model]`.
        attention_mask: bool, broadcastable to `[batch, heads, time, time]`, True = may look.
        return_scores: Also return the attention weights `[batch, heads, time, time]`, None where training recomputes
            them.

    Weights in `torch.nn.TransformerEncoderLayer` (matrices transposed):
        attention: see `MultiHeadAttention`, there `self_attn`; feed_forward.inner: `linear1`;
        feed_forward.outer: `linear2`; attention_norm: `norm1`; feed_forward_norm: `norm2`.

    Example:
        >>> layer = TransformerEncoderLayer()
        >>> y = layer(tf.zeros([2, 10, 512]), attention_mask=tf.ones([2, 1, 1, 10], tf.bool))
    """

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
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._arguments = {
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
        }
        self.norm_first = norm_first
        self.recompute = recompute
        policy = {"dtype": self.dtype_policy}
        self.attention = MultiHeadAttention(
            num_heads,
            head_dim(d_model, num_heads),
            num_kv_heads,
            dropout if attention_dropout is None else attention_dropout,
            rotary=rotary,
            query_chunk=query_chunk,
            name="attention",
            **policy,
        )
        self.attention_norm = LayerNormalization(name="attention_norm", dtype=self.dtype_policy)
        self.feed_forward = FeedForward(feed_forward_dim, activation, dropout, name="feed_forward", **policy)
        self.feed_forward_norm = LayerNormalization(name="feed_forward_norm", dtype=self.dtype_policy)
        self.dropout = Dropout(dropout, name="dropout", **policy)

    def build(self, x_shape: tuple) -> None:  # noqa: D102
        for part in (self.attention, self.attention_norm, self.feed_forward, self.feed_forward_norm):
            part.build(x_shape)

    def call(  # noqa: D102
        self,
        x: tf.Tensor,
        attention_mask: tf.Tensor | None = None,
        return_scores: bool = False,
        training: bool | None = None,
    ) -> tf.Tensor | tuple[tf.Tensor, tf.Tensor | None]:
        if training and self.recompute:
            x = recomputed(
                self, partial(self._transform, attention_mask=attention_mask, return_scores=False, training=training), x
            )
            return (x, None) if return_scores else x
        return self._transform(x, attention_mask, return_scores, training)

    def _transform(
        self, x: tf.Tensor, attention_mask: tf.Tensor | None, return_scores: bool, training: bool | None
    ) -> tf.Tensor | tuple[tf.Tensor, tf.Tensor]:
        seen = residual.enter(x, self.attention_norm, self.norm_first)
        attended = self.attention(seen, attention_mask=attention_mask, return_scores=return_scores, training=training)
        scores = None
        if return_scores:
            attended, scores = attended
        x = residual.leave(x, self.dropout(attended, training=training), self.attention_norm, self.norm_first)

        seen = residual.enter(x, self.feed_forward_norm, self.norm_first)
        mapped = self.feed_forward(seen, training=training)
        x = residual.leave(x, self.dropout(mapped, training=training), self.feed_forward_norm, self.norm_first)
        return (x, scores) if return_scores else x

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), **self._arguments, "recompute": self.recompute}
