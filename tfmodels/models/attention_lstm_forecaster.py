"""The LSTM with attention as a forecaster."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers import Dense, Dropout, HorizonDecoder, LSTMStack, make_attention, masks
from tfmodels.models.forecast_window import (
    ForecastWindow,
    attention_by_window,
    beside_static,
    by_channel,
    future_features,
    patch_features,
    patches,
)
from tfmodels.models.forecaster import Forecaster


@keras.saving.register_keras_serializable("tfmodels")
class AttentionLSTMForecaster(Forecaster):
    """A stack of LSTMs reads the history, and each part of the horizon looks back at all of its states.

    The horizon is cut into parts of `patch` steps. The query of a part is the last state of the LSTMs, what is known of
    its steps and a learned vector of its own; the attention answers with a mean of the states of the history, and
    from both follow the part's numbers. Added to them is an affine map from the last state to the whole horizon and,
    with `linear`, one from the normalised values, the autoregressive path of LSTNet (Lai et al., 2018, section 3.6): it
    gives a recurrent network the scale and the season that it is slow to learn.

    The LSTMs see what those of `LSTMForecaster` do; patches before the first observed value are neither read nor looked
    at.

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
        units: Width of the LSTMs, the queries and the decoder.
        num_layers: LSTMs, with residual connections.
        attention: `"additive"`, `"dot"`, `"general"`, `"scaled"` or `"multi_head"`.
        num_heads: Heads of multi-head attention.
        patch: Steps that the LSTM reads at once, and that one query answers for.
        mix_channels: All channels in one sequence; else each is a sequence of its own under the same weights.
        linear: Whether there is the path from the values to the horizon.
        dropout: Rate on the inputs of each LSTM, on the states and the queries.
        attention_dropout: Rate on the attention weights; with one head it hides the very steps that matter.
        recurrent_dropout: See `LSTM`; so are the two below.
        weight_drop: Rate on the recurrent weights.
        layer_norm: Whether the LSTMs normalise inside the cell.

    Call arguments:
        inputs: See `Forecaster`.
        intermediates: Adds `attention` `[batch, heads, query, key]`: which patch of the history (key, the last one ends
            with it) each part of the horizon (query) looks at. Without `mix_channels` the heads are those of the
            first channel, then those of the second and so on.

    Example:
        >>> model = AttentionLSTMForecaster(7, context=336, horizon=96, head=PointHead("mse"), patch=24)
        >>> forecast, maps = model({"values": tf.zeros([8, 336, 7])}, intermediates=True)
        >>> maps["attention"].shape  # 7 channels with 4 heads each, 4 days of the horizon, 14 of the history
        TensorShape([8, 28, 4, 14])
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
        attention: str = "multi_head",
        num_heads: int = 4,
        patch: int = 1,
        mix_channels: bool = False,
        linear: bool = True,
        dropout: float = 0.1,
        attention_dropout: float = 0.0,
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
            "attention": attention,
            "num_heads": num_heads,
            "patch": patch,
            "mix_channels": mix_channels,
            "linear": linear,
            "dropout": dropout,
            "attention_dropout": attention_dropout,
            "recurrent_dropout": recurrent_dropout,
            "weight_drop": weight_drop,
            "layer_norm": layer_norm,
        }
        self.units = units
        self.patch = patch
        self.mix_channels = mix_channels
        self.outputs = head.outputs * (channels if mix_channels else 1)
        self.parts = -(-horizon // patch)
        policy = self.dtype_policy
        self.lstm = LSTMStack(
            units,
            num_layers,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            weight_drop=weight_drop,
            layer_norm=layer_norm,
            decay=irregular,
            dtype=policy,
            name="lstm",
        )
        self.dropout = Dropout(dropout, dtype=policy, name="dropout")
        self.from_state = Dense(units, dtype=policy, name="from_state")
        self.from_future = Dense(units, use_bias=False, dtype=policy, name="from_future") if known else None
        self.attention = make_attention(attention, units, num_heads, attention_dropout, policy, name="attention")
        self.combine = Dense(units, "relu", dtype=policy, name="combine")
        self.outer = Dense(patch * self.outputs, dtype=policy, name="outer")
        self.decoder = HorizonDecoder(horizon, self.outputs, units, dropout, dtype=policy, name="decoder")
        self.linear = Dense(horizon * head.outputs, use_bias=False, dtype=policy, name="linear") if linear else None

    def build(self, inputs_shape: dict[str, tuple] | None = None) -> None:  # noqa: D102
        state = (None, self.units + self.static_features)
        self.lstm.build((None, None, self.patch * self.step_width(self.mix_channels)))
        self.from_state.build(state)
        if self.from_future is not None:
            self.from_future.build((None, self.parts, self.patch * self.future_features))
        initializer = keras.initializers.RandomNormal(stddev=0.1)
        self.part_vectors = self.add_weight(
            name="part_vectors", shape=[self.parts, self.units], initializer=initializer
        )
        self.attention.build((None, self.parts, self.units), (None, None, self.units))
        self.combine.build((None, self.parts, 2 * self.units))
        self.outer.build((None, self.parts, self.units))
        self.decoder.build(state)
        if self.linear is not None:
            self.linear.build((None, self.channels, self.context))

    def forecast(self, window: ForecastWindow, maps: dict[str, tf.Tensor], training: bool | None) -> tf.Tensor:  # noqa: D102
        features, seen, elapsed = patch_features(window, self.mix_channels, self.patch, self.patch)
        states = self.lstm(features, sequence_mask=seen, elapsed=elapsed, training=training)
        state = beside_static(states[:, -1], window, self.mix_channels)
        queries = self.from_state(state)[:, tf.newaxis] + tf.cast(tf.convert_to_tensor(self.part_vectors), state.dtype)
        if self.from_future is not None:
            queries += self.from_future(self._parts_of(future_features(window, self.mix_channels)))
        queries = self.dropout(tf.tanh(queries), training=training)
        memory = self.dropout(states, training=training)
        found, scores = self.attention(
            queries, memory=memory, attention_mask=masks.key_mask(seen), return_scores=True, training=training
        )
        maps["attention"] = attention_by_window(scores, self.channels, self.mix_channels)
        combined = self.dropout(self.combine(tf.concat([queries, found], axis=-1)), training=training)
        raw = tf.reshape(self.outer(combined), [-1, self.parts * self.patch, self.outputs])[:, : self.horizon]
        raw = by_channel(raw + self.decoder(state, training=training), self.channels, self.mix_channels)
        if self.linear is not None:
            direct = self.linear(tf.transpose(window.values, [0, 2, 1]))
            raw += tf.transpose(tf.reshape(direct, [-1, self.channels, self.horizon, self.head.outputs]), [0, 2, 1, 3])
        return raw

    def _parts_of(self, future: tf.Tensor) -> tf.Tensor:
        """Cuts `[rows, horizon, m]` into parts from the start on; the last one is filled up with zeros."""
        missing = self.parts * self.patch - self.horizon
        return patches(tf.pad(future, [[0, 0], [0, missing], [0, 0]]), self.patch, self.patch)

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), **self._arguments}
