"""The Transformer encoder as a forecaster."""

from collections.abc import Sequence
from typing import Any

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
from tfmodels.models.forecast_window import (
    ForecastWindow,
    attention_by_window,
    beside_static,
    by_channel,
    future_features,
    patch_count,
    patch_features,
)
from tfmodels.models.forecaster import Forecaster


@keras.saving.register_keras_serializable("tfmodels")
class TransformerForecaster(Forecaster):
    """A Transformer encoder over patches of the history (PatchTST; Nie et al., 2023).

    A patch is the values, indicators, times since the last observed value and covariates of some neighbouring steps,
    the last one ends with the history. The states of all patches together are mapped to the horizon at once; known
    covariates of the horizon enter there at their own step. Patches before the first observed value are not looked at,
    and their states count as zero.

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
        d_model: Width of the states.
        num_layers: Layers of the encoder.
        num_heads: Attention heads.
        feed_forward_dim: Inner width of the position-wise networks.
        patch: Steps of a patch.
        stride: Steps from the start of a patch to that of the next.
        mix_channels: All channels in one sequence; else each is a sequence of its own under the same weights.
        dropout: Rate in the encoder, but for the attention weights.
        attention_dropout: Rate on these: as in the paper none, which spares a good part of a step.
        head_dropout: Rate on what is mapped to the horizon.
        norm_first: Pre-norm, with a final norm after the stack.

    Call arguments:
        inputs: See `Forecaster`.
        intermediates: Adds `encoder/<i>/attention` for each layer and the last of them as `attention`, each
            `[batch, heads, query, key]` over the patches. Without `mix_channels` the heads are those of the first
            channel, then those of the second and so on.

    Example:
        >>> model = TransformerForecaster(7, context=512, horizon=96, head=PointHead("mse"))
        >>> forecast = model({"values": tf.zeros([8, 512, 7])})  # [8, 96, 7, 1]
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
        d_model: int = 16,
        num_layers: int = 3,
        num_heads: int = 4,
        feed_forward_dim: int = 128,
        patch: int = 16,
        stride: int = 8,
        mix_channels: bool = False,
        dropout: float = 0.2,
        attention_dropout: float = 0.0,
        head_dropout: float = 0.0,
        norm_first: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(channels, context, horizon, head, past, known, static, irregular, center, seasons, **kwargs)
        if not 1 <= stride <= patch <= context:
            raise ValueError(
                f"Expected 1 <= `stride` <= `patch` <= `context`. Received: stride={stride}, patch={patch}, {context=}"
            )
        self._arguments = {
            "d_model": d_model,
            "num_layers": num_layers,
            "num_heads": num_heads,
            "feed_forward_dim": feed_forward_dim,
            "patch": patch,
            "stride": stride,
            "mix_channels": mix_channels,
            "dropout": dropout,
            "attention_dropout": attention_dropout,
            "head_dropout": head_dropout,
            "norm_first": norm_first,
        }
        self.d_model = d_model
        self.patch = patch
        self.stride = stride
        self.mix_channels = mix_channels
        self.patches = patch_count(context, patch, stride)
        policy = self.dtype_policy
        self.embedding = Dense(d_model, dtype=policy, name="embedding")
        self.positions = LearnedPositions(self.patches, dtype=policy, name="positions")
        self.dropout = Dropout(dropout, dtype=policy, name="dropout")
        self.encoder_layers = [
            TransformerEncoderLayer(
                d_model,
                num_heads,
                feed_forward_dim,
                dropout,
                "gelu",
                norm_first,
                attention_dropout=attention_dropout,
                dtype=policy,
                name=f"encoder_{i}",
            )
            for i in range(num_layers)
        ]
        self.encoder_norm = LayerNormalization(dtype=policy, name="encoder_norm") if norm_first else None
        outputs = head.outputs * (channels if mix_channels else 1)
        self.decoder = HorizonDecoder(horizon, outputs, dropout=head_dropout, dtype=policy, name="decoder")

    def build(self, inputs_shape: dict[str, tuple] | None = None) -> None:  # noqa: D102
        states = (None, self.patches, self.d_model)
        self.embedding.build((None, self.patches, self.patch * self.step_width(self.mix_channels)))
        self.positions.build(states)
        for layer in self.encoder_layers:
            layer.build(states)
        if self.encoder_norm is not None:
            self.encoder_norm.build(states)
        future = (None, self.horizon, self.future_features) if self.future_features else None
        self.decoder.build((None, self.patches * self.d_model + self.static_features), future)

    def forecast(self, window: ForecastWindow, maps: dict[str, tf.Tensor], training: bool | None) -> tf.Tensor:  # noqa: D102
        features, seen, _ = patch_features(window, self.mix_channels, self.patch, self.stride)
        x = self.positions(self.embedding(features), tf.range(self.patches)[tf.newaxis])
        x = self.dropout(x, training=training)
        for i, layer in enumerate(self.encoder_layers):
            x, scores = layer(x, attention_mask=masks.key_mask(seen), return_scores=True, training=training)
            maps["attention"] = attention_by_window(scores, self.channels, self.mix_channels)
            maps[f"encoder/{i}/attention"] = maps["attention"]
        if self.encoder_norm is not None:
            x = self.encoder_norm(x)
        x = tf.where(seen[:, :, tf.newaxis], x, tf.zeros_like(x))
        state = beside_static(tf.reshape(x, [-1, self.patches * self.d_model]), window, self.mix_channels)
        raw = self.decoder(state, future_features(window, self.mix_channels), training=training)
        return by_channel(raw, self.channels, self.mix_channels)

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), **self._arguments}
