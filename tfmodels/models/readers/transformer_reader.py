"""A Transformer that answers questions."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers import Dropout, LayerNormalization, TransformerEncoderLayer, masks
from tfmodels.models.reader_options import TransformerReaderOptions
from tfmodels.models.readers.reader import Reader
from tfmodels.models.token_positions import position_layer


@keras.saving.register_keras_serializable("tfmodels")
class TransformerReader(Reader):
    """Layers of convolution and self-attention, with attention between question and context amid them (QANet).

    The plan is that of Yu et al., 2018, "QANet: Combining Local Convolution with Global Self-Attention for Reading
    Comprehension".

    Args:
        vocabulary_size: Number of token ids.
        options: Of the layers. Default: `TransformerReaderOptions()`.
        **kwargs: `max_answer_length`, `window` and the like, and arguments of `keras.Model`; see `Reader`.

    Call arguments:
        inputs: dict of int32 `question` `[batch, question]` and `context` `[batch, time]`, padded with 0 on the right.
            With learned positions a question has at most as many tokens as a window.
        intermediates: Also return a dict of the attention map `"coattention"` `[batch, time, question]`.

    Returns:
        Logits of no answer and of all spans, float32 `[batch, 1 + time * max_answer_length]`.

    Example:
        >>> reader = TransformerReader(8000, TransformerReaderOptions(d_model=64))
        >>> logits = reader({"question": question_ids, "context": context_ids})
    """

    options_type = TransformerReaderOptions

    def __init__(self, vocabulary_size: int, options: TransformerReaderOptions | None = None, **kwargs: Any) -> None:
        options = options or TransformerReaderOptions()
        super().__init__(vocabulary_size, options, **kwargs)
        policy = self.dtype_policy
        self.positions = position_layer(options.positions, self.window, "positions", policy)
        counts = {"encoder": options.encoder_layers, "modelling": options.num_layers}
        blocks = {
            name: [_Block(options, name=f"{name}_{i}", dtype=policy) for i in range(count)]
            for name, count in counts.items()
        }
        self.encoder, self.modelling = blocks["encoder"], blocks["modelling"]
        self.norm = LayerNormalization(dtype=policy, name="norm") if options.norm_first else None

    def build(self, inputs_shape: dict[str, tuple] | None = None) -> None:  # noqa: D102
        super().build(inputs_shape)
        for layer in filter(None, (self.positions, *self.encoder, *self.modelling, self.norm)):
            layer.build((None, None, self.d_model))

    def read(self, vectors: tf.Tensor, mask: tf.Tensor, training: bool | None) -> tf.Tensor:  # noqa: D102
        if self.positions is not None:
            vectors = self.positions(vectors, tf.range(tf.shape(mask)[1])[tf.newaxis])
        for block in self.encoder:
            vectors = block(vectors, sequence_mask=mask, training=training)
        return vectors

    def read_again(self, states: tf.Tensor, mask: tf.Tensor, training: bool | None) -> tf.Tensor:  # noqa: D102
        for block in self.modelling:
            states = block(states, sequence_mask=mask, training=training)
        return states if self.norm is None else self.norm(states)


class _Block(keras.layers.Layer):
    """A convolution by depth, added to its input, then a layer of a Transformer."""

    def __init__(self, options: TransformerReaderOptions, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        policy = self.dtype_policy
        self.convolution = self.norm = None
        if options.convolution:
            self.norm = LayerNormalization(dtype=policy, name="norm")
            arguments = {"padding": "same", "activation": "relu", "dtype": policy, "name": "convolution"}
            self.convolution = keras.layers.SeparableConv1D(options.d_model, options.convolution, **arguments)
        self.dropout = Dropout(options.dropout, dtype=policy, name="dropout")
        self.layer = TransformerEncoderLayer(
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
            name="layer",
        )

    def build(self, x_shape: tuple) -> None:
        for layer in filter(None, (self.norm, self.convolution, self.dropout, self.layer)):
            layer.build(x_shape)

    def call(self, x: tf.Tensor, sequence_mask: tf.Tensor, training: bool | None = None) -> tf.Tensor:
        if self.convolution is not None and self.norm is not None:
            hidden = tf.where(sequence_mask[:, :, tf.newaxis], self.norm(x), tf.zeros([], x.dtype))
            x = x + self.dropout(self.convolution(hidden), training=training)
        return self.layer(x, attention_mask=masks.key_mask(sequence_mask), training=training)
