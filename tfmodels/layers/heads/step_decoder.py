"""From what is known of each step of the horizon to its outputs."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers.attention.seasonal_attention import SeasonalAttention
from tfmodels.layers.dense import Dense
from tfmodels.layers.dropout import Dropout
from tfmodels.layers.layer_normalization import LayerNormalization
from tfmodels.layers.positive_sizes import check_positive
from tfmodels.layers.traced_output_spec import traced_output_spec


@keras.saving.register_keras_serializable("tfmodels")
class StepDecoder(keras.layers.Layer):
    """Computes the outputs of each step of the horizon from what is known of that very step.

    A residual network with the same weights at all steps reads the known covariates of the step, an encoding of the
    past, a learned vector of the step and, with `seasons`, the values at the step's phase in earlier seasons and
    whether they were observed. Added to one of the outputs is the mean of these values that `SeasonalAttention` gives
    with the network's state as the query: the network corrects an average of earlier seasons that it weighs itself.

    Args:
        horizon: Number of steps.
        outputs: Number of outputs of a step.
        units: Width of the network.
        num_layers: Residual blocks of it.
        dropout: Dropout rate in the network.
        seasons: Lengths of seasons in steps; empty = no seasonal attention.
        location: The output that the attended mean is added to.

    Call arguments:
        state: `[rows, dim]`, an encoding of the past.
        future: `[rows, horizon, features]`, what is known of each step. Default: nothing.
        values: `[rows, context]`, the history, 0 where it is missing; with `seasons` only.
        sequence_mask: bool `[rows, context]`, False where a value is missing. Default: none is.
        return_scores: Also return the weights of the seasonal attention, `[rows, horizon, lags]`.

    Returns:
        `[rows, horizon, outputs]`; with `return_scores` a tuple with the weights.

    Example:
        >>> decoder = StepDecoder(24, outputs=3, seasons=[24])
        >>> decoder(tf.zeros([8, 64]), future=tf.zeros([8, 24, 5]), values=tf.zeros([8, 336])).shape
        TensorShape([8, 24, 3])
    """

    def __init__(
        self,
        horizon: int,
        outputs: int,
        units: int = 128,
        num_layers: int = 2,
        dropout: float = 0.2,
        seasons: Sequence[int] = (),
        location: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_positive(horizon=horizon, outputs=outputs, num_layers=num_layers)
        self._arguments = {
            "horizon": horizon,
            "outputs": outputs,
            "units": units,
            "num_layers": num_layers,
            "dropout": dropout,
            "seasons": list(seasons),
            "location": location,
        }
        self.horizon, self.outputs, self.units, self.location = horizon, outputs, units, location
        policy = self.dtype_policy
        self.from_state = Dense(units, dtype=policy, name="from_state")
        self.from_step = Dense(units, use_bias=False, dtype=policy, name="from_step")
        self.norms = [LayerNormalization(dtype=policy, name=f"norm_{i}") for i in range(num_layers)]
        self.inner = [Dense(units, "relu", dtype=policy, name=f"inner_{i}") for i in range(num_layers)]
        self.outer = [Dense(units, dtype=policy, name=f"outer_{i}") for i in range(num_layers)]
        self.dropout = Dropout(dropout, dtype=policy, name="dropout")
        self.output_map = Dense(outputs, dtype=policy, name="output_map")
        self.attention = SeasonalAttention(seasons, dtype=policy, name="attention") if seasons else None

    def build(  # noqa: D102
        self, state_shape: tuple, future_shape: tuple | None = None, values_shape: tuple | None = None
    ) -> None:
        hidden = (None, self.horizon, self.units)
        features = 0 if future_shape is None else future_shape[-1]
        if self.attention is not None:
            if values_shape is None:
                raise ValueError("Expected `values`, the history, with seasons. Received: values=None")
            self.attention.build(hidden, values_shape)
            features += 2 * len(self.attention.lags)
        self.from_state.build(state_shape)
        if features:
            self.from_step.build((None, self.horizon, features))
        initializer = keras.initializers.RandomNormal(stddev=0.1)
        self.steps = self.add_weight(name="steps", shape=[self.horizon, self.units], initializer=initializer)
        for layer in (*self.norms, *self.inner, *self.outer, self.output_map):
            layer.build(hidden)

    def call(  # noqa: D102
        self,
        state: tf.Tensor,
        future: tf.Tensor | None = None,
        values: tf.Tensor | None = None,
        sequence_mask: tf.Tensor | None = None,
        return_scores: bool = False,
        training: bool | None = None,
    ) -> tf.Tensor | tuple[tf.Tensor, tf.Tensor | None]:
        x = self.from_state(state)[:, tf.newaxis] + tf.cast(tf.convert_to_tensor(self.steps), state.dtype)
        known = [] if future is None else [future]
        if self.attention is not None and values is not None:
            observed = tf.ones_like(values) if sequence_mask is None else tf.cast(sequence_mask, values.dtype)
            known += [self.attention.earlier(values), self.attention.earlier(observed)]
        if known:
            x += self.from_step(tf.concat(known, axis=-1))
        x = self.dropout(x, training=training)
        for norm, inner, outer in zip(self.norms, self.inner, self.outer, strict=True):
            hidden = self.dropout(inner(norm(x)), training=training)
            x += self.dropout(outer(hidden), training=training)
        outputs, scores = self.output_map(x), None
        if self.attention is not None:
            found, scores = self.attention(x, values, sequence_mask, return_scores=True)
            outputs += found[:, :, tf.newaxis] * tf.one_hot(self.location, self.outputs, dtype=outputs.dtype)
        return (outputs, scores) if return_scores else outputs

    compute_output_spec = traced_output_spec

    def compute_output_shape(  # noqa: D102
        self, state_shape: tuple, future_shape: tuple | None = None, values_shape: tuple | None = None
    ) -> tuple:
        return (state_shape[0], self.horizon, self.outputs)

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), **self._arguments}
