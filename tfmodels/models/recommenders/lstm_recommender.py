"""LSTMs that recommend the next item."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers import Dense, LSTMStack, make_attention, masks
from tfmodels.models.recommender_options import LSTMRecommenderOptions
from tfmodels.models.recommenders.recommender import Recommender


@keras.saving.register_keras_serializable("tfmodels")
class LSTMRecommender(Recommender):
    """LSTMs over the items so far (as GRU4Rec; Hidasi et al., 2016), whose states may attend to those before.

    Args:
        num_items: Number of items.
        options: Of the LSTMs. Default: `LSTMRecommenderOptions()`.
        **kwargs: `max_length`, `negatives` and the like, and arguments of `keras.Model`; see `Recommender`.

    Call arguments:
        inputs: int32 `[batch, time]`, padded with 0 on the right, or a dict, see `Recommender`.
        intermediates: Also return a dict of the attention map `"attention"`, `[batch, heads, time, time]`, if there is
            one.

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
        self.attention = self.context = None
        if options.attention != "none":
            self.attention = make_attention(
                options.attention,
                options.d_model,
                options.num_heads,
                options.attention_dropout,
                self.dtype_policy,
                name="attention",
            )
            self.context = Dense(options.d_model, use_bias=False, dtype=self.dtype_policy, name="context")

    def build(self, inputs_shape: Any = None) -> None:  # noqa: D102
        super().build(inputs_shape)
        states = (None, None, self.options.d_model)
        self.stack.build(states)
        if self.attention is not None and self.context is not None:
            self.attention.build(states, states)
            self.context.build(states)

    def read(  # noqa: D102
        self, vectors: tf.Tensor, mask: tf.Tensor, intermediates: bool, training: bool | None
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        states = self.stack(vectors, sequence_mask=mask, training=training)
        if self.attention is None or self.context is None:
            return states, {}
        before = masks.causal_mask(tf.range(tf.shape(mask)[1])[tf.newaxis])  # padding is on the right
        attended, scores = self.attention(states, attention_mask=before, return_scores=True, training=training)
        return states + self.context(attended), {"attention": scores} if intermediates else {}
