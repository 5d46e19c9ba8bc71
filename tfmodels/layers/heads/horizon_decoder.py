"""From an encoding of the past to every step of the horizon."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers.dense import Dense
from tfmodels.layers.dropout import Dropout
from tfmodels.layers.positive_sizes import check_positive


@keras.saving.register_keras_serializable("tfmodels")
class HorizonDecoder(keras.layers.Layer):
    """Computes the outputs of all steps of the horizon at once, from the past and from known future covariates.

    One affine map takes the state to all steps. Where future covariates are given, a network with the same weights at
    all steps is added to it; its inputs are the state, a learned vector of the step and the step's covariates (after
    the local network of MQ-RNN; Wen et al., 2017).

    Args:
        horizon: Number of steps.
        outputs: Number of outputs per step.
        units: Width of the network over the steps.
        dropout: Dropout rate on the state and inside that network.

    Call arguments:
        state: `[rows, dim]`, an encoding of the past.
        future: `[rows, horizon, features]`, or None for the affine map alone.

    Returns:
        `[rows, horizon, outputs]`.

    Example:
        `HorizonDecoder(24, outputs=3)(tf.zeros([8, 64]), tf.zeros([8, 24, 5]))` has shape `[8, 24, 3]`.
    """

    def __init__(self, horizon: int, outputs: int, units: int = 64, dropout: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_positive(horizon=horizon, outputs=outputs)
        self._arguments = {"horizon": horizon, "outputs": outputs, "units": units, "dropout": dropout}
        self.horizon = horizon
        self.outputs = outputs
        self.units = units
        policy = self.dtype_policy
        self.dropout = Dropout(dropout, dtype=policy, name="dropout")
        self.direct = Dense(horizon * outputs, dtype=policy, name="direct")

    def build(self, state_shape: tuple, future_shape: tuple | None = None) -> None:  # noqa: D102
        self.direct.build((None, state_shape[-1]))
        if future_shape is None:
            return
        policy = self.dtype_policy
        self.from_state = Dense(self.units, use_bias=False, dtype=policy, name="from_state")
        self.from_future = Dense(self.units, use_bias=False, dtype=policy, name="from_future")
        self.inner = Dense(self.units, "relu", dtype=policy, name="inner")
        self.outer = Dense(self.outputs, dtype=policy, name="outer")
        self.from_state.build((None, state_shape[-1]))
        self.from_future.build((None, None, future_shape[-1]))
        self.inner.build((None, None, self.units))
        self.outer.build((None, None, self.units))
        initializer = keras.initializers.RandomNormal(stddev=0.1)
        self.steps = self.add_weight(name="steps", shape=[self.horizon, self.units], initializer=initializer)

    def call(  # noqa: D102
        self, state: tf.Tensor, future: tf.Tensor | None = None, training: bool | None = None
    ) -> tf.Tensor:
        state = self.dropout(state, training=training)
        direct = tf.reshape(self.direct(state), [-1, self.horizon, self.outputs])
        if future is None:
            return direct
        steps = tf.cast(tf.convert_to_tensor(self.steps), state.dtype)
        hidden = tf.nn.relu(self.from_state(state)[:, tf.newaxis] + self.from_future(future) + steps)
        hidden += self.dropout(self.inner(hidden), training=training)
        return direct + self.outer(hidden)

    def compute_output_shape(self, state_shape: tuple, future_shape: tuple | None = None) -> tuple:  # noqa: D102
        return (state_shape[0], self.horizon, self.outputs)

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), **self._arguments}
