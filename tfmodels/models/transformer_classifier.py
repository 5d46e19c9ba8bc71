"""The encoder of the Transformer as a classifier."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers import (
    Dropout,
    LayerNormalization,
    TransformerEncoderLayer,
    masks,
)
from tfmodels.models.classifier import Classifier
from tfmodels.models.token_positions import position_layer


@keras.saving.register_keras_serializable("tfmodels")
class TransformerClassifier(Classifier):
    """Layers of self-attention over the tokens (Vaswani et al., 2017), pooled by attention.

    Args:
        vocabulary_size: See `Classifier`; so is the next one.
        classes: Number of logits.
        num_layers: Layers of the encoder.
        d_model: Width of the states.
        num_heads: Attention heads, of the encoder and of multi-head pooling.
        feed_forward_dim: Inner width of the position-wise networks.
        dropout: Rate on token vectors, everywhere in the encoder and on the pooled vector.
        word_dropout: Rate of tokens that training replaces by `<unk>`.
        activation: `"relu"`, `"gelu"` or `"swiglu"`.
        norm_first: Pre-norm, with a final norm.
        positions: `"sinusoidal"`, `"learned"` (with `max_length` vectors) or `"rotary"`.
        max_length: Number of learned positions.
        pooling: See `Classifier`; so is the next one.
        ngrams: Tokens of the longest n-grams, 0 for none.
        spelling: Whether letters have their say beside n-grams; see `Classifier`.
        query_chunk: Tokens that look at the text at a time, 0 for all: memory grows with the length of a text, not with
            its square. Goes without dropout of attention weights and leaves the encoder out of the intermediates.

    Call arguments:
        ids: int32 `[batch, time]`, padded with 0 on the right.
        intermediates: Also return a dict of attention maps: `"encoder/<i>/attention"` `[batch, heads, time, time]` and
            `"pooling/attention"` `[batch, heads, time]`.

    Returns:
        Logits, float32 `[batch, classes]`.

    Example:
        >>> model = TransformerClassifier(8000, classes=2, num_layers=2, d_model=128, num_heads=4, feed_forward_dim=256)
        >>> logits, maps = model(subwords.ids(tf.constant(["A fine film."]), 128), intermediates=True)
    """

    def __init__(
        self,
        vocabulary_size: int,
        classes: int,
        num_layers: int = 2,
        d_model: int = 128,
        num_heads: int = 4,
        feed_forward_dim: int = 256,
        dropout: float = 0.1,
        word_dropout: float = 0.0,
        activation: str = "relu",
        norm_first: bool = True,
        positions: str = "sinusoidal",
        max_length: int = 256,
        pooling: str = "additive",
        ngrams: int = 0,
        spelling: bool = False,
        query_chunk: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            vocabulary_size,
            classes,
            d_model,
            dropout,
            word_dropout,
            pooling,
            num_heads,
            attention_dropout=0.0,
            ngrams=ngrams,
            spelling=spelling,
            **kwargs,
        )
        layer_arguments = {
            "d_model": d_model,
            "num_heads": num_heads,
            "feed_forward_dim": feed_forward_dim,
            "dropout": dropout,
            "activation": activation,
            "norm_first": norm_first,
            "query_chunk": query_chunk,
        }
        self._arguments = {
            **layer_arguments,
            "vocabulary_size": vocabulary_size,
            "classes": classes,
            "num_layers": num_layers,
            "word_dropout": word_dropout,
            "positions": positions,
            "max_length": max_length,
            "pooling": pooling,
            "ngrams": ngrams,
            "spelling": spelling,
        }
        policy = self.dtype_policy
        self.positions = position_layer(positions, max_length, "positions", policy)
        self.input_dropout = Dropout(dropout, dtype=policy, name="input_dropout")
        self.query_chunk = query_chunk
        layer_arguments["attention_dropout"] = 0.0 if query_chunk else None
        self.encoder_layers = [
            TransformerEncoderLayer(**layer_arguments, rotary=positions == "rotary", dtype=policy, name=f"encoder_{i}")
            for i in range(num_layers)
        ]
        self.encoder_norm = LayerNormalization(dtype=policy, name="encoder_norm") if norm_first else None

    def build(self, ids_shape: tuple | None = None) -> None:  # noqa: D102
        super().build(ids_shape)
        for layer in filter(None, (self.positions, *self.encoder_layers, self.encoder_norm)):
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

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), **self._arguments}
