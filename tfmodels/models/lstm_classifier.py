"""The bidirectional LSTM with attention as a classifier."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.models.bidirectional_stack import bidirectional_stack
from tfmodels.models.classifier import Classifier
from tfmodels.models.lstm_options import LSTMOptions


@keras.saving.register_keras_serializable("tfmodels")
class LSTMClassifier(Classifier):
    """A residual stack of bidirectional LSTMs over the tokens, pooled by attention (Zhou et al., 2016).

    Args:
        vocabulary_size: Number of token ids.
        classes: Number of logits.
        options: Of the LSTMs and of the attention that pools. Default: `LSTMOptions()`.
        **kwargs: `word_dropout`, `ngrams` and the like, and arguments of `keras.Model`; see `Classifier`.

    Call arguments:
        ids: int32 `[batch, time]`, padded with 0 on the right.
        intermediates: Also return a dict of the attention map `"pooling/attention"` `[batch, heads, time]`.

    Returns:
        Logits, float32 `[batch, classes]`.

    Example:
        >>> model = LSTMClassifier(8000, classes=2, options=LSTMOptions(num_layers=1, attention="dot"))
        >>> logits = model(subwords.ids(tf.constant(["A fine film."]), 128))
    """

    options_type = LSTMOptions

    def __init__(self, vocabulary_size: int, classes: int, options: LSTMOptions | None = None, **kwargs: Any) -> None:
        options = options or LSTMOptions()
        super().__init__(vocabulary_size, classes, options, **kwargs)
        self.encoder = bidirectional_stack(options, self.dtype_policy, "encoder")

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
