"""The encoder of the Transformer as a classifier."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers import Dropout, LayerNormalization, TransformerEncoderLayer, masks
from tfmodels.models.classifier import Classifier
from tfmodels.models.token_positions import position_layer
from tfmodels.models.transformer_options import TransformerClassifierOptions


@keras.saving.register_keras_serializable("tfmodels")
class TransformerClassifier(Classifier):
    """Layers of self-attention over the tokens (Vaswani et al., 2017), pooled by attention.

    Args:
        vocabulary_size: Number of token ids.
        classes: Number of logits.
        options: Of the encoder and of the attention that pools. Default: `TransformerClassifierOptions()`.
        max_length: Number of learned positions.
        **kwargs: `word_dropout`, `ngrams` and the like, and arguments of `keras.Model`; see `Classifier`.

    Call arguments:
        ids: int32 `[batch, time]`, padded with 0 on the right.
        intermediates: Also return a dict of attention maps: `"encoder/<i>/attention"` `[batch, heads, time, time]`,
            unless queries attend in chunks, and `"pooling/attention"` `[batch, heads, time]`.

    Returns:
        Logits, float32 `[batch, classes]`.

    Example:
        >>> model = TransformerClassifier(8000, classes=2, options=TransformerClassifierOptions(num_layers=4))
        >>> logits, maps = model(subwords.ids(tf.constant(["A fine film."]), 128), intermediates=True)
    """

    options_type = TransformerClassifierOptions

    def __init__(
        self,
        vocabulary_size: int,
        classes: int,
        options: TransformerClassifierOptions | None = None,
        *,
        max_length: int = 256,
        **kwargs: Any,
    ) -> None:
        options = options or TransformerClassifierOptions()
        super().__init__(vocabulary_size, classes, options, **kwargs)
        self._arguments["max_length"] = max_length
        policy = self.dtype_policy
        self.positions = position_layer(options.positions, max_length, "positions", policy)
        self.input_dropout = Dropout(options.dropout, dtype=policy, name="input_dropout")
        self.query_chunk = options.query_chunk
        self.encoder_layers = [
            TransformerEncoderLayer(
                options.d_model,
                options.num_heads,
                options.feed_forward_dim,
                dropout=options.dropout,
                attention_dropout=0.0 if options.query_chunk else options.attention_dropout,
                activation_dropout=options.activation_dropout,
                activation=options.activation,
                norm_first=options.norm_first,
                query_chunk=options.query_chunk,
                rotary=options.positions == "rotary",
                dtype=policy,
                name=f"encoder_{i}",
            )
            for i in range(options.num_layers)
        ]
        self.encoder_norm = LayerNormalization(dtype=policy, name="encoder_norm") if options.norm_first else None

    def build(self, ids_shape: tuple | None = None) -> None:  # noqa: D102
        super().build(ids_shape)
        for layer in filter(None, (self.positions, self.input_dropout, *self.encoder_layers, self.encoder_norm)):
            layer.build((None, None, self.d_model))

    def pool(  # noqa: D102
        self, vectors: tf.Tensor, mask: tf.Tensor, maps: dict[str, tf.Tensor], training: bool | None
    ) -> tf.Tensor:
        x = vectors
        if self.positions is not None:
            x = self.positions(x, tf.range(tf.shape(mask)[1])[tf.newaxis])
        x = self.input_dropout(x, training=training)
        key_mask = masks.key_mask(mask)
        for i, layer in enumerate(self.encoder_layers):
            if self.query_chunk:
                x = layer(x, attention_mask=key_mask, training=training)
            else:
                x, scores = layer(x, attention_mask=key_mask, return_scores=True, training=training)
                maps[f"encoder/{i}/attention"] = scores
        if self.encoder_norm is not None:
            x = self.encoder_norm(x)
        pooled, maps["pooling/attention"] = self.pooling(x, sequence_mask=mask, return_scores=True, training=training)
        return pooled
