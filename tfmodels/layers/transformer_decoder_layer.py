"""One layer of a Transformer decoder."""

from functools import partial
from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers import residual
from tfmodels.layers.attention.cross_attention import attend
from tfmodels.layers.attention.multi_head_attention import MultiHeadAttention, head_dim
from tfmodels.layers.dropout import Dropout
from tfmodels.layers.feed_forward import FeedForward
from tfmodels.layers.layer_normalization import LayerNormalization
from tfmodels.layers.recomputed import recomputed


@keras.saving.register_keras_serializable("tfmodels")
class TransformerDecoderLayer(keras.layers.Layer):
    """Causal self-attention, cross-attention and a position-wise network (Vaswani et al., 2017, section 3.1).

    Each of the three has a residual connection; pre- and post-norm as in `TransformerEncoderLayer`.

    Args:
        d_model: Width of the states.
        num_heads: Attention heads, a divisor of `d_model`.
        feed_forward_dim: Width of the inner layer of the position-wise network.
        dropout: Rate on the attention weights, inside the network and on the three branches.
        activation: `"relu"`, `"gelu"` or `"swiglu"`.
        norm_first: Pre-norm instead of post-norm.
        num_kv_heads: See `MultiHeadAttention`.
        rotary: Rotary positions in the self-attention; see `MultiHeadAttention`.
        recompute: Keep only the layer's inputs for the backward pass, which computes the rest again; see `recomputed`.

    Call arguments:
        x: `[batch, time, d_model]`. With `cache` the batch may be `k` times the memory's: rows `k i` to
            `k i + k - 1` look at memory `i`.
        memory: `[batch, source, d_model]`, or what many decoding steps prepare once: a dict of `memory`, by
            `cross_attention.project_memory`, and `projection`, by `self_attention.join_projections`.
        self_attention_mask: bool, broadcastable to `[batch, heads, time, time]`; with `cache` as `MultiHeadAttention`
            takes it.
        cross_attention_mask: bool, broadcastable to `[batch, heads, time, source]`.
        cache: None, or the self-attention's buffer (`MultiHeadAttention.start_cache`).
        position: int32, with `cache`: where the first of `x` stands, in all rows.
        return_scores: Also return a dict of `"self_attention"` and `"cross_attention"`, `[batch, heads, time, key]`; an
            empty one where training recomputes them.

    Returns:
        `[batch, time, d_model]`; with `return_scores` a tuple with the dict, with `cache` a tuple with the cache; with
        both a tuple with the cache and a dict of the `"cross_attention"` alone, as `attend` gives it.

    Weights in `torch.nn.TransformerDecoderLayer` (matrices transposed):
        self_attention: `self_attn`; cross_attention: `multihead_attn` (both as in `MultiHeadAttention`);
        feed_forward.inner: `linear1`; feed_forward.outer: `linear2`; self_attention_norm: `norm1`;
        cross_attention_norm: `norm2`; feed_forward_norm: `norm3`.

    Example:
        >>> layer = TransformerDecoderLayer()
        >>> causal = masks.causal_mask(tf.range(10)[None], 10)
        >>> y = layer(tf.zeros([2, 10, 512]), tf.zeros([2, 7, 512]), self_attention_mask=causal)
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
        }
        self.norm_first = norm_first
        self.recompute = recompute
        policy = self.dtype_policy
        key_dim = head_dim(d_model, num_heads)
        self.self_attention = MultiHeadAttention(
            num_heads, key_dim, num_kv_heads, dropout, rotary=rotary, name="self_attention", dtype=policy
        )
        self.cross_attention = MultiHeadAttention(
            num_heads, key_dim, num_kv_heads, dropout, name="cross_attention", dtype=policy
        )
        self.feed_forward = FeedForward(feed_forward_dim, activation, dropout, name="feed_forward", dtype=policy)
        self.self_attention_norm = LayerNormalization(name="self_attention_norm", dtype=policy)
        self.cross_attention_norm = LayerNormalization(name="cross_attention_norm", dtype=policy)
        self.feed_forward_norm = LayerNormalization(name="feed_forward_norm", dtype=policy)
        self.dropout = Dropout(dropout, name="dropout", dtype=policy)

    def build(self, x_shape: tuple, memory_shape: tuple) -> None:  # noqa: D102
        self.cross_attention.build(x_shape, memory_shape)
        for part in (self.self_attention, self.feed_forward):
            part.build(x_shape)
        for norm in (self.self_attention_norm, self.cross_attention_norm, self.feed_forward_norm):
            norm.build(x_shape)

    def call(  # noqa: D102
        self,
        x: tf.Tensor,
        memory: tf.Tensor | dict[str, tuple[tf.Tensor, ...]],
        self_attention_mask: tf.Tensor | None = None,
        cross_attention_mask: tf.Tensor | None = None,
        cache: tf.Tensor | None = None,
        position: tf.Tensor | None = None,
        return_scores: bool = False,
        training: bool | None = None,
    ) -> tf.Tensor | tuple[tf.Tensor, Any]:
        if training and self.recompute:
            hidden = {"self_attention_mask": self_attention_mask, "cross_attention_mask": cross_attention_mask}
            x = recomputed(self, partial(self._transform, **hidden, training=training), x, memory)
            return (x, {}) if return_scores else x
        return self._transform(
            x, memory, self_attention_mask, cross_attention_mask, cache, position, return_scores, training
        )

    def _transform(
        self,
        x: tf.Tensor,
        memory: tf.Tensor | dict[str, tuple[tf.Tensor, ...]],
        self_attention_mask: tf.Tensor | None,
        cross_attention_mask: tf.Tensor | None,
        cache: tf.Tensor | None = None,
        position: tf.Tensor | None = None,
        return_scores: bool = False,
        training: bool | None = None,
    ) -> tf.Tensor | tuple[tf.Tensor, Any]:
        prepared = memory if isinstance(memory, dict) else {"memory": memory, "projection": None}
        seen = residual.enter(x, self.self_attention_norm, self.norm_first)
        attended, self_scores = self.self_attention(
            seen,
            attention_mask=self_attention_mask,
            cache=cache,
            position=position,
            projection=prepared["projection"],
            return_scores=True,
            training=training,
        )
        if cache is not None:
            cache = self_scores
        x = residual.leave(x, self.dropout(attended, training=training), self.self_attention_norm, self.norm_first)

        seen = residual.enter(x, self.cross_attention_norm, self.norm_first)
        attended, cross_scores = attend(self.cross_attention, seen, prepared["memory"], cross_attention_mask, training)
        x = residual.leave(x, self.dropout(attended, training=training), self.cross_attention_norm, self.norm_first)

        seen = residual.enter(x, self.feed_forward_norm, self.norm_first)
        mapped = self.feed_forward(seen, training=training)
        x = residual.leave(x, self.dropout(mapped, training=training), self.feed_forward_norm, self.norm_first)
        if cache is not None:
            return (x, cache, {"cross_attention": cross_scores}) if return_scores else (x, cache)
        return (x, {"self_attention": self_scores, "cross_attention": cross_scores}) if return_scores else x

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), **self._arguments, "recompute": self.recompute}
