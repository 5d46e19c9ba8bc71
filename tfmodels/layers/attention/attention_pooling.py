"""Attention pooling: one vector for a whole sequence."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers import masks
from tfmodels.layers.attention.cross_attention import make_attention
from tfmodels.layers.positive_sizes import check_positive
from tfmodels.layers.traced_output_spec import traced_output_spec


@keras.saving.register_keras_serializable("tfmodels")
class AttentionPooling(keras.layers.Layer):
    """The mean of a sequence's states, weighted by attention with a learned query (Yang et al., 2016).

    With `additive` the weights are the softmax of `v . tanh(W h_t + b)`, equations 5 and 6 of "Hierarchical Attention
    Networks for Document Classification": `v` is the paper's context vector, and `b` the projection of the layer's
    query.

    Args:
        dim: Width of the states.
        attention: `"additive"`, `"dot"`, `"general"`, `"scaled"` or `"multi_head"`; see `make_attention`.
        num_heads: Number of heads of multi-head attention, a divisor of `dim`.
        dropout: Dropout rate on the attention weights.

    Call arguments:
        states: `[batch, time, dim]`.
        mask, sequence_mask: bool `[batch, time]`, False at padding. Default: the mask that Keras passes.
        return_scores: Also return the attention weights before dropout, `[batch, heads, time]`.

    Returns:
        `[batch, dim]`; with `return_scores` a tuple with the attention weights. Both are zero in rows that are padding
        only.

    Raises:
        ValueError: The states have another width.

    Weights: query `[dim]`, and those of `attention`.

    Example:
        >>> pooling = AttentionPooling(64, "additive")
        >>> pooled, scores = pooling(states, sequence_mask=ids != 0, return_scores=True)
    """

    def __init__(
        self, dim: int, attention: str = "additive", num_heads: int = 1, dropout: float = 0.0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        check_positive(dim=dim)
        self.input_spec = keras.InputSpec(ndim=3)
        self._arguments = {"dim": dim, "attention": attention, "num_heads": num_heads, "dropout": dropout}
        self.dim = dim
        self.attention = make_attention(attention, dim, num_heads, dropout, self.dtype_policy, name="attention")

    def build(self, states_shape: tuple) -> None:  # noqa: D102
        if states_shape[-1] != self.dim:
            raise ValueError(f"Expected states of width {self.dim}, the layer's `dim`. Received: shape {states_shape}")
        initializer = keras.initializers.RandomNormal(stddev=self.dim**-0.5)
        self.query = self.add_weight(name="query", shape=[self.dim], initializer=initializer)
        self.attention.build((None, 1, self.dim), states_shape)

    def call(  # noqa: D102
        self,
        states: tf.Tensor,
        sequence_mask: tf.Tensor | None = None,
        return_scores: bool = False,
        training: bool | None = None,
        mask: tf.Tensor | None = None,
    ) -> tf.Tensor | tuple[tf.Tensor, tf.Tensor]:
        sequence_mask = masks.of_steps(states, sequence_mask, mask)
        if sequence_mask is None:
            sequence_mask = tf.ones(tf.shape(states)[:2], tf.bool)
        query = tf.cast(tf.convert_to_tensor(self.query), states.dtype)
        query = tf.broadcast_to(query, [tf.shape(states)[0], 1, self.dim])
        pooled, scores = self.attention(
            query,
            memory=states,
            attention_mask=masks.key_mask(sequence_mask),
            return_scores=True,
            training=training,
        )
        # Over padding only the softmax is uniform, and the result would depend on the amount of padding.
        pooled, scores = pooled[:, 0], scores[:, :, 0]
        has_tokens = tf.reduce_any(sequence_mask, axis=1)[:, tf.newaxis]  # [batch, 1]
        pooled = tf.where(has_tokens, pooled, tf.zeros([], pooled.dtype))
        if not return_scores:
            return pooled
        return pooled, tf.where(has_tokens[:, :, tf.newaxis], scores, tf.zeros([], scores.dtype))

    compute_output_spec = traced_output_spec

    def compute_output_shape(self, states_shape: tuple) -> tuple:  # noqa: D102
        return (states_shape[0], self.dim)

    def compute_mask(self, states: tf.Tensor, previous_mask: tf.Tensor | None) -> None:  # noqa: D102
        return None

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), **self._arguments}
