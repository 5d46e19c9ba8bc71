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

    With `inside`, a logit of each of its steps is added: what stands in a span counts, not only where it begins and
    ends. All spans are the classes of one softmax, so start and end are decided together. What is asked may decide what
    makes a start, an end, a length and a step inside likely: weights that are a linear function of it are added to
    those of all rows.

    Args:
        max_length: Most steps of a span.
        inside: Whether each step of a span has a logit.

    Call arguments:
        states: `[batch, time, dim]`.
        query: `[batch, query dim]`, what is asked of each row, such as a summary of a question. Default: nothing; then
            there are no weights for it.
        sequence_mask: bool `[batch, time]`, False where no span may reach, such as padding on the right. Default: the
            mask that Keras passes.

    Returns:
        float32 `[batch, time, max_length]` in every dtype policy: element `t, n` is of the span of steps `t` to
        `t + n`, `NO_SPAN` where it reaches a masked step or beyond the end.

    Weights: ends/kernel `[dim, 2]`, ends/bias `[2]`, length `[max_length]`, asked/kernel
    `[query dim, 2 * dim + max_length]` and inside/kernel `[dim, 1]`, of which the last two start at zero; with `inside`
    asked/kernel has `dim` columns more.

    Example:
        >>> logits = SpanHead(30)(states, sequence_mask=ids != 0)
        >>> start, steps = divmod(tf.argmax(tf.reshape(logits[0], [-1])).numpy(), 30)
    """

    def __init__(self, max_length: int, inside: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        check_positive(max_length=max_length)
        self.max_length = max_length
        self.ends = Dense(2, dtype=self.dtype_policy, name="ends")
        # From zero, since a sum over a long span of random logits is far from zero.
        zeros = {"use_bias": False, "kernel_initializer": "zeros", "dtype": self.dtype_policy}
        self.inside = Dense(1, name="inside", **zeros) if inside else None
        self.asked: Dense | None = None

    def build(self, states_shape: tuple, query_shape: tuple | None = None) -> None:  # noqa: D102
        self.ends.build(states_shape)
        if self.inside is not None:
            self.inside.build(states_shape)
        if query_shape is not None:
            width = self._parts * states_shape[-1] + self.max_length
            arguments = {"use_bias": False, "kernel_initializer": "zeros", "dtype": self.dtype_policy}
            self.asked = Dense(width, name="asked", **arguments)
            self.asked.build(query_shape)
        self.length = self.add_weight(name="length", shape=[self.max_length], initializer="zeros")

    def call(  # noqa: D102
        self,
        states: tf.Tensor,
        query: tf.Tensor | None = None,
        sequence_mask: tf.Tensor | None = None,
        mask: tf.Tensor | None = None,
        states_mask: tf.Tensor | None = None,
    ) -> tf.Tensor:
        steps = self.ends(states)
        if self.inside is not None:
            steps = tf.concat([steps, self.inside(states)], axis=-1)
        length = tf.cast(tf.convert_to_tensor(self.length), tf.float32)[tf.newaxis]
        if query is not None and self.asked is not None:
            asked = self.asked(query)
            of_steps, of_length = asked[:, : -self.max_length], asked[:, -self.max_length :]
            steps += tf.matmul(states, tf.reshape(of_steps, [-1, states.shape[-1], self._parts]))
            length += tf.cast(of_length, tf.float32)
        start, end, *inside = tf.unstack(tf.cast(steps, tf.float32), axis=-1)  # [batch, time]
        given = masks.of_steps(states, sequence_mask, mask, states_mask)
        allowed = tf.ones_like(start, tf.bool) if given is None else given
        logits = start[:, :, tf.newaxis] + self._following(end) + length[:, tf.newaxis]
        for of_steps in inside:
            logits += tf.cumsum(self._following(of_steps), axis=-1)
        reached = tf.cumsum(tf.cast(~self._following(allowed), tf.int32), axis=-1)
        return tf.where(reached == 0, logits, NO_SPAN)

    @property
    def _parts(self) -> int:
        """Logits of a step: of a start, of an end, perhaps of one inside."""
        return 2 if self.inside is None else 3

    def _following(self, values: tf.Tensor) -> tf.Tensor:
        """`[batch, time]` -> `[batch, time, max_length]`: at each step the values from there on, then 0 or False."""
        time = tf.shape(values)[1]
        padded = tf.pad(values, [[0, 0], [0, self.max_length - 1]])
        return tf.stack([padded[:, n : n + time] for n in range(self.max_length)], axis=-1)

    compute_output_spec = traced_output_spec

    def compute_output_shape(self, states_shape: tuple, query_shape: tuple | None = None) -> tuple:  # noqa: D102
        return (*states_shape[:-1], self.max_length)

    def compute_mask(self, states: tf.Tensor, previous_mask: Any) -> tf.Tensor | None:  # noqa: D102
        return previous_mask[0] if isinstance(previous_mask, (list, tuple)) else previous_mask

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), "max_length": self.max_length, "inside": self.inside is not None}
