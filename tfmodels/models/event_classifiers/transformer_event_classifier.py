"""A Transformer over the set of an entity's measurements."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers import Dropout, LayerNormalization, TransformerEncoderLayer, masks
from tfmodels.models.event_classifiers.event_batch import EventBatch
from tfmodels.models.event_classifiers.event_classifier import EventClassifier, Fuse
from tfmodels.models.event_classifiers.event_embedding import EventEmbedding
from tfmodels.models.event_options import TransformerEventOptions


@keras.saving.register_keras_serializable("tfmodels")
class TransformerEventClassifier(EventClassifier):
    """Self-attention over the set of triplets of time, variable and value (STraTS; Tipirneni and Reddy, 2022).

    Args:
        num_variables: Number of variables.
        outputs: Number of logits.
        options: Of the layers and of the attention that pools. Default: `TransformerEventOptions()`.
        **kwargs: `static_fields`, `aggregates`, `max_hours`, `note_tokens` and arguments of `keras.Model`; see
            `EventClassifier`.

    Call arguments:
        inputs: dict of `time`, `variable` and `value`, `[batch, events]`; see `EventClassifier`.
        intermediates: Also return a dict of attention maps: `"<i>/attention"` `[batch, heads, events, events]` and
            `"pooling/attention"` `[batch, heads, events]`.

    Returns:
        Logits, float32 `[batch, outputs]`.

    Example:
        >>> model = TransformerEventClassifier(37, 1)
        >>> events = {"time": [[0.0, 1.5]], "variable": [[1, 2]], "value": [[80.0, float("nan")]]}
        >>> risk = tf.sigmoid(model({name: tf.constant(of) for name, of in events.items()}))
    """

    options_type = TransformerEventOptions

    def __init__(
        self, num_variables: int, outputs: int = 1, options: TransformerEventOptions | None = None, **kwargs: Any
    ) -> None:
        options = options or TransformerEventOptions()
        super().__init__(num_variables, outputs, options, **kwargs)
        policy = self.dtype_policy
        self.embedding = EventEmbedding(
            num_variables, options.d_model, self.max_hours, dtype=policy, name="embedding"
        )  # fmt: skip
        self.input_dropout = Dropout(options.dropout, dtype=policy, name="input_dropout")
        self.blocks = [
            TransformerEncoderLayer(
                options.d_model,
                options.num_heads,
                options.feed_forward_dim,
                dropout=options.dropout,
                attention_dropout=options.attention_dropout,
                activation=options.activation,
                norm_first=options.norm_first,
                dtype=policy,
                name=f"layer_{number}",
            )
            for number in range(options.num_layers)
        ]
        self.norm = LayerNormalization(dtype=policy, name="norm") if options.norm_first else None

    def build(self, inputs_shape: Any = None) -> None:  # noqa: D102
        super().build(inputs_shape)
        self.embedding.build()
        for layer in filter(None, (self.input_dropout, *self.blocks, self.norm)):
            layer.build((None, None, self.options.d_model))

    def pool(  # noqa: D102
        self, events: EventBatch, fuse: Fuse, maps: dict[str, tf.Tensor], training: bool | None
    ) -> tf.Tensor:
        weight = tf.cast(events.weight[..., tf.newaxis], self.compute_dtype)
        x = self.input_dropout(self.embedding(events) * weight, training=training)
        among = masks.key_mask(events.mask)
        for number, block in enumerate(self.blocks):
            x, maps[f"{number}/attention"] = block(x, attention_mask=among, return_scores=True, training=training)
        x = fuse(x if self.norm is None else self.norm(x))
        pooled, maps["pooling/attention"] = self.pooling(
            x, sequence_mask=events.mask, return_scores=True, training=training
        )
        return pooled
