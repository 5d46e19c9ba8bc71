"""One layer of a Transformer decoder."""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers import masks
from tfmodels.layers.attention.cross_attention import attend
from tfmodels.layers.attention.multi_head_attention import MultiHeadAttention
from tfmodels.layers.recomputed import recomputed
from tfmodels.layers.transformer.transformer_layer import TransformerLayer


@keras.saving.register_keras_serializable("tfmodels")
class TransformerDecoderLayer(TransformerLayer):
    """Causal self-attention, cross-attention and a position-wise network (Vaswani et al., 2017, section 3.1).

    The arguments are those of `TransformerLayer`.

    Call arguments:
        x: `[batch, time, d_model]`. With `cache` the batch may be `k` times the memory's: rows `k i` to
            `k i + k - 1` attend to memory `i`.
        memory: `[batch, source, d_model]`, or what is computed once for many decoding steps: a dict of `memory`, from
            `cross_attention.project_memory`, and `projection`, from `self_attention.join_projections`.
        self_attention_mask: bool, broadcastable to `[batch, heads, time, time]`; with `cache` as `MultiHeadAttention`
            takes it. Default: each step attends to itself and to earlier ones that are not padding.
        cross_attention_mask: bool, broadcastable to `[batch, heads, time, source]`. Default: all but padding.
        cache: None, or the self-attention's buffer (`MultiHeadAttention.start_cache`).
        position: int32, with `cache`: the position of the first step of `x`, the same in all rows.
        return_scores: Also return the attention weights, a dict of `"self_attention"` and `"cross_attention"`,
            `[batch, heads, time, key]`; where training recomputes activations the latter alone.
        x_mask, memory_mask: bool `[batch, time]`, False at padding of `x` and of `memory`, as Keras passes them.

    Returns:
        `[batch, time, d_model]`; with `return_scores` a tuple with the dict, with `cache` a tuple with the cache; with
        both a tuple with the cache and a dict of the `"cross_attention"` alone, as `attend` gives it.

    Weights in `torch.nn.TransformerDecoderLayer` (matrices transposed):
        self_attention: `self_attn`; cross_attention: `multihead_attn` (both as in `MultiHeadAttention`);
        feed_forward.inner: `linear1`; feed_forward.outer: `linear2`; self_attention_norm: `norm1`;
        cross_attention_norm: `norm2`; feed_forward_norm: `norm3`.

    Example:
        >>> layer = TransformerDecoderLayer()
        >>> y = layer(tf.zeros([2, 10, 512]), tf.zeros([2, 7, 512]))
    """

    def _make_sublayers(
        self, self_attention: Callable[..., MultiHeadAttention], cross_attention: Callable[..., MultiHeadAttention]
    ) -> None:
        self.self_attention = self_attention(name="self_attention")
        self.cross_attention = cross_attention(name="cross_attention")
        self.feed_forward = self._make_feed_forward()
        self.self_attention_norm = self._make_norm("self_attention_norm")
        self.cross_attention_norm = self._make_norm("cross_attention_norm")
        self.feed_forward_norm = self._make_norm("feed_forward_norm")
        self.dropout = self._make_dropout()

    def build(self, x_shape: tuple, memory_shape: tuple) -> None:  # noqa: D102
        self._check_width(x_shape)
        self.cross_attention.build(x_shape, memory_shape)
        for part in (self.self_attention, self.feed_forward):
            part.build(x_shape)
        for norm in (self.self_attention_norm, self.cross_attention_norm, self.feed_forward_norm):
            norm.build(x_shape)

    def call(  # noqa: D102
        self,
        x: tf.Tensor,
        memory: tf.Tensor | dict[str, Any],
        self_attention_mask: tf.Tensor | None = None,
        cross_attention_mask: tf.Tensor | None = None,
        cache: tf.Tensor | None = None,
        position: tf.Tensor | None = None,
        return_scores: bool = False,
        training: bool | None = None,
        x_mask: tf.Tensor | None = None,
        memory_mask: tf.Tensor | None = None,
    ) -> tf.Tensor | tuple[tf.Tensor, Any] | tuple[tf.Tensor, tf.Tensor, dict[str, tf.Tensor]]:
        if self_attention_mask is None and cache is None:
            self_attention_mask = masks.causal_mask(tf.range(tf.shape(x)[1])[tf.newaxis])
            if x_mask is not None:
                self_attention_mask &= masks.key_mask(x_mask)
        padding = None if isinstance(memory, dict) else memory_mask
        cross_attention_mask = masks.given_or_padding(cross_attention_mask, padding)

        def transform(x: tf.Tensor, memory: Any, return_scores: bool) -> tuple[tf.Tensor, Any, dict[str, tf.Tensor]]:
            attention_masks = (self_attention_mask, cross_attention_mask)
            return self._transform(x, memory, attention_masks, cache, position, return_scores, training)

        if training and self.recompute and not isinstance(memory, dict):

            def outputs(x: tf.Tensor, memory: tf.Tensor) -> tf.Tensor | tuple[tf.Tensor, tf.Tensor]:
                x, _, scores = transform(x, memory, return_scores)
                return (x, scores["cross_attention"]) if return_scores else x

            if not return_scores:
                return recomputed(self, outputs, x, memory)
            x, cross = recomputed(self, outputs, x, memory)
            return x, {"cross_attention": cross}

        x, cache, scores = transform(x, memory, return_scores)
        if cache is not None:
            return (x, cache, scores) if return_scores else (x, cache)
        return (x, scores) if return_scores else x

    def _transform(
        self,
        x: tf.Tensor,
        memory: tf.Tensor | dict[str, Any],
        attention_masks: tuple[tf.Tensor | None, tf.Tensor | None],
        cache: tf.Tensor | None,
        position: tf.Tensor | None,
        return_scores: bool,
        training: bool | None,
    ) -> tuple[tf.Tensor, tf.Tensor | None, dict[str, tf.Tensor]]:
        prepared = memory if isinstance(memory, dict) else {"memory": memory, "projection": None}
        attended = self.self_attention(
            self._sublayer_input(x, self.self_attention_norm),
            attention_mask=attention_masks[0],
            cache=cache,
            position=position,
            projection=prepared["projection"],
            return_scores=return_scores,
            training=training,
        )
        scores = {}
        if cache is not None:
            attended, cache = attended
        elif return_scores:
            attended, scores["self_attention"] = attended
        x = self._add(x, attended, self.self_attention_norm, training)

        queries = self._sublayer_input(x, self.cross_attention_norm)
        attended, scores["cross_attention"] = attend(
            self.cross_attention, queries, prepared["memory"], attention_masks[1], training
        )
        x = self._add(x, attended, self.cross_attention_norm, training)
        return self._add_feed_forward(x, training), cache, scores
