"""The LSTM with attention as a forecaster."""

import keras
import tensorflow as tf

from tfmodels.layers import Dense, Dropout, HorizonDecoder, LSTMStack, make_attention, masks
from tfmodels.models.forecasters.forecast_window import (
    ForecastWindow,
    attention_by_window,
    beside_static,
    by_channel,
    future_features,
    patch_features,
    patches,
)
from tfmodels.models.forecasters.forecaster import Forecaster
from tfmodels.models.lstm_options import AttentionLSTMForecasterOptions


@keras.saving.register_keras_serializable("tfmodels")
class AttentionLSTMForecaster(Forecaster[AttentionLSTMForecasterOptions]):
    """A stack of LSTMs reads the history, and each part of the horizon attends to all of its states.

    The horizon is cut into parts of `patch` steps. The query of a part is made of the last state of the LSTMs, the
    known covariates of its steps and a learned vector; the outputs of the part follow from the query and the attended
    states. Two terms are added: an affine map from the last state to the whole horizon and, with `linear`, one from the
    normalised values, the autoregressive path of LSTNet (Lai et al., 2018, section 3.6). It provides the scale and the
    season, which a recurrent network is slow to learn.

    The LSTMs get the same features as those of `LSTMForecaster`; patches before the first observed value are skipped
    and masked.

    Args:
        shape: See `Forecaster`.
        head: See `Forecaster`.
        options: Options of the network. Default: `AttentionLSTMForecasterOptions()`.

    Call arguments:
        inputs: See `Forecaster`.
        intermediates: Adds `attention` `[batch, heads, query, key]`: the weights of the patches of the history (keys;
            the last one ends with it) for each part of the horizon (query). Without `mix_channels` the heads are those
            of the first channel, then those of the second and so on.

    Example:
        >>> shape, options = ForecastShape(7, context=336, horizon=96), AttentionLSTMForecasterOptions(patch=24)
        >>> model = AttentionLSTMForecaster(shape, PointHead("mse"), options)
        >>> forecast, intermediates = model({"values": tf.zeros([8, 336, 7])}, intermediates=True)
        >>> intermediates["attention"].shape  # 7 channels with 4 heads each, 4 days of the horizon, 14 of the history
        TensorShape([8, 28, 4, 14])
    """

    options_type = AttentionLSTMForecasterOptions

    def make_layers(self) -> None:  # noqa: D102
        shape, options = self.shape, self.options
        self.outputs = self.head.outputs * (shape.channels if options.mix_channels else 1)
        self.parts = -(-shape.horizon // options.patch)
        width, dropout, policy = options.d_model, options.dropout, self.dtype_policy
        direct = shape.horizon * self.head.outputs
        stack = {**options.stack, "decay": shape.irregular, "return_sequences": True}
        self.lstm = LSTMStack(width, **stack, dtype=policy, name="lstm")
        self.dropout = Dropout(dropout, dtype=policy, name="dropout")
        self.from_state = Dense(width, dtype=policy, name="from_state")
        self.from_future = Dense(width, use_bias=False, dtype=policy, name="from_future") if shape.known else None
        self.attention = make_attention(
            options.attention, width, options.num_heads, options.attention_dropout, policy, name="attention"
        )
        self.combine = Dense(width, "relu", dtype=policy, name="combine")
        self.outer = self.decoder = None
        if options.decoder == "direct":
            self.outer = Dense(options.patch * self.outputs, dtype=policy, name="outer")
            self.decoder = HorizonDecoder(shape.horizon, self.outputs, width, dropout, dtype=policy, name="decoder")
        self.linear = Dense(direct, use_bias=False, dtype=policy, name="linear") if options.linear else None

    def build(self, inputs_shape: dict[str, tuple] | None = None) -> None:  # noqa: D102
        shape, width, patch = self.shape, self.options.d_model, self.options.patch
        state = (None, width + shape.static_features)
        self.lstm.build((None, None, patch * shape.step_features(self.options.mix_channels)))
        self.from_state.build(state)
        self.dropout.build((None, self.parts, width))
        if self.from_future is not None:
            self.from_future.build((None, self.parts, patch * shape.future_features))
        initializer = keras.initializers.RandomNormal(stddev=0.1)
        self.part_vectors = self.add_weight(name="part_vectors", shape=[self.parts, width], initializer=initializer)
        self.attention.build((None, self.parts, width), (None, None, width))
        self.combine.build((None, self.parts, 2 * width))
        if self.outer is not None and self.decoder is not None:
            self.outer.build((None, self.parts, width))
            self.decoder.build(state)
        self.build_step_decoder(width, width)
        if self.linear is not None:
            self.linear.build((None, shape.channels, shape.context))

    def forecast(self, window: ForecastWindow, record: dict[str, tf.Tensor], training: bool | None) -> tf.Tensor:  # noqa: D102
        channels, horizon = self.shape.channels, self.shape.horizon
        mix_channels, patch = self.options.mix_channels, self.options.patch
        features, seen, elapsed = patch_features(window, mix_channels, patch, patch)
        states = self.lstm(features, sequence_mask=seen, elapsed=elapsed, training=training)
        state = beside_static(states[:, -1], window, mix_channels)
        queries = self.from_state(state)[:, tf.newaxis] + tf.cast(tf.convert_to_tensor(self.part_vectors), state.dtype)
        future = future_features(window, mix_channels)
        if self.from_future is not None and future is not None:
            queries += self.from_future(self._parts_of(future))
        queries = self.dropout(tf.tanh(queries), training=training)
        memory = self.dropout(states, training=training)
        found, scores = self.attention(
            queries, memory=memory, attention_mask=masks.key_mask(seen), return_scores=True, training=training
        )
        record["attention"] = attention_by_window(scores, channels, mix_channels)
        combined = self.dropout(self.combine(tf.concat([queries, found], axis=-1)), training=training)
        if self.outer is not None and self.decoder is not None:
            raw = tf.reshape(self.outer(combined), [-1, self.parts * patch, self.outputs])[:, :horizon]
            raw = by_channel(raw + self.decoder(state, training=training), channels, mix_channels)
        else:
            of_steps = tf.repeat(combined, patch, axis=1)[:, :horizon]
            raw = self.forecast_steps(window, record, training, states[:, -1], of_steps)
        if self.linear is not None:
            direct = self.linear(tf.transpose(window.values, [0, 2, 1]))
            raw += tf.transpose(tf.reshape(direct, [-1, channels, horizon, self.head.outputs]), [0, 2, 1, 3])
        return raw

    def _parts_of(self, future: tf.Tensor) -> tf.Tensor:
        """Cuts `[rows, horizon, m]` into parts from the start on; the last one is padded with zeros."""
        patch = self.options.patch
        missing = self.parts * patch - self.shape.horizon
        return patches(tf.pad(future, [[0, 0], [0, missing], [0, 0]]), patch, patch)
