"""Additive attention, by a small network over query and key."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers.attention.single_head_attention import SingleHeadAttention
from tfmodels.layers.positive_sizes import check_positive


@keras.saving.register_keras_serializable("tfmodels")
class AdditiveAttention(SingleHeadAttention):
    """Attention of Bahdanau et al. (2015), "Neural Machine Translation by Jointly Learning to Align and Translate".

    With query `q` and memory states `m_j` the logits are (appendix A.1.2)

        v . tanh(W_q q + W_k m_j)

    `keras.layers.AdditiveAttention` has neither `W_q` nor `W_k`. The layer needs memory for
    `batch * query * key * units` numbers. Called like `SingleHeadAttention`.

    Args:
        units: Width of the network.
        dropout: Dropout rate on the attention weights.

    Weights: query_kernel `[dim, units]`, key_kernel `[memory_dim, units]`, score_kernel `[units]`.

    Example:
        >>> attention = AdditiveAttention(64)
        >>> context = attention(tf.random.normal([2, 10, 64]), memory=tf.random.normal([2, 7, 32]))
    """

    def __init__(self, units: int, dropout: float = 0.0, **kwargs: Any) -> None:
        super().__init__(dropout, **kwargs)
        check_positive(units=units)
        self.units = units

    def build(self, query_shape: tuple, memory_shape: tuple | None = None) -> None:  # noqa: D102
        dim, memory_dim = query_shape[-1], (memory_shape or query_shape)[-1]
        self.query_kernel = self.add_weight(name="query_kernel", shape=[dim, self.units], initializer="glorot_uniform")
        self.key_kernel = self.add_weight(
            name="key_kernel", shape=[memory_dim, self.units], initializer="glorot_uniform"
        )
        initializer = keras.initializers.RandomNormal(stddev=self.units**-0.5)
        self.score_kernel = self.add_weight(name="score_kernel", shape=[self.units], initializer=initializer)

    def logits(self, query: tf.Tensor, keys: tf.Tensor, decoding: bool) -> tf.Tensor:  # noqa: D102
        queries = tf.tensordot(query, self._cast(self.query_kernel, query), 1)
        inner = tf.tanh(queries[:, :, tf.newaxis] + keys[0][:, tf.newaxis])  # [batch, query, key, units]
        # Not `tf.linalg.matvec`: with oneDNN a product that is broadcast over four axes writes past its result.
        return tf.tensordot(inner, self._cast(self.score_kernel, query), 1)[tf.newaxis]

    def project_memory(self, memory: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:  # noqa: D102
        return tf.tensordot(memory, self._cast(self.key_kernel, memory), 1)[tf.newaxis], memory[tf.newaxis]

    def _cast(self, weight: keras.Variable, like: tf.Tensor) -> tf.Tensor:
        return tf.cast(tf.convert_to_tensor(weight), like.dtype)

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), "units": self.units}
