"""The LSTM as a forecaster."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers import HorizonDecoder, LSTMStack
from tfmodels.models.forecast_window import (
    ForecastWindow,
    beside_static,
    by_channel,
    future_features,
    patch_features,
)
from tfmodels.models.forecaster import Forecaster


@keras.saving.register_keras_serializable("tfmodels")
class LSTMForecaster(Forecaster):
    """A stack of LSTMs reads the history; its last state answers for all steps of the horizon at once.

    A step is the normalised value, its indicator, the time since the last observed value and the covariates. Steps
    before the first observed value are skipped: the state is still that of the start. With irregular sampling the step
    size is one more feature, and the state fades with time (`LSTM(decay=True)`). Known covariates of the horizon enter
    the decoder at their own step; `plain=True` leaves them out there, so that one affine map takes the last state to
    the horizon.

    Args:
        channels: See `Forecaster`; so are the next nine.
        context: Steps of the history.
        horizon: Steps to forecast.
        head: The head.
        past: Number of past covariates.
        known: Number of known covariates.
        static: Number of static covariates.
        irregular: Whether there is the input `steps`.
        center: Of the normalisation.
        seasons: See `Forecaster`.
        units: Width of the LSTMs and of the decoder.
        num_layers: LSTMs, with residual connections.
        patch: Steps that the LSTM reads at once: a long history costs as much less.
        mix_channels: All channels in one sequence; else each is a sequence of its own under the same weights.
        plain: One affine map from the last state to the horizon.
        dropout: Rate on the inputs of each LSTM, on the last state and in the decoder.
        recurrent_dropout: See `LSTM`; so are the two below.
        weight_drop: Rate on the recurrent weights.
        layer_norm: Whether the LSTMs normalise inside the cell.

    Example:
        >>> model = LSTMForecaster(channels=1, context=168, horizon=24, head=QuantileHead([0.1, 0.5, 0.9]), known=4)
        >>> quantiles = model({"values": tf.zeros([8, 168, 1]), "known": tf.zeros([8, 192, 4])})  # [8, 24, 1, 3]
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
        units: int = 64,
        num_layers: int = 2,
        patch: int = 1,
        mix_channels: bool = False,
        plain: bool = False,
        dropout: float = 0.1,
        recurrent_dropout: float = 0.0,
        weight_drop: float = 0.0,
        layer_norm: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(channels, context, horizon, head, past, known, static, irregular, center, seasons, **kwargs)
        if not 1 <= patch <= context:
            raise ValueError(f"Expected `patch` from 1 to `context`, {context}. Received: patch={patch}")
        self._arguments = {
            "units": units,
            "num_layers": num_layers,
            "patch": patch,
            "mix_channels": mix_channels,
            "plain": plain,
            "dropout": dropout,
            "recurrent_dropout": recurrent_dropout,
            "weight_drop": weight_drop,
            "layer_norm": layer_norm,
        }
        self.patch = patch
        self.mix_channels = mix_channels
        self.plain = plain
        self.lstm = LSTMStack(
            units,
            num_layers,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            weight_drop=weight_drop,
            layer_norm=layer_norm,
            decay=irregular,
            dtype=self.dtype_policy,
            name="lstm",
        )
        outputs = head.outputs * (channels if mix_channels else 1)
        self.decoder = HorizonDecoder(horizon, outputs, units, dropout, dtype=self.dtype_policy, name="decoder")

    def build(self, inputs_shape: dict[str, tuple] | None = None) -> None:  # noqa: D102
        self.lstm.build((None, None, self.patch * self.step_width(self.mix_channels)))
        future = (None, self.horizon, self.future_features) if self.future_features and not self.plain else None
        self.decoder.build((None, self.lstm.output_dim + self.static_features), future)

    def forecast(self, window: ForecastWindow, maps: dict[str, tf.Tensor], training: bool | None) -> tf.Tensor:  # noqa: D102
        features, seen, elapsed = patch_features(window, self.mix_channels, self.patch, self.patch)
        states = self.lstm(features, sequence_mask=seen, elapsed=elapsed, training=training)
        state = beside_static(states[:, -1], window, self.mix_channels)
        future = None if self.plain else future_features(window, self.mix_channels)
        return by_channel(self.decoder(state, future, training=training), self.channels, self.mix_channels)

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), **self._arguments}
