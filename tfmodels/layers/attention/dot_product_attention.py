"""Dot-product attention with one head."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers.attention import decoding_step
from tfmodels.layers.attention.single_head_attention import SingleHeadAttention

FORMS = ("dot", "general", "scaled")


@keras.saving.register_keras_serializable("tfmodels")
class DotProductAttention(SingleHeadAttention):
    """Global attention of Luong et al. (2015), "Effective Approaches to Attention-based Neural Machine Translation".

    With query `q` and memory states `m_j` the logits are (eq. 8)

        dot:      q . m_j
        general:  q . (W m_j)
        scaled:   q . m_j / sqrt(dim)      (Vaswani et al., 2017, eq. 1)

    `keras.layers.Attention` has no `W`. Called like `SingleHeadAttention`.

    Args:
        form: `"dot"`, `"general"` or `"scaled"`; all but `general` need a memory as wide as the query.
        dropout: Dropout rate on the attention weights.

    Weights: with `general` `kernel` `[memory_dim, dim]`, the transpose of `W`.

    Raises:
        ValueError: There is no such form, or the memory is not as wide as the query.

    Example:
        >>> attention = DotProductAttention("general")
        >>> context = attention(tf.random.normal([2, 10, 64]), memory=tf.random.normal([2, 7, 32]))
    """

    def __init__(self, form: str = "dot", dropout: float = 0.0, **kwargs: Any) -> None:
        super().__init__(dropout, **kwargs)
        if form not in FORMS:
            raise ValueError(f"Expected `form` to be one of {FORMS}. Received: form={form!r}")
        self.form = form

    def build(self, query_shape: tuple, memory_shape: tuple | None = None) -> None:  # noqa: D102
        dim, memory_dim = query_shape[-1], (memory_shape or query_shape)[-1]
        if self.form == "general":
            self.kernel = self.add_weight(name="kernel", shape=[memory_dim, dim], initializer="glorot_uniform")
        elif dim != memory_dim:
            raise ValueError(
                f"Expected a memory as wide as the query, or form='general'. Received: form={self.form!r}, "
                f"query width {dim}, memory width {memory_dim}"
            )

    def logits(self, query: tf.Tensor, keys: tf.Tensor, decoding: bool) -> tf.Tensor:  # noqa: D102
        if self.form == "scaled":
            query *= query.shape[-1] ** -0.5
        product = decoding_step.batched_product if decoding else tf.matmul
        return product(query[tf.newaxis], keys, transpose_b=True)

    def project_memory(self, memory: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:  # noqa: D102
        keys = memory
        if self.form == "general":
            keys = tf.matmul(memory, tf.cast(tf.convert_to_tensor(self.kernel), memory.dtype))
        return keys[tf.newaxis], memory[tf.newaxis]

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), "form": self.form}
