"""A time-aware LSTM over the moments of an entity's measurements."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers import Dense, LSTMStack
from tfmodels.models.event_classifiers.event_batch import EventBatch
from tfmodels.models.event_classifiers.event_classifier import EventClassifier, Fuse
from tfmodels.models.event_classifiers.event_steps import EventSteps, event_steps
from tfmodels.models.event_options import LSTMEventOptions

_UNITS = 10  # of time in the longest history, by which states and inputs decay
_SLOWLY = -3.0  # where the rates of the inputs start, before softplus


@keras.saving.register_keras_serializable("tfmodels")
class LSTMEventClassifier(EventClassifier):
    """LSTMs whose inputs and states decay with time (GRU-D's idea; Che et al., 2018), pooled by attention.

    There is a step for each distinct time. The input of a variable is its latest value, which decays to the median at a
    learned rate, whether it was measured now, and how often.

    Args:
        num_variables: Number of variables; steps have three numbers for each.
        outputs: Number of logits.
        options: Of the LSTMs and of the attention that pools. Default: `LSTMEventOptions()`.
        **kwargs: `static_fields`, `aggregates`, `max_hours`, `note_tokens` and arguments of `keras.Model`; see
            `EventClassifier`.

    Call arguments:
        inputs: dict of `time`, `variable` and `value`, `[batch, events]`; see `EventClassifier`.
        intermediates: Also return a dict of the attention map `"pooling/attention"` `[batch, heads, events]`; a step
            shares its weight among its measurements.

    Returns:
        Logits, float32 `[batch, outputs]`.

    Weights: decay_rate `[num_variables]`, and those of the layers.

    Example:
        >>> model = LSTMEventClassifier(37, 1)
        >>> events = {"time": [[0.0, 1.5]], "variable": [[1, 2]], "value": [[80.0, float("nan")]]}
        >>> risk = tf.sigmoid(model({name: tf.constant(of) for name, of in events.items()}))
    """

    options_type = LSTMEventOptions

    def __init__(
        self, num_variables: int, outputs: int = 1, options: LSTMEventOptions | None = None, **kwargs: Any
    ) -> None:
        options = options or LSTMEventOptions()
        super().__init__(num_variables, outputs, options, **kwargs)
        self.supports_jit = False  # the number of steps follows from the times
        policy = self.dtype_policy
        self.entrance = Dense(options.d_model, dtype=policy, name="entrance")
        self.lstm = LSTMStack(
            options.d_model, **options.stack, decay=True, return_sequences=True, return_state=True, dtype=policy,
            name="lstm",
        )  # fmt: skip

    def build(self, inputs_shape: Any = None) -> None:  # noqa: D102
        super().build(inputs_shape)
        initializer = keras.initializers.Constant(_SLOWLY)
        self.decay_rate = self.add_weight(
            name="decay_rate", shape=[self.num_variables], initializer=initializer, autocast=False
        )
        self.entrance.build((None, None, 3 * self.num_variables))
        self.lstm.build((None, None, self.options.d_model))

    def pool(  # noqa: D102
        self, events: EventBatch, fuse: Fuse, maps: dict[str, tf.Tensor], training: bool | None
    ) -> tf.Tensor:
        steps = event_steps(events, self.num_variables)
        per_hour = _UNITS / self.max_hours
        remaining = tf.exp(-tf.nn.softplus(tf.convert_to_tensor(self.decay_rate)) * (per_hour * steps.age))
        seen = tf.minimum(steps.count, 1.0)
        inputs = tf.concat([steps.last_value * remaining, seen, tf.math.log1p(steps.count)], axis=-1)
        inputs = tf.ensure_shape(inputs, [None, None, 3 * self.num_variables])
        states, *last = self.lstm(
            self.entrance(tf.cast(inputs, self.compute_dtype)),
            sequence_mask=steps.mask,
            elapsed=tf.cast(per_hour * steps.elapsed, self.compute_dtype),
            training=training,
        )
        states = fuse(states)
        pooled, weights = self.pooling(states, sequence_mask=steps.mask, return_scores=True, training=training)
        maps["pooling/attention"] = _of_events(weights, steps, events)
        return pooled + last[-1][0]


def _of_events(weights: tf.Tensor, steps: EventSteps, events: EventBatch) -> tf.Tensor:
    """Weights of steps, `[batch, heads, steps]`, as weights of their measurements, `[batch, heads, events]`."""
    share = weights / tf.cast(tf.maximum(tf.reduce_sum(steps.count, axis=2), 1)[:, tf.newaxis], weights.dtype)
    place = tf.broadcast_to(
        tf.maximum(steps.step, 0)[:, tf.newaxis], tf.concat([tf.shape(share)[:2], tf.shape(steps.step)[1:]], 0)
    )
    found = tf.gather(share, place, batch_dims=2)
    return tf.where(events.mask[:, tf.newaxis], found, tf.zeros_like(found))
