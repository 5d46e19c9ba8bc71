"""Attention by a small network over query and key."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers.attention import few_queries
from tfmodels.layers.attention.masked_softmax import masked_softmax
from tfmodels.layers.dropout import Dropout


@keras.saving.register_keras_serializable("tfmodels")
class AdditiveAttention(keras.layers.Layer):
    """Attention of Bahdanau et al. (2015), "Neural Machine Translation by Jointly Learning to Align and Translate".

    With query `q` and memory states `m_j` the logits are (appendix A.1.2)

        v . tanh(W_q q + W_k m_j)

    and the output is the mean of the states under their softmax. `keras.layers.AdditiveAttention` has neither `W_q` nor
    `W_k`. Takes memory for `batch * query * key * units` numbers.

    Args:
        units: Width of the inner layer.
        dropout: Rate on the attention weights.

    Call arguments:
        query: `[batch, query, dim]`.
        memory: None for the query itself, `[batch, key, memory_dim]`, or what `project_memory` returned.
        attention_mask: bool, broadcastable to `[batch, 1, query, key]`, True = may look.
        return_scores: Also return the attention weights, `[batch, 1, query, key]`, before dropout.

    Returns:
        `[batch, query, memory_dim]`; with `return_scores` a tuple `(output, scores)`.

    Weights: query_kernel `[dim, units]`, key_kernel `[memory_dim, units]`, score_kernel `[units]`.

    Example:
        >>> attention = AdditiveAttention(64)
        >>> context = attention(tf.random.normal([2, 10, 64]), memory=tf.random.normal([2, 7, 32]))
    """

    def __init__(self, units: int, dropout: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.dropout_rate = dropout
        self.dropout = Dropout(dropout, dtype=self.dtype_policy, name="dropout")

    def build(self, query_shape: tuple, memory_shape: tuple | None = None) -> None:  # noqa: D102
        dim, memory_dim = query_shape[-1], (memory_shape or query_shape)[-1]
        self.query_kernel = self.add_weight(name="query_kernel", shape=[dim, self.units], initializer="glorot_uniform")
        self.key_kernel = self.add_weight(
            name="key_kernel", shape=[memory_dim, self.units], initializer="glorot_uniform"
        )
        initializer = keras.initializers.RandomNormal(stddev=self.units**-0.5)
        self.score_kernel = self.add_weight(name="score_kernel", shape=[self.units], initializer=initializer)

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
        keys, values = memory if few else self.project_memory(memory)
        queries = tf.tensordot(query, self._cast(self.query_kernel, query), 1)
        inner = tf.tanh(queries[:, :, tf.newaxis] + keys[0][:, tf.newaxis])  # [batch, query, key, units]
        # Not `tf.linalg.matvec`: with oneDNN a product that is broadcast over four axes writes past its result.
        logits = tf.tensordot(inner, self._cast(self.score_kernel, query), 1)[tf.newaxis]  # [1, batch, query, key]
        scores = masked_softmax(logits, attention_mask, self.compute_dtype, few)
        product = few_queries.batched_product if few else tf.matmul
        output = product(self.dropout(scores, training=training), values)[0]
        return (output, scores[0][:, tf.newaxis]) if return_scores else output

    def project_memory(self, memory: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Keys and values of a memory that many decoding steps look at.

        Args:
            memory: `[batch, key, memory_dim]`.

        Returns:
            Keys `[1, batch, key, units]` and values `[1, batch, key, memory_dim]`; the first axis is the one head.
        """
        return tf.tensordot(memory, self._cast(self.key_kernel, memory), 1)[tf.newaxis], memory[tf.newaxis]

    def _cast(self, weight: keras.Variable, like: tf.Tensor) -> tf.Tensor:
        return tf.cast(tf.convert_to_tensor(weight), like.dtype)

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), "units": self.units, "dropout": self.dropout_rate}
