"""The bidirectional LSTM with attention as a classifier."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers import LSTMStack
from tfmodels.models.classifier import Classifier


@keras.saving.register_keras_serializable("tfmodels")
class LSTMClassifier(Classifier):
    """A residual stack of bidirectional LSTMs over the tokens, pooled by attention (Zhou et al., 2016).

    Args:
        vocabulary_size: See `Classifier`; so is the next one.
        classes: Number of logits.
        num_layers: LSTMs, each in two directions.
        d_model: Width of the states, an even number; half of it for each direction.
        dropout: Rate on the inputs of each LSTM, one draw for all tokens, and on the pooled vector.
        word_dropout: Rate of tokens that training replaces by `<unk>`.
        attention: That which pools; see `Classifier`.
        num_heads: Heads of multi-head attention.
        attention_dropout: Rate on the attention weights.
        recurrent_dropout: See `LSTM`; so are the two below.
        weight_drop: Rate on the recurrent weights.
        layer_norm: Whether the LSTMs normalise inside the cell.
        ngrams: Tokens of the longest n-grams, 0 for none; see `Classifier`.
        spelling: Whether letters have their say beside n-grams; see `Classifier`.

    Call arguments:
        ids: int32 `[batch, time]`, padded with 0 on the right.
        intermediates: Also return a dict of the attention map `"pooling/attention"` `[batch, heads, time]`.

    Returns:
        Logits, float32 `[batch, classes]`.

    Example:
        >>> model = LSTMClassifier(8000, classes=2, num_layers=1, d_model=128, attention="additive")
        >>> logits = model(subwords.ids(tf.constant(["A fine film."]), 128))
    """

    def __init__(
        self,
        vocabulary_size: int,
        classes: int,
        num_layers: int = 1,
        d_model: int = 128,
        dropout: float = 0.2,
        word_dropout: float = 0.0,
        attention: str = "additive",
        num_heads: int = 4,
        attention_dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        weight_drop: float = 0.0,
        layer_norm: bool = False,
        ngrams: int = 0,
        spelling: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            vocabulary_size,
            classes,
            d_model,
            dropout,
            word_dropout,
            attention,
            num_heads,
            attention_dropout,
            ngrams,
            spelling,
            **kwargs,
        )
        if d_model % 2:
            raise ValueError(f"Expected an even `d_model`, half for each direction. Received: d_model={d_model}")
        stack_arguments = {
            "num_layers": num_layers,
            "dropout": dropout,
            "recurrent_dropout": recurrent_dropout,
            "weight_drop": weight_drop,
            "layer_norm": layer_norm,
        }
        self._arguments = {
            **stack_arguments,
            "vocabulary_size": vocabulary_size,
            "classes": classes,
            "d_model": d_model,
            "word_dropout": word_dropout,
            "attention": attention,
            "num_heads": num_heads,
            "attention_dropout": attention_dropout,
            "ngrams": ngrams,
            "spelling": spelling,
        }
        self.encoder = LSTMStack(
            d_model // 2, bidirectional=True, **stack_arguments, dtype=self.dtype_policy, name="encoder"
        )

    def build(self, ids_shape: tuple | None = None) -> None:  # noqa: D102
        super().build(ids_shape)
        self.encoder.build((None, None, self.d_model))

    def pool(  # noqa: D102
        self, vectors: tf.Tensor, mask: tf.Tensor, maps: dict[str, tf.Tensor], training: bool | None
    ) -> tf.Tensor:
        states = self.encoder(vectors, sequence_mask=mask, training=training)
        pooled, maps["pooling/attention"] = self.pooling(
            states, sequence_mask=mask, return_scores=True, training=training
        )
        return pooled

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), **self._arguments}
