"""The LSTM as a forecaster."""

import keras
import tensorflow as tf

from tfmodels.layers import HorizonDecoder, LSTMStack
from tfmodels.models.forecasters.forecast_window import (
    ForecastWindow,
    beside_static,
    by_channel,
    future_features,
    patch_features,
)
from tfmodels.models.forecasters.forecaster import Forecaster
from tfmodels.models.lstm_options import LSTMForecasterOptions


@keras.saving.register_keras_serializable("tfmodels")
class LSTMForecaster(Forecaster[LSTMForecasterOptions]):
    """A stack of LSTMs reads the history; a decoder forecasts all steps of the horizon at once from its last state.

    The features of a step are the normalised value, its indicator, the time since the last observed value and the
    covariates. Steps before the first observed value are skipped. With irregular sampling the step size is another
    feature, and the state decays with time (`LSTM(decay=True)`). Known covariates of the horizon enter the decoder at
    their own step; with `plain=True` the decoder is one affine map of the last state without them.

    Args:
        shape: See `Forecaster`.
        head: See `Forecaster`.
        options: Options of the network. Default: `LSTMForecasterOptions()`.

    Example:
        >>> shape = ForecastShape(channels=1, context=168, horizon=24, known=4)
        >>> model = LSTMForecaster(shape, QuantileHead([0.1, 0.5, 0.9]), LSTMForecasterOptions(d_model=32))
        >>> quantiles = model({"values": tf.zeros([8, 168, 1]), "known": tf.zeros([8, 192, 4])})  # [8, 24, 1, 3]
    """

    options_type = LSTMForecasterOptions

    def make_layers(self) -> None:  # noqa: D102
        shape, options = self.shape, self.options
        width, policy = options.d_model, self.dtype_policy
        stack = {**options.stack, "decay": shape.irregular, "return_sequences": True}
        self.lstm = LSTMStack(width, **stack, dtype=policy, name="lstm")
        outputs = self.head.outputs * (shape.channels if options.mix_channels else 1)
        self.decoder = None
        if options.decoder == "direct":
            self.decoder = HorizonDecoder(shape.horizon, outputs, width, options.dropout, dtype=policy, name="decoder")

    def build(self, inputs_shape: dict[str, tuple] | None = None) -> None:  # noqa: D102
        shape, options = self.shape, self.options
        self.lstm.build((None, None, options.patch * shape.step_features(options.mix_channels)))
        if self.decoder is not None:
            future = None if options.plain else shape.future
            self.decoder.build((None, self.lstm.output_dim + shape.static_features), future)
        self.build_step_decoder(self.lstm.output_dim)

    def forecast(self, window: ForecastWindow, record: dict[str, tf.Tensor], training: bool | None) -> tf.Tensor:  # noqa: D102
        mix_channels, patch = self.options.mix_channels, self.options.patch
        features, seen, elapsed = patch_features(window, mix_channels, patch, patch)
        states = self.lstm(features, sequence_mask=seen, elapsed=elapsed, training=training)
        if self.decoder is None:
            return self.forecast_steps(window, record, training, states[:, -1])
        state = beside_static(states[:, -1], window, mix_channels)
        future = None if self.options.plain else future_features(window, mix_channels)
        return by_channel(self.decoder(state, future, training=training), self.shape.channels, mix_channels)
