"""Token embeddings, tied to the output projection."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels import token_ids
from tfmodels.layers.dense import leading_shape
from tfmodels.layers.integer_ids import integer_ids
from tfmodels.layers.positive_sizes import check_positive
from tfmodels.layers.traced_output_spec import traced_output_spec


@keras.saving.register_keras_serializable("tfmodels")
class TokenEmbedding(keras.layers.Layer):
    """Maps ids to vectors and, with the same weights, vectors to logits (Press and Wolf, 2017).

    Embeddings are scaled by `sqrt(dim)` (Vaswani et al., 2017, section 3.4), so that one initialisation suits both
    directions.

    Args:
        vocabulary_size: Number of ids.
        dim: Width of a vector.
        mask_zero: Whether Keras passes a mask of the ids that are not 0 to the layers that follow, as from
            `keras.layers.Embedding`.

    Call arguments:
        inputs: int32 ids of any shape; with `reverse=True` vectors `[..., dim]`.
        reverse: Return logits instead: float32 `[..., vocabulary_size]`, in every dtype policy.
        output_kernel: With `reverse`, what the method of that name returned; None is faster for many vectors at once.

    Example:
        >>> embedding = TokenEmbedding(8000, 256)
        >>> vectors = embedding(tf.constant([[5, 7, 3]]))     # [1, 3, 256]
        >>> logits = embedding(vectors, reverse=True)         # [1, 3, 8000]
    """

    def __init__(self, vocabulary_size: int, dim: int, mask_zero: bool = False, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        check_positive(vocabulary_size=vocabulary_size, dim=dim)
        self.supports_masking = mask_zero
        self.mask_zero = mask_zero
        self.vocabulary_size = vocabulary_size
        self.dim = dim

    def build(self, inputs_shape: tuple) -> None:  # noqa: D102
        initializer = keras.initializers.RandomNormal(stddev=self.dim**-0.5)
        self.vectors = self.add_weight(name="vectors", shape=[self.vocabulary_size, self.dim], initializer=initializer)

    def call(  # noqa: D102
        self, inputs: tf.Tensor, reverse: bool = False, output_kernel: tf.Tensor | None = None
    ) -> tf.Tensor:
        vectors = tf.cast(tf.convert_to_tensor(self.vectors), self.compute_dtype)
        if not reverse:
            return tf.gather(vectors, integer_ids(inputs)) * tf.cast(self.dim**0.5, vectors.dtype)
        rows = tf.reshape(tf.cast(inputs, self.compute_dtype), [-1, self.dim])
        logits = tf.matmul(rows, vectors, transpose_b=True) if output_kernel is None else tf.matmul(rows, output_kernel)
        logits = tf.reshape(logits, [*leading_shape(inputs), self.vocabulary_size])
        return tf.cast(tf.ensure_shape(logits, [*inputs.shape[:-1], self.vocabulary_size]), tf.float32)

    compute_output_spec = traced_output_spec

    def compute_output_shape(self, inputs_shape: tuple) -> tuple:  # noqa: D102
        return (*inputs_shape, self.dim)

    def compute_mask(self, inputs: tf.Tensor, previous_mask: tf.Tensor | None) -> tf.Tensor | None:  # noqa: D102
        return keras.ops.not_equal(inputs, token_ids.PAD) if self.mask_zero else None

    def output_kernel(self) -> tf.Tensor:
        """The transposed embedding table, `[dim, vocabulary_size]`, to be computed once for many decoding steps.

        On a CPU, a few vectors are multiplied by it up to twelve times as fast as by the table itself.
        """
        return tf.transpose(tf.cast(tf.convert_to_tensor(self.vectors), self.compute_dtype))

    def get_config(self) -> dict:  # noqa: D102
        return {
            **super().get_config(),
            "vocabulary_size": self.vocabulary_size,
            "dim": self.dim,
            "mask_zero": self.mask_zero,
        }
