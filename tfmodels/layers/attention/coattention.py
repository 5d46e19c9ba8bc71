"""Attention in both directions between two sequences."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers import masks
from tfmodels.layers.attention.masked_softmax import visible_softmax
from tfmodels.layers.dropout import Dropout
from tfmodels.layers.traced_output_spec import traced_output_spec


@keras.saving.register_keras_serializable("tfmodels")
class Coattention(keras.layers.Layer):
    """Attention from a context to a question and back (Seo et al., 2017; Xiong et al., 2017).

    The similarity of two states is `w . [x, m, x * m]`. Each state of `x` attends to the memory, and each of the memory
    to `x`; the latter is read through the former's weights. So a state of the context gets what of the question it
    answers to, and what of the rest of the context answers to the same.

    Args:
        dropout: Dropout rate on `x` and `memory` before they are compared.

    Call arguments:
        x: `[batch, time, dim]`, such as the states of a context.
        memory: `[batch, key, dim]`, such as those of a question.
        sequence_mask: bool `[batch, time]`, False at padding of `x`. Default: the mask that Keras passes.
        memory_mask: bool `[batch, key]`, likewise.
        return_scores: Also return the weights of `x` on the memory, `[batch, time, key]`.

    Returns:
        `[batch, time, 4 * dim]`: x, what it attends to, and the products of x with that and with what comes back; with
        `return_scores` a tuple with the weights.

    Weights: x, memory and product, `[dim]` each.

    Example:
        >>> read = Coattention()(context, question, memory_mask=question_ids != 0)
    """

    def __init__(self, dropout: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.dropout_rate = dropout
        self.dropout = Dropout(dropout, dtype=self.dtype_policy, name="dropout")

    def build(self, x_shape: tuple, memory_shape: tuple | None = None) -> None:  # noqa: D102
        dim = x_shape[-1]
        if memory_shape is not None and memory_shape[-1] != dim:
            raise ValueError(f"Expected x and memory of one width. Received: shapes {x_shape}, {memory_shape}")
        initializer = keras.initializers.RandomNormal(stddev=dim**-0.5)
        self.x_weight = self.add_weight(name="x", shape=[dim], initializer=initializer)
        self.memory_weight = self.add_weight(name="memory", shape=[dim], initializer=initializer)
        self.product_weight = self.add_weight(name="product", shape=[dim], initializer=initializer)
        self.dropout.build(x_shape)  # not called outside of training, and `fit` rebuilds layers that are not built

    def call(  # noqa: D102
        self,
        x: tf.Tensor,
        memory: tf.Tensor,
        sequence_mask: tf.Tensor | None = None,
        memory_mask: tf.Tensor | None = None,
        return_scores: bool = False,
        training: bool | None = None,
        x_mask: tf.Tensor | None = None,
    ) -> tf.Tensor | tuple[tf.Tensor, tf.Tensor]:
        sequence_mask = masks.of_steps(x, sequence_mask, x_mask)
        memory_mask = masks.of_steps(memory, memory_mask)
        similarity = self._similarity(self.dropout(x, training=training), self.dropout(memory, training=training))
        keys = None if memory_mask is None else memory_mask[:, tf.newaxis, :]
        steps = None if sequence_mask is None else sequence_mask[:, tf.newaxis, :]
        to_memory = visible_softmax(similarity, keys, x.dtype)  # [batch, time, key]
        to_x = visible_softmax(tf.transpose(similarity, [0, 2, 1]), steps, x.dtype)  # [batch, key, time]
        attended = tf.matmul(to_memory, memory)
        back = tf.matmul(to_memory, tf.matmul(to_x, x))
        outputs = tf.concat([x, attended, x * attended, x * back], axis=-1)
        return (outputs, to_memory) if return_scores else outputs

    def _similarity(self, x: tf.Tensor, memory: tf.Tensor) -> tf.Tensor:
        """`[batch, time, key]`."""
        x_weight, memory_weight, product = (
            tf.cast(tf.convert_to_tensor(weight), x.dtype)
            for weight in (self.x_weight, self.memory_weight, self.product_weight)
        )
        scale = tf.cast(tf.cast(tf.shape(x)[-1], tf.float32) ** -0.5, x.dtype)
        alone = tf.linalg.matvec(x, x_weight)[:, :, tf.newaxis] + tf.linalg.matvec(memory, memory_weight)[:, tf.newaxis]
        return alone + tf.matmul(x * (product + scale), memory, transpose_b=True)

    compute_output_spec = traced_output_spec

    def compute_output_shape(self, x_shape: tuple, memory_shape: tuple | None = None) -> tuple:  # noqa: D102
        return (*x_shape[:-1], 4 * x_shape[-1])

    def compute_mask(self, x: tf.Tensor, previous_mask: tf.Tensor | None) -> tf.Tensor | None:  # noqa: D102
        return previous_mask

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), "dropout": self.dropout_rate}
