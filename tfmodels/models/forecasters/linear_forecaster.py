"""The linear forecaster."""

import keras
import tensorflow as tf

from tfmodels.layers import Dense
from tfmodels.models.forecasters.forecast_window import ForecastWindow
from tfmodels.models.forecasters.forecaster import Forecaster
from tfmodels.models.forecasters.linear_options import LinearForecasterOptions


@keras.saving.register_keras_serializable("tfmodels")
class LinearForecaster(Forecaster[LinearForecasterOptions]):
    """Linear maps from the history to the horizon (DLinear; Zeng et al., 2023).

    A moving average of the observed values is the trend, the rest is the seasonal part; each has a linear map from all
    steps of the context to all steps of the horizon. A missing value has no seasonal part, and a third map takes the
    indicators of missing values. A linear layer reduces the covariates of the context to one series per channel, which
    a fourth map takes to the horizon; known covariates of the horizon and static covariates are added linearly.

    Args:
        shape: See `Forecaster`.
        head: See `Forecaster`.
        options: Options of the network. Default: `LinearForecasterOptions()`.

    Example:
        >>> model = LinearForecaster(ForecastShape(channels=7, context=336, horizon=96), PointHead("mse"))
        >>> forecast = model({"values": tf.random.normal([8, 336, 7])})  # [8, 96, 7, 1]
    """

    options_type = LinearForecasterOptions

    def make_layers(self) -> None:  # noqa: D102
        shape = self.shape
        per_step = shape.channels * self.head.outputs
        self.from_past = self._covariates(shape.channels, "from_past") if shape.past_features else None
        self.from_future = self._covariates(per_step, "from_future") if shape.known else None
        self.from_static = self._covariates(per_step, "from_static") if shape.static else None

    def build(self, inputs_shape: dict[str, tuple] | None = None) -> None:  # noqa: D102
        shape = self.shape
        maps = shape.channels if self.options.individual else 1
        kernel_shape = [maps, shape.context, shape.horizon * self.head.outputs]
        initializer = keras.initializers.RandomUniform(-(shape.context**-0.5), shape.context**-0.5)
        names = {"trend": initializer, "seasonal": initializer, "missing": "zeros"}
        self.kernels = [
            self.add_weight(name=f"{name}_kernel", shape=kernel_shape, initializer=names[name]) for name in names
        ]
        self.bias = self.add_weight(name="bias", shape=[maps, 1, kernel_shape[-1]], initializer="zeros")
        if self.from_past is not None:
            self.kernels.append(self.add_weight(name="past_kernel", shape=kernel_shape, initializer="zeros"))
            self.from_past.build((None, shape.context, shape.past_features))
        if self.from_future is not None:
            self.from_future.build((None, shape.horizon, shape.future_features))
        if self.from_static is not None:
            self.from_static.build((None, shape.static_features))
        self.build_step_decoder()

    def forecast(self, window: ForecastWindow, record: dict[str, tf.Tensor], training: bool | None) -> tf.Tensor:  # noqa: D102
        values, observed = _series(window.values), _series(window.observed)
        trend = self._moving_average(values, observed, _series(window.started))
        parts = [trend, observed * (values - trend), 1 - observed]
        if self.from_past is not None:
            parts.append(_series(self.from_past(window.past)))
        kernel = tf.cast(tf.concat([tf.convert_to_tensor(kernel) for kernel in self.kernels], axis=1), values.dtype)
        bias = tf.cast(tf.convert_to_tensor(self.bias), values.dtype)
        # With one map for all channels, the channels are rows of one matrix product.
        history = tf.reshape(tf.concat(parts, axis=-1), [-1, kernel.shape[0], kernel.shape[1]])
        raw = tf.transpose(tf.matmul(tf.transpose(history, [1, 0, 2]), kernel) + bias, [1, 0, 2])
        raw = tf.reshape(raw, [-1, self.shape.channels, self.shape.horizon, self.head.outputs])
        raw = tf.transpose(raw, [0, 2, 1, 3])
        if self.from_future is not None:
            raw += tf.reshape(self.from_future(window.future), tf.shape(raw))
        if self.from_static is not None:
            raw += tf.reshape(self.from_static(window.static), [-1, 1, self.shape.channels, self.head.outputs])
        return raw if self.step_decoder is None else raw + self.forecast_steps(window, record, training)

    def _covariates(self, units: int, name: str) -> Dense:
        return Dense(units, use_bias=False, dtype=self.dtype_policy, name=name)

    def _moving_average(self, values: tf.Tensor, observed: tf.Tensor, started: tf.Tensor) -> tf.Tensor:
        """Mean of the observed values around each step, 0 where there are none and before the first one."""
        kernel, steps = self.options.kernel, tf.range(self.shape.context)
        before = steps - steps[:, tf.newaxis]
        near = tf.cast((before <= kernel // 2) & (-before <= (kernel - 1) // 2), values.dtype)
        sums, counts = (tf.tensordot(x, near, 1) for x in (values, observed))
        return tf.where(started, tf.math.divide_no_nan(sums, counts), tf.zeros_like(sums))


def _series(steps: tf.Tensor) -> tf.Tensor:
    return tf.transpose(steps, [0, 2, 1])  # [batch, channels, context]
