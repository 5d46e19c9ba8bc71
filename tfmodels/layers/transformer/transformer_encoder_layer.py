"""One layer of a Transformer encoder."""

from collections.abc import Callable

import keras
import tensorflow as tf

from tfmodels.layers import masks
from tfmodels.layers.attention.multi_head_attention import MultiHeadAttention
from tfmodels.layers.recomputed import recomputed
from tfmodels.layers.transformer.transformer_layer import TransformerLayer


@keras.saving.register_keras_serializable("tfmodels")
class TransformerEncoderLayer(TransformerLayer):
    """Self-attention and a position-wise network (Vaswani et al., 2017, section 3.1).

    The arguments are those of `TransformerLayer`.

    Call arguments:
        x: `[batch, time, d_model]`.
        attention_mask: bool `[time, time]`, `[batch, time, time]` or broadcastable to `[batch, heads, time, time]`;
            True = attend.
        return_scores: Also return the attention weights `[batch, heads, time, time]`, None where training recomputes
            them.
        mask: bool `[batch, time]`, False at padding, as Keras passes it; hides padding without `attention_mask`.

    Returns:
        `[batch, time, d_model]`; with `return_scores` a tuple with the attention weights.

    Weights in `torch.nn.TransformerEncoderLayer` (matrices transposed):
        attention: see `MultiHeadAttention`, there `self_attn`; feed_forward.inner: `linear1`;
        feed_forward.outer: `linear2`; attention_norm: `norm1`; feed_forward_norm: `norm2`.

    Example:
        >>> layer = TransformerEncoderLayer()
        >>> y = layer(tf.zeros([2, 10, 512]), attention_mask=tf.ones([2, 1, 1, 10], tf.bool))
    """

    def _make_sublayers(
        self, self_attention: Callable[..., MultiHeadAttention], cross_attention: Callable[..., MultiHeadAttention]
    ) -> None:
        self.attention = self_attention(name="attention")
        self.attention_norm = self._make_norm("attention_norm")
        self.feed_forward = self._make_feed_forward()
        self.feed_forward_norm = self._make_norm("feed_forward_norm")
        self.dropout = self._make_dropout()

    def build(self, x_shape: tuple) -> None:  # noqa: D102
        self._check_width(x_shape)
        for part in (self.attention, self.attention_norm, self.feed_forward, self.feed_forward_norm):
            part.build(x_shape)

    def call(  # noqa: D102
        self,
        x: tf.Tensor,
        attention_mask: tf.Tensor | None = None,
        return_scores: bool = False,
        training: bool | None = None,
        mask: tf.Tensor | None = None,
    ) -> tf.Tensor | tuple[tf.Tensor, tf.Tensor | None]:
        attention_mask = masks.given_or_padding(attention_mask, mask)
        if training and self.recompute:
            x = recomputed(self, lambda x: self._transform(x, attention_mask, False, training)[0], x)
            return (x, None) if return_scores else x
        x, scores = self._transform(x, attention_mask, return_scores, training)
        return (x, scores) if return_scores else x

    def _transform(
        self, x: tf.Tensor, attention_mask: tf.Tensor | None, return_scores: bool, training: bool | None
    ) -> tuple[tf.Tensor, tf.Tensor | None]:
        attended = self.attention(
            self._sublayer_input(x, self.attention_norm),
            attention_mask=attention_mask,
            return_scores=return_scores,
            training=training,
        )
        attended, scores = attended if return_scores else (attended, None)
        x = self._add(x, attended, self.attention_norm, training)
        return self._add_feed_forward(x, training), scores
