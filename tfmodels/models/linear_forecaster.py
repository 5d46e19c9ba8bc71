"""The linear forecaster."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers import Dense
from tfmodels.models.forecast_window import ForecastWindow
from tfmodels.models.forecaster import Forecaster


@keras.saving.register_keras_serializable("tfmodels")
class LinearForecaster(Forecaster):
    """Linear maps from the history to the horizon (DLinear; Zeng et al., 2023), the small baseline of the families.

    A moving average over the observed values is the trend, what is left the seasonal part; each has a map of its own
    from all steps of the context to all of the horizon. A missing value has no seasonal part, and a third map adds what
    it means that a step was not observed. Covariates of the context are summed to one series per channel by weights of
    their own, which a fourth map takes to the horizon; known covariates of the horizon and static ones are added
    linearly.

    Args:
        channels: See `Forecaster`; so are the next nine.
        context: Steps of the history.
        horizon: Steps to forecast.
        head: The head.
        past: Number of past covariates.
        known: Number of known covariates.
        static: Number of static covariates.
        irregular: Whether there is the input `steps`.
        center: Of the normalisation; `"last"` is that of NLinear.
        seasons: See `Forecaster`.
        kernel: Steps of the moving average.
        individual: Maps for each channel, instead of the same for all.

    Example:
        >>> model = LinearForecaster(channels=7, context=336, horizon=96, head=PointHead("mse"))
        >>> forecast = model({"values": tf.random.normal([8, 336, 7])})  # [8, 96, 7, 1]
    """

    def __init__(
        self,
        channels: int,
        context: int,
        horizon: int,
        head: keras.layers.Layer,
        past: int = 0,
        known: int = 0,
        static: int = 0,
        irregular: bool = False,
        center: str = "mean",
        seasons: Sequence[int] = (),
        kernel: int = 25,
        individual: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(channels, context, horizon, head, past, known, static, irregular, center, seasons, **kwargs)
        if kernel < 1:
            raise ValueError(f"Expected `kernel` to be at least 1. Received: kernel={kernel}")
        self._arguments = {"kernel": kernel, "individual": individual}
        self.kernel = kernel
        self.individual = individual
        policy = self.dtype_policy
        per_step = channels * head.outputs
        self.from_past = Dense(channels, use_bias=False, dtype=policy, name="from_past") if self.past_features else None
        self.from_future = Dense(per_step, use_bias=False, dtype=policy, name="from_future") if known else None
        self.from_static = Dense(per_step, use_bias=False, dtype=policy, name="from_static") if static else None

    def build(self, inputs_shape: dict[str, tuple] | None = None) -> None:  # noqa: D102
        maps = self.channels if self.individual else 1
        shape = [maps, self.context, self.horizon * self.head.outputs]
        initializer = keras.initializers.RandomUniform(-(self.context**-0.5), self.context**-0.5)
        names = {"trend": initializer, "seasonal": initializer, "missing": "zeros"}
        self.kernels = [self.add_weight(name=f"{name}_kernel", shape=shape, initializer=names[name]) for name in names]
        self.bias = self.add_weight(name="bias", shape=[maps, 1, shape[-1]], initializer="zeros")
        if self.from_past is not None:
            self.kernels.append(self.add_weight(name="past_kernel", shape=shape, initializer="zeros"))
            self.from_past.build((None, self.context, self.past_features))
        if self.from_future is not None:
            self.from_future.build((None, self.horizon, self.future_features))
        if self.from_static is not None:
            self.from_static.build((None, self.static_features))

    def forecast(self, window: ForecastWindow, maps: dict[str, tf.Tensor], training: bool | None) -> tf.Tensor:  # noqa: D102
        values, observed = _series(window.values), _series(window.observed)
        trend = self._moving_average(values, observed, _series(window.started))
        parts = [trend, observed * (values - trend), 1 - observed]
        if self.from_past is not None:
            parts.append(_series(self.from_past(window.past)))
        kernel = tf.cast(tf.concat([tf.convert_to_tensor(kernel) for kernel in self.kernels], axis=1), values.dtype)
        bias = tf.cast(tf.convert_to_tensor(self.bias), values.dtype)
        # With one map for all channels these are more rows of one product.
        history = tf.reshape(tf.concat(parts, axis=-1), [-1, kernel.shape[0], kernel.shape[1]])
        raw = tf.transpose(tf.matmul(tf.transpose(history, [1, 0, 2]), kernel) + bias, [1, 0, 2])
        raw = tf.reshape(raw, [-1, self.channels, self.horizon, self.head.outputs])
        raw = tf.transpose(raw, [0, 2, 1, 3])
        if self.from_future is not None:
            raw += tf.reshape(self.from_future(window.future), tf.shape(raw))
        if self.from_static is not None:
            raw += tf.reshape(self.from_static(window.static), [-1, 1, self.channels, self.head.outputs])
        return raw

    def _moving_average(self, values: tf.Tensor, observed: tf.Tensor, started: tf.Tensor) -> tf.Tensor:
        """Mean of the observed values around each step, 0 where there are none and before the first one."""
        before = tf.range(self.context) - tf.range(self.context)[:, tf.newaxis]
        near = tf.cast((before <= self.kernel // 2) & (-before <= (self.kernel - 1) // 2), values.dtype)
        sums, counts = (tf.tensordot(x, near, 1) for x in (values, observed))
        return tf.where(started, tf.math.divide_no_nan(sums, counts), tf.zeros_like(sums))

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), **self._arguments}


def _series(steps: tf.Tensor) -> tf.Tensor:
    return tf.transpose(steps, [0, 2, 1])  # [batch, channels, context]
