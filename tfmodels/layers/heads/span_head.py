"""Scores of the spans of a sequence."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers import masks
from tfmodels.layers.dense import Dense
from tfmodels.layers.positive_sizes import check_positive
from tfmodels.layers.traced_output_spec import traced_output_spec

NO_SPAN = -1e9  # the logit of what is no span; finite, so that no loss or gradient is NaN


@keras.saving.register_keras_serializable("tfmodels")
class SpanHead(keras.layers.Layer):
    """Gives each span of a sequence, up to a length, a logit: of its start, of its end and of its length, summed.

    All spans are the classes of one softmax, so start and end are decided together.

    Args:
        max_length: Most steps of a span.

    Call arguments:
        states: `[batch, time, dim]`.
        sequence_mask: bool `[batch, time]`, False where no span may reach, such as padding on the right. Default: the
            mask that Keras passes.

    Returns:
        float32 `[batch, time, max_length]` in every dtype policy: element `t, n` is of the span of steps `t` to
        `t + n`, `NO_SPAN` where it reaches a masked step or beyond the end.

    Weights: ends/kernel `[dim, 2]`, ends/bias `[2]`, length `[max_length]`.

    Example:
        >>> logits = SpanHead(30)(states, sequence_mask=ids != 0)
        >>> start, steps = divmod(tf.argmax(tf.reshape(logits[0], [-1])).numpy(), 30)
    """

    def __init__(self, max_length: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        check_positive(max_length=max_length)
        self.max_length = max_length
        self.ends = Dense(2, dtype=self.dtype_policy, name="ends")

    def build(self, states_shape: tuple) -> None:  # noqa: D102
        self.ends.build(states_shape)
        self.length = self.add_weight(name="length", shape=[self.max_length], initializer="zeros")

    def call(  # noqa: D102
        self, states: tf.Tensor, sequence_mask: tf.Tensor | None = None, mask: tf.Tensor | None = None
    ) -> tf.Tensor:
        start, end = tf.unstack(tf.cast(self.ends(states), tf.float32), axis=-1)  # [batch, time]
        given = masks.of_steps(states, sequence_mask, mask)
        allowed = tf.ones_like(start, tf.bool) if given is None else given
        logits = start[:, :, tf.newaxis] + self._following(end) + tf.cast(tf.convert_to_tensor(self.length), tf.float32)
        reached = tf.cumsum(tf.cast(~self._following(allowed), tf.int32), axis=-1)
        return tf.where(reached == 0, logits, NO_SPAN)

    def _following(self, values: tf.Tensor) -> tf.Tensor:
        """`[batch, time]` -> `[batch, time, max_length]`: at each step the values from there on, then 0 or False."""
        time = tf.shape(values)[1]
        padded = tf.pad(values, [[0, 0], [0, self.max_length - 1]])
        return tf.stack([padded[:, n : n + time] for n in range(self.max_length)], axis=-1)

    compute_output_spec = traced_output_spec

    def compute_output_shape(self, states_shape: tuple) -> tuple:  # noqa: D102
        return (*states_shape[:-1], self.max_length)

    def compute_mask(self, states: tf.Tensor, previous_mask: tf.Tensor | None) -> tf.Tensor | None:  # noqa: D102
        return previous_mask

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), "max_length": self.max_length}
