"""LSTMs with attention that answer questions."""

from dataclasses import replace
from typing import Any

import keras
import tensorflow as tf

from tfmodels.models.bidirectional_stack import bidirectional_stack
from tfmodels.models.reader_options import LSTMReaderOptions
from tfmodels.models.readers.reader import Reader


@keras.saving.register_keras_serializable("tfmodels")
class LSTMReader(Reader):
    """A bidirectional LSTM over question and context, attention between them, and LSTMs over the result (BiDAF).

    The plan is that of Seo et al., 2017, "Bidirectional Attention Flow for Machine Comprehension".

    Args:
        vocabulary_size: Number of token ids.
        options: Of the LSTMs. Default: `LSTMReaderOptions()`.
        **kwargs: `max_answer_length`, `window` and the like, and arguments of `keras.Model`; see `Reader`.

    Call arguments:
        inputs: dict of int32 `question` `[batch, question]` and `context` `[batch, time]`, padded with 0 on the right.
        intermediates: Also return a dict of the attention map `"coattention"` `[batch, time, question]`.

    Returns:
        Logits of no answer and of all spans, float32 `[batch, 1 + time * max_answer_length]`.

    Example:
        >>> reader = LSTMReader(8000, LSTMReaderOptions(d_model=64))
        >>> logits = reader({"question": question_ids, "context": context_ids})
    """

    options_type = LSTMReaderOptions

    def __init__(self, vocabulary_size: int, options: LSTMReaderOptions | None = None, **kwargs: Any) -> None:
        options = options or LSTMReaderOptions()
        super().__init__(vocabulary_size, options, **kwargs)
        self.encoder = bidirectional_stack(
            replace(options, num_layers=1), self.dtype_policy, "encoder", right_padded=True
        )
        self.modelling = bidirectional_stack(options, self.dtype_policy, "modelling", right_padded=True)

    def build(self, inputs_shape: dict[str, tuple] | None = None) -> None:  # noqa: D102
        super().build(inputs_shape)
        for stack in (self.encoder, self.modelling):
            stack.build((None, None, self.d_model))

    def read(self, vectors: tf.Tensor, mask: tf.Tensor, training: bool | None) -> tf.Tensor:  # noqa: D102
        return self.encoder(vectors, sequence_mask=mask, training=training)

    def read_again(self, states: tf.Tensor, mask: tf.Tensor, training: bool | None) -> tf.Tensor:  # noqa: D102
        return self.modelling(states, sequence_mask=mask, training=training)
