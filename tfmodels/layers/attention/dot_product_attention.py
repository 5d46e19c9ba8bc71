"""Attention by products of states."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers.attention import few_queries
from tfmodels.layers.attention.masked_softmax import masked_softmax
from tfmodels.layers.dropout import Dropout

FORMS = ("dot", "general", "scaled")


@keras.saving.register_keras_serializable("tfmodels")
class DotProductAttention(keras.layers.Layer):
    """Global attention of Luong et al. (2015), "Effective Approaches to Attention-based Neural Machine Translation".

    With query `q` and memory states `m_j` the logits are (eq. 8)

        dot:      q . m_j
        general:  q . (W m_j)
        scaled:   q . m_j / sqrt(dim)      (Vaswani et al., 2017, eq. 1)

    and the output is the mean of the states under their softmax. `keras.layers.Attention` has no `W`.

    Args:
        form: `"dot"`, `"general"` or `"scaled"`; all but `general` need a memory as wide as the query.
        dropout: Rate on the attention weights.

    Call arguments:
        query: `[batch, query, dim]`.
        memory: None for the query itself, `[batch, key, memory_dim]`, or what `project_memory` returned.
        attention_mask: bool, broadcastable to `[batch, 1, query, key]`, True = may look.
        return_scores: Also return the attention weights, `[batch, 1, query, key]`, before dropout.

    Returns:
        `[batch, query, memory_dim]`; with `return_scores` a tuple `(output, scores)`.

    Weights: with `general` `kernel` `[memory_dim, dim]`, the transposed `W`.

    Example:
        >>> attention = DotProductAttention("general")
        >>> context = attention(tf.random.normal([2, 10, 64]), memory=tf.random.normal([2, 7, 32]))
    """

    def __init__(self, form: str = "dot", dropout: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if form not in FORMS:
            raise ValueError(f"Expected `form` to be one of {FORMS}. Received: form={form!r}")
        self.form = form
        self.dropout_rate = dropout
        self.dropout = Dropout(dropout, dtype=self.dtype_policy, name="dropout")

    def build(self, query_shape: tuple, memory_shape: tuple | None = None) -> None:  # noqa: D102
        dim, memory_dim = query_shape[-1], (memory_shape or query_shape)[-1]
        if self.form == "general":
            self.kernel = self.add_weight(name="kernel", shape=[memory_dim, dim], initializer="glorot_uniform")
        elif dim != memory_dim:
            raise ValueError(
                f"Expected a memory as wide as the query, or form='general'. Received: form={self.form!r}, "
                f"query width {dim}, memory width {memory_dim}"
            )

    def call(  # noqa: D102
        self,
        query: tf.Tensor,
        memory: tf.Tensor | tuple[tf.Tensor, tf.Tensor] | None = None,
        attention_mask: tf.Tensor | None = None,
        return_scores: bool = False,
        training: bool | None = None,
    ) -> tf.Tensor | tuple[tf.Tensor, tf.Tensor]:
        memory = query if memory is None else memory
        few = isinstance(memory, tuple)  # queries, those of a decoding step
        product = few_queries.batched_product if few else tf.matmul
        keys, values = memory if few else self.project_memory(memory)
        if self.form == "scaled":
            query *= query.shape[-1] ** -0.5
        logits = product(query[tf.newaxis], keys, transpose_b=True)  # [1, batch, query, key]
        scores = masked_softmax(logits, attention_mask, self.compute_dtype, few)
        output = product(self.dropout(scores, training=training), values)[0]
        return (output, scores[0][:, tf.newaxis]) if return_scores else output

    def project_memory(self, memory: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Keys and values of a memory that many decoding steps look at.

        Args:
            memory: `[batch, key, memory_dim]`.

        Returns:
            Keys `[1, batch, key, dim]` and values `[1, batch, key, memory_dim]`; the first axis is the one head.
        """
        keys = memory
        if self.form == "general":
            keys = tf.matmul(memory, tf.cast(tf.convert_to_tensor(self.kernel), memory.dtype))
        return keys[tf.newaxis], memory[tf.newaxis]

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), "form": self.form, "dropout": self.dropout_rate}
