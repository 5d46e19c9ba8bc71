"""The Transformer encoder as a forecaster."""

import keras
import tensorflow as tf

from tfmodels.layers import (
    Dense,
    Dropout,
    HorizonDecoder,
    LayerNormalization,
    LearnedPositions,
    TransformerEncoderLayer,
    masks,
)
from tfmodels.models.forecasters.forecast_window import (
    ForecastWindow,
    attention_by_window,
    beside_static,
    by_channel,
    future_features,
    patch_count,
    patch_features,
)
from tfmodels.models.forecasters.forecaster import Forecaster
from tfmodels.models.transformer_options import TransformerForecasterOptions


@keras.saving.register_keras_serializable("tfmodels")
class TransformerForecaster(Forecaster[TransformerForecasterOptions]):
    """A Transformer encoder over patches of the history (PatchTST; Nie et al., 2023).

    A patch holds the features of `patch` consecutive steps (values, indicators, times since the last observed value,
    covariates); the last patch ends with the history. One map takes the states of all patches to the whole horizon;
    known covariates of the horizon enter there at their own step. Patches before the first observed value are masked,
    and their states are zero.

    Args:
        shape: See `Forecaster`.
        head: See `Forecaster`.
        options: Options of the network. Default: `TransformerForecasterOptions()`.

    Call arguments:
        inputs: See `Forecaster`.
        intermediates: Adds `encoder/<i>/attention` for each layer and the last of them as `attention`, each
            `[batch, heads, query, key]` over the patches. Without `mix_channels` the heads are those of the first
            channel, then those of the second and so on.

    Example:
        >>> model = TransformerForecaster(ForecastShape(7, context=512, horizon=96), PointHead("mse"))
        >>> forecast = model({"values": tf.zeros([8, 512, 7])})  # [8, 96, 7, 1]
    """

    options_type = TransformerForecasterOptions

    def make_layers(self) -> None:  # noqa: D102
        shape, options = self.shape, self.options
        self.patches = patch_count(shape.context, options.patch, options.patch_distance)
        policy = self.dtype_policy
        self.embedding = Dense(options.d_model, dtype=policy, name="embedding")
        self.positions = LearnedPositions(self.patches, dtype=policy, name="positions")
        self.dropout = Dropout(options.dropout, dtype=policy, name="dropout")
        self.encoder_layers = [
            TransformerEncoderLayer(
                options.d_model,
                options.num_heads,
                options.feed_forward_dim,
                options.dropout,
                options.activation,
                options.norm_first,
                attention_dropout=options.attention_dropout,
                dtype=policy,
                name=f"encoder_{i}",
            )
            for i in range(options.num_layers)
        ]
        self.encoder_norm = LayerNormalization(dtype=policy, name="encoder_norm") if options.norm_first else None
        outputs = self.head.outputs * (shape.channels if options.mix_channels else 1)
        self.decoder = None
        if options.decoder == "direct":
            self.decoder = HorizonDecoder(
                shape.horizon, outputs, dropout=options.head_dropout, dtype=policy, name="decoder"
            )

    def build(self, inputs_shape: dict[str, tuple] | None = None) -> None:  # noqa: D102
        shape, options = self.shape, self.options
        states = (None, self.patches, options.d_model)
        self.embedding.build((None, self.patches, options.patch * shape.step_features(options.mix_channels)))
        self.positions.build(states)
        self.dropout.build(states)
        for layer in self.encoder_layers:
            layer.build(states)
        if self.encoder_norm is not None:
            self.encoder_norm.build(states)
        if self.decoder is not None:
            self.decoder.build((None, self.patches * options.d_model + shape.static_features), shape.future)
        self.build_step_decoder(self.patches * options.d_model)

    def forecast(self, window: ForecastWindow, record: dict[str, tf.Tensor], training: bool | None) -> tf.Tensor:  # noqa: D102
        channels, mix_channels = self.shape.channels, self.options.mix_channels
        features, seen, _ = patch_features(window, mix_channels, self.options.patch, self.options.patch_distance)
        x = self.positions(self.embedding(features), tf.range(self.patches)[tf.newaxis])
        x = self.dropout(x, training=training)
        for i, layer in enumerate(self.encoder_layers):
            x, scores = layer(x, attention_mask=masks.key_mask(seen), return_scores=True, training=training)
            record["attention"] = attention_by_window(scores, channels, mix_channels)
            record[f"encoder/{i}/attention"] = record["attention"]
        if self.encoder_norm is not None:
            x = self.encoder_norm(x)
        x = tf.where(seen[:, :, tf.newaxis], x, tf.zeros_like(x))
        state = tf.reshape(x, [-1, self.patches * self.options.d_model])
        if self.decoder is None:
            return self.forecast_steps(window, record, training, state)
        state = beside_static(state, window, mix_channels)
        raw = self.decoder(state, future_features(window, mix_channels), training=training)
        return by_channel(raw, channels, mix_channels)
