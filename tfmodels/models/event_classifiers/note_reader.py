"""The encoder of notes, and the attention of measurements to them."""

import math
from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers import (
    AttentionPooling,
    Dense,
    Dropout,
    LayerNormalization,
    MultiHeadAttention,
    SinusoidalPositions,
    TokenEmbedding,
    TransformerEncoderLayer,
    masks,
)
from tfmodels.models.bidirectional_stack import bidirectional_stack
from tfmodels.models.event_classifiers.note_batch import NoteBatch
from tfmodels.models.event_options import LSTMEventOptions, TransformerEventOptions
from tfmodels.models.lstm_options import RecurrentOptions


class NoteReader(keras.layers.Layer):
    """Encodes each note by itself, by the layers of a family, and lets the states of measurements attend to its tokens.

    A token's state also holds the hour of its note and the hours until the prediction. States of a row without notes
    stay what they are.

    Args:
        tokens: Number of token ids.
        options: Of the family: `d_model`, which is even, `num_heads`, `dropout`, and those of its layers.
        max_hours: About the longest history.

    Call arguments:
        notes: `NoteBatch`.
        now: float32 `[batch]`, the hour at which is predicted.

    Returns:
        States of the tokens of all notes, `[batch, notes * tokens, d_model]`, and which are no padding, bool `[batch,
        notes * tokens]`.
    """

    def __init__(
        self, tokens: int, options: LSTMEventOptions | TransformerEventOptions, max_hours: float, **kwargs: Any
    ) -> None:
        super().__init__(autocast=False, **kwargs)
        width = options.d_model
        if width % 2:
            raise ValueError(f"Expected an even width of a model that reads notes. Received: d_model={width}")
        self.options, self.max_hours = options, max_hours
        policy, heads = self.dtype_policy, math.gcd(options.num_heads, width)
        self.vectors = TokenEmbedding(tokens, width, dtype=policy, name="vectors")
        self.input_dropout = Dropout(options.dropout, dtype=policy, name="input_dropout")
        self.blocks: list[TransformerEncoderLayer] = []
        self.stack = self.positions = None
        if isinstance(options, TransformerEventOptions):
            self.positions = SinusoidalPositions(dtype=policy, name="positions")
            self.blocks = [
                TransformerEncoderLayer(
                    width,
                    options.num_heads,
                    options.feed_forward_dim,
                    dropout=options.dropout,
                    attention_dropout=options.attention_dropout,
                    activation=options.activation,
                    norm_first=options.norm_first,
                    dtype=policy,
                    name=f"layer_{number}",
                )
                for number in range(options.note_layers)
            ]
        else:
            layers = RecurrentOptions(num_layers=options.note_layers, d_model=width, dropout=options.dropout)
            self.stack = bidirectional_stack(layers, policy, "lstm", right_padded=True)
        self.moment = Dense(width, dtype=policy, name="moment")
        self.norm = LayerNormalization(dtype=policy, name="norm")
        self.query_norm = LayerNormalization(dtype=policy, name="query_norm")
        self.attention = MultiHeadAttention(heads, width // heads, dtype=policy, name="attention")
        self.pooling = AttentionPooling(width, "additive", dtype=policy, name="pooling")

    def build(self, *shapes: Any) -> None:  # noqa: D102
        states = (None, None, self.options.d_model)
        self.vectors.build((None, None))
        encoder = [self.positions, self.input_dropout, *self.blocks, self.stack]
        for layer in filter(None, (*encoder, self.norm, self.query_norm, self.pooling)):
            layer.build(states)
        self.moment.build((None, None, 3))
        self.attention.build(states, states)

    def call(  # noqa: D102
        self, notes: NoteBatch, now: tf.Tensor, training: bool | None = None
    ) -> tuple[tf.Tensor, tf.Tensor]:
        rows, count, length = tf.unstack(tf.shape(notes.ids))
        ids = tf.reshape(notes.ids, [rows * count, length])
        mask = ids > 0
        x = self.vectors(ids)
        x = x if self.positions is None else self.positions(x)
        x = self.input_dropout(x, training=training)
        for block in self.blocks:
            x = block(x, attention_mask=masks.key_mask(mask), training=training)
        if self.stack is not None:
            x = self.stack(x, sequence_mask=mask, training=training)
        before = tf.nn.relu(now[:, tf.newaxis] - notes.time)
        scale = 1 / self.max_hours
        moment = tf.stack([tf.math.log1p(before), scale * before, scale * notes.time], axis=-1)
        moment = self.moment(tf.cast(moment, self.compute_dtype))
        width = self.options.d_model
        x = self.norm(tf.reshape(x, [rows, count, length, width])) + moment[:, :, tf.newaxis]
        x *= tf.cast(notes.weight, x.dtype)[:, :, tf.newaxis, tf.newaxis]
        return tf.reshape(x, [rows, count * length, width]), tf.reshape(mask, [rows, count * length])

    def fused(self, states: tf.Tensor, memory: tuple[tf.Tensor, tf.Tensor], training: bool | None = None) -> tf.Tensor:
        """States of measurements, `[batch, steps, d_model]`, with what they found in notes, see `call`."""
        tokens, mask = memory
        found = self.attention(
            self.query_norm(states), memory=tokens, attention_mask=masks.key_mask(mask), training=training
        )
        has_notes = tf.reduce_any(mask, axis=1)[:, tf.newaxis, tf.newaxis]
        return states + tf.where(has_notes, found, tf.zeros_like(found))

    def pooled(self, memory: tuple[tf.Tensor, tf.Tensor], notes: NoteBatch) -> tuple[tf.Tensor, tf.Tensor]:
        """One vector for the notes, `[batch, d_model]`, and how much of it is each note, float32 `[batch, notes]`."""
        tokens, mask = memory
        vector, scores = self.pooling(tokens, sequence_mask=mask, return_scores=True)
        shape = tf.shape(notes.ids)
        return vector, tf.reduce_sum(tf.reshape(tf.cast(scores[:, 0], tf.float32), shape), axis=2)
