"""What additive and dot-product attention share."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers import masks
from tfmodels.layers.attention import decoding_step
from tfmodels.layers.attention.masked_softmax import masked_softmax
from tfmodels.layers.dropout import Dropout
from tfmodels.layers.traced_output_spec import traced_output_spec


class SingleHeadAttention(keras.layers.Layer):
    """Attention of one head: the mean of memory states, weighted by the softmax of their logits with a query.

    Args:
        dropout: Dropout rate on the attention weights.

    Call arguments:
        query: `[batch, query, dim]`.
        memory: None for the query itself, `[batch, key, memory_dim]`, or what `project_memory` returned.
        attention_mask: bool `[query, key]`, `[batch, query, key]` or broadcastable to `[batch, 1, query, key]`; True
            = attend.
        return_scores: Also return the attention weights before dropout, `[batch, 1, query, key]`.
        mask, memory_mask: bool `[batch, time]`, False at padding of `query` and of `memory`, as Keras passes them.
            Without `attention_mask` they hide padding from the queries.

    Returns:
        `[batch, query, memory_dim]`; with `return_scores` a tuple with the attention weights.

    A subclass defines `build`, `project_memory` and `logits`.
    """

    def __init__(self, dropout: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.input_spec = keras.InputSpec(ndim=3)
        self.dropout_rate = dropout
        self.dropout = Dropout(dropout, dtype=self.dtype_policy, name="dropout")

    def call(  # noqa: D102
        self,
        query: tf.Tensor,
        memory: tf.Tensor | tuple[tf.Tensor, tf.Tensor] | None = None,
        attention_mask: tf.Tensor | None = None,
        return_scores: bool = False,
        training: bool | None = None,
        mask: tf.Tensor | None = None,
        memory_mask: tf.Tensor | None = None,
    ) -> tf.Tensor | tuple[tf.Tensor, tf.Tensor]:
        padding = mask if memory is None else memory_mask
        attention_mask = masks.given_or_padding(attention_mask, None if isinstance(memory, tuple) else padding)
        memory = query if memory is None else memory
        decoding = isinstance(memory, tuple)
        keys, values = memory if decoding else self.project_memory(memory)
        scores = masked_softmax(self.logits(query, keys, decoding), attention_mask, self.compute_dtype, decoding)
        product = decoding_step.batched_product if decoding else tf.matmul
        output = product(self.dropout(scores, training=training), values)[0]
        return (output, scores[0][:, tf.newaxis]) if return_scores else output

    compute_output_spec = traced_output_spec

    def compute_output_shape(self, query_shape: tuple, memory_shape: tuple | None = None) -> tuple:  # noqa: D102
        return (*query_shape[:-1], (memory_shape or query_shape)[-1])

    def project_memory(self, memory: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """The keys and values of a memory, to be computed once for many decoding steps.

        Args:
            memory: `[batch, key, memory_dim]`.

        Returns:
            Keys `[1, batch, key, key_dim]` and values `[1, batch, key, memory_dim]`; the first axis is the one head.
        """
        raise NotImplementedError

    def logits(self, query: tf.Tensor, keys: tf.Tensor, decoding: bool) -> tf.Tensor:
        """The attention logits.

        Args:
            query: `[batch, query, dim]`.
            keys: Of `project_memory`.
            decoding: Whether the queries are those of a decoding step, see `decoding_step`.

        Returns:
            `[1, batch, query, key]`.
        """
        raise NotImplementedError

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), "dropout": self.dropout_rate}
