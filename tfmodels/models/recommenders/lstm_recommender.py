"""LSTMs that recommend the next item."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers import LSTMStack
from tfmodels.models.recommender_options import LSTMRecommenderOptions
from tfmodels.models.recommenders.recommender import Recommender


@keras.saving.register_keras_serializable("tfmodels")
class LSTMRecommender(Recommender):
    """LSTMs over the items so far (as GRU4Rec; Hidasi et al., 2016).

    Args:
        num_items: Number of items.
        options: Of the LSTMs. Default: `LSTMRecommenderOptions()`.
        **kwargs: `max_length`, `negatives` and the like, and arguments of `keras.Model`; see `Recommender`.

    Call arguments:
        inputs: int32 `[batch, time]`, padded with 0 on the right, or a dict, see `Recommender`.
        intermediates: Also return an empty dict.

    Returns:
        Logits of the next item after each step, float32 `[batch, time, num_items]`.

    Example:
        >>> recommender = LSTMRecommender(12_101, LSTMRecommenderOptions(d_model=64))
        >>> logits = recommender(tf.constant([[5, 7, 3, 0]]))
    """

    options_type = LSTMRecommenderOptions

    def __init__(self, num_items: int, options: LSTMRecommenderOptions | None = None, **kwargs: Any) -> None:
        options = options or LSTMRecommenderOptions()
        super().__init__(num_items, options, **kwargs)
        self.stack = LSTMStack(
            options.d_model, return_sequences=True, **options.stack, dtype=self.dtype_policy, name="stack"
        )

    def build(self, inputs_shape: Any = None) -> None:  # noqa: D102
        super().build(inputs_shape)
        self.stack.build((None, None, self.options.d_model))

    def read(  # noqa: D102
        self, vectors: tf.Tensor, mask: tf.Tensor, intermediates: bool, training: bool | None
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        return self.stack(vectors, sequence_mask=mask, training=training), {}
