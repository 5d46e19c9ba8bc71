"""A causal Transformer that recommends the next item."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers import LayerNormalization, TransformerEncoderLayer, masks
from tfmodels.models.recommender_options import TransformerRecommenderOptions
from tfmodels.models.recommenders.recommender import Recommender
from tfmodels.models.token_positions import position_layer


@keras.saving.register_keras_serializable("tfmodels")
class TransformerRecommender(Recommender):
    """Self-attention of each item to those before it (SASRec; Kang and McAuley, 2018).

    Args:
        num_items: Number of items.
        options: Of the layers. Default: `TransformerRecommenderOptions()`.
        **kwargs: `max_length`, `negatives` and the like, and arguments of `keras.Model`; see `Recommender`.

    Call arguments:
        inputs: int32 `[batch, time]`, padded with 0 on the right, or a dict, see `Recommender`.
            With learned positions there are at most `max_length` items.
        intermediates: Also return a dict of the attention maps `"<i>/attention"`, `[batch, heads, time, time]`.

    Returns:
        Logits of the next item after each step, float32 `[batch, time, num_items]`.

    Example:
        >>> recommender = TransformerRecommender(12_101, TransformerRecommenderOptions(d_model=64))
        >>> logits = recommender(tf.constant([[5, 7, 3, 0]]))
    """

    options_type = TransformerRecommenderOptions

    def __init__(self, num_items: int, options: TransformerRecommenderOptions | None = None, **kwargs: Any) -> None:
        options = options or TransformerRecommenderOptions()
        super().__init__(num_items, options, **kwargs)
        policy = self.dtype_policy
        self.positions = position_layer(options.positions, self.max_length, "positions", policy)
        self.blocks = [
            TransformerEncoderLayer(
                options.d_model,
                options.num_heads,
                options.feed_forward_dim,
                dropout=options.dropout,
                attention_dropout=options.attention_dropout,
                activation=options.activation,
                norm_first=options.norm_first,
                rotary=options.positions == "rotary",
                dtype=policy,
                name=f"layer_{number}",
            )
            for number in range(options.num_layers)
        ]
        self.norm = LayerNormalization(dtype=policy, name="norm") if options.norm_first else None

    def build(self, inputs_shape: Any = None) -> None:  # noqa: D102
        super().build(inputs_shape)
        for layer in filter(None, (self.positions, *self.blocks, self.norm)):
            layer.build((None, None, self.options.d_model))

    def read(  # noqa: D102
        self, vectors: tf.Tensor, mask: tf.Tensor, intermediates: bool, training: bool | None
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        places = tf.range(tf.shape(mask)[1])[tf.newaxis]
        if self.positions is not None:
            vectors = self.positions(vectors, places)
        before = masks.causal_mask(places)  # padding is on the right, so no item attends to it
        maps = {}
        for number, block in enumerate(self.blocks):
            vectors = block(vectors, attention_mask=before, return_scores=intermediates, training=training)
            if intermediates:
                vectors, maps[f"{number}/attention"] = vectors
        return (vectors if self.norm is None else self.norm(vectors)), maps
