"""The base class of all families of forecasters: inputs, normalisation, head, outputs."""

from dataclasses import asdict
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

import keras
import tensorflow as tf

from tfmodels.checked_options import OptionError
from tfmodels.layers import ChannelStandardization, Dropout, ReversibleInstanceNorm, StepDecoder
from tfmodels.layers.heads.forecast_head import ForecastHead
from tfmodels.layers.traced_output_spec import traced_output_spec
from tfmodels.models.compiled_again import compile_again
from tfmodels.models.forecasters.decoder_options import DecoderOptions
from tfmodels.models.forecasters.forecast_shape import ForecastShape
from tfmodels.models.forecasters.forecast_window import (
    ForecastWindow,
    beside_static,
    by_channel,
    see_window,
    series_of,
    summary,
    summary_size,
)
from tfmodels.models.forecasters.seasonal_changes import seasonal_changes
from tfmodels.models.named_inputs import check_names
from tfmodels.models.output_shape import output_shape
from tfmodels.models.serving_signature import series_signature

_OWN_LOSS = "head.loss"  # in the configuration of a compiled forecaster
FamilyOptions = TypeVar("FamilyOptions", bound=DecoderOptions)


class Forecaster(keras.Model, Generic[FamilyOptions]):
    """Forecasts all steps of a horizon at once, in the units of the history, which may have missing values.

    Each window and channel is normalised by its own observed values, a family's network forecasts in the normalised
    units, and the head converts its outputs back to those of the series. Multiplying a history by a positive number or
    adding a number to it does the same to the forecast (except with `NegativeBinomialHead`, whose counts start at 0,
    and with `shape.center="training"`, where all windows are normalised by the same numbers).

    Missing values are masked, not imputed: the first layer gets the normalised value, an indicator of whether it was
    observed and the time since the last observed one (see `ForecastWindow`). Steps before the first observed value are
    ignored. The forecast from a history without any value is finite, near 0, and meaningless.

    Args:
        shape: The inputs, the horizon and the normalisation.
        head: `PointHead`, `QuantileHead`, `StudentTHead`, `NegativeBinomialHead` or `DirectionHead`.
        options: Options of the family, of its `options_type`; a `patch` among them must not exceed `shape.context`.
            Default: `options_type()`.

    Call arguments:
        inputs: dict of float32 tensors, NaN = missing:
            `values` `[batch, context, channels]`, in any units; float64 keeps the digits of large numbers with small
            changes, and makes the forecast float64; what is between is computed in float32 either way;
            `past` `[batch, context, past]`, `known` `[batch, context + horizon, known]` and `static` `[batch, static]`,
            standardised;
            `steps` `[batch, context]`, time since the previous step in units of the usual step, 0 at padding and where
            it is unknown.
        intermediates: Also return a dict: `center` and `scale` of the windows, each `[batch, 1, channels]` (with
            seasons `center` is `[batch, horizon, channels]`), and what the family adds, such as `attention`; with
            seasonal attention also its weights, `seasonal_attention` `[batch, horizon, channels, lags]`.

    Returns:
        The head's parameters in the units and of the type of `values`, `[batch, horizon, channels, head.outputs]`;
        those of `DirectionHead` are followed by the centre.

    A family is a subclass that names the dataclass of its options, with those of `DecoderOptions`, as `options_type`
    and defines `make_layers()`, called once by the constructor; `build(inputs_shape)`; and
    `forecast(window, record, training)`, from a `ForecastWindow` to the head's raw numbers,
    `[batch, horizon, channels, head.outputs]`; `record` is the dict of intermediates, to add to. With `decoder="steps"`
    these numbers are those of `forecast_steps`, whose layers `build_step_decoder` builds.
    """

    options_type: type[FamilyOptions]

    def __init__(
        self, shape: ForecastShape, head: ForecastHead, options: FamilyOptions | None = None, **kwargs: Any
    ) -> None:
        # In bfloat16 a history would lose its digits before it is normalised.
        super().__init__(autocast=False, **kwargs)
        options = self.options_type() if options is None else options
        patch = getattr(options, "patch", 1)
        if patch > shape.context:
            raise OptionError("patch", f"to be at most context, {shape.context}", patch)
        self.shape = shape
        self.options = options
        self.head = head
        self.norm = self._make_norm()
        self.level_norm = ReversibleInstanceNorm("last", dtype=self.dtype_policy, name="level_norm")
        self.make_layers()
        self.step_decoder = self.state_dropout = None
        if options.decoder == "steps":
            self.state_dropout = Dropout(options.state_dropout, dtype=self.dtype_policy, name="state_dropout")
            self.step_decoder = self._make_step_decoder()

    def export(self, filepath: str | Path, *args: Any, input_signature: list | None = None, **kwargs: Any) -> None:
        """As in Keras; by default the SavedModel takes float32 inputs of the shapes of `shape.inputs`."""
        signature = input_signature or series_signature(self.shape.inputs)
        super().export(filepath, *args, input_signature=signature, **kwargs)

    def compute_output_shape(self, inputs_shape: dict[str, tuple]) -> Any:  # noqa: D102
        return output_shape(self, inputs_shape, "float32")

    compute_output_spec = traced_output_spec

    def make_layers(self) -> None:
        """Makes the layers of the network from `self.shape` and `self.options`; defined by each family."""
        raise NotImplementedError

    def call(  # noqa: D102
        self, inputs: dict[str, tf.Tensor], intermediates: bool = False, training: bool | None = None
    ) -> tf.Tensor | tuple[tf.Tensor, dict[str, tf.Tensor]]:
        inputs = self._checked(inputs)
        if self.shape.seasons:
            changes, normalised, center, scale = self._from_season(inputs["values"])
            inputs["values"] = changes
        else:
            normalised, (center, scale) = self.norm(inputs["values"], return_statistics=True)
        record = {"center": center, "scale": scale}
        window = see_window(inputs, normalised, self.shape.context, self.compute_dtype)
        raw = self.forecast(window, record, training)
        parameters = tf.cast(self.head(tf.cast(raw, tf.float32)), center.dtype)
        parameters = self.head.rescale(parameters, center, scale)
        return (parameters, record) if intermediates else parameters

    def forecast(self, window: ForecastWindow, record: dict[str, tf.Tensor], training: bool | None) -> tf.Tensor:
        """The head's raw numbers, `[batch, horizon, channels, head.outputs]`; defined by each family."""
        raise NotImplementedError

    def build_step_decoder(self, state_size: int = 0, step_size: int = 0) -> None:
        """Builds the normalisation, the head and the decoder by step, if there is one; called by a family's `build`.

        Args:
            state_size: Width of the `state` that the family gives `forecast_steps`; 0 = none.
            step_size: Width of its `steps`; 0 = none.
        """
        shape = self.shape
        for norm in (self.norm, self.level_norm):
            norm.build((None, shape.context, shape.channels))
        self.head.build((None, shape.horizon, shape.channels, self.head.outputs))
        if self.step_decoder is None or self.state_dropout is None:
            return
        self.state_dropout.build((None, state_size))
        state_size += summary_size(shape.context, self._cycle) + shape.static_features + self._channel_features
        step_size += shape.future_features
        future = (None, shape.horizon, step_size) if step_size else None
        self.step_decoder.build((None, state_size), future, (None, shape.context))

    def forecast_steps(
        self,
        window: ForecastWindow,
        record: dict[str, tf.Tensor],
        training: bool | None,
        state: tf.Tensor | None = None,
        steps: tf.Tensor | None = None,
    ) -> tf.Tensor:
        """The head's raw numbers by the decoder of steps, `[batch, horizon, channels, head.outputs]`.

        Args:
            window: The window.
            record: The dict of intermediates, which gets the weights of the seasonal attention.
            training: Whether dropout is on.
            state: `[rows, dim]`, an encoding of the history; a row is a channel of a window, or with `mix_channels` a
                window. Default: none.
            steps: `[rows, horizon, n]`, what else is known of each step. Default: nothing.
        """
        if self.step_decoder is None or self.state_dropout is None:
            raise ValueError("Expected decoder=steps. Received: decoder=direct")
        channels = self.shape.channels
        mixed = bool(self._channel_features)
        states = [beside_static(summary(window, self._cycle), window, mix_channels=False)]
        if state is not None:
            state = self.state_dropout(state, training=training)
            states.append(tf.repeat(state, channels, axis=0) if mixed else state)
        if mixed:  # the channels of a window differ, and have one state
            which = tf.eye(channels, dtype=window.values.dtype)
            states.append(tf.tile(which, [tf.shape(window.values)[0], 1]))
        known = [] if window.future is None else [tf.repeat(window.future, channels, axis=0)]
        if steps is not None:
            known.append(tf.repeat(steps, channels, axis=0) if mixed else steps)
        raw, scores = self.step_decoder(
            tf.concat(states, axis=-1),
            future=tf.concat(known, axis=-1) if known else None,
            values=series_of(window.values),
            sequence_mask=series_of(window.observed) > 0,
            return_scores=True,
            training=training,
        )
        if scores is not None:
            record["seasonal_attention"] = by_channel(scores, channels, mix_channels=False)
        return by_channel(raw, channels, mix_channels=False)

    def _make_norm(self) -> ReversibleInstanceNorm | ChannelStandardization:
        shape = self.shape
        if shape.center == "training" and not shape.seasons:
            return ChannelStandardization(shape.level, shape.spread, dtype=self.dtype_policy, name="norm")
        center = "zero" if shape.seasons else shape.center
        return ReversibleInstanceNorm(center, dtype=self.dtype_policy, name="norm")

    def _make_step_decoder(self) -> StepDecoder:
        options, location = self.options, self.head.location
        looks_back = options.seasonal_attention and location is not None
        return StepDecoder(
            self.shape.horizon,
            self.head.outputs,
            options.decoder_units,
            options.decoder_layers,
            options.decoder_dropout,
            seasons=self.shape.cycles if looks_back else (),
            location=location or 0,
            dtype=self.dtype_policy,
            name="step_decoder",
        )

    @property
    def _cycle(self) -> int:
        """Steps of the seasons whose means the decoder gets; 0 = no means."""
        return min(self.shape.cycles, default=0)

    @property
    def _channel_features(self) -> int:
        """Number of indicators of a channel that the decoder gets, where the channels of a window share a state."""
        return self.shape.channels if getattr(self.options, "mix_channels", False) else 0

    def _from_season(self, values: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
        """Seasonal changes, the same normalised, the seasonal naive forecast, and the scale of the changes."""
        _, (last, level) = self.level_norm(values, return_statistics=True)
        changes, start, size = self._changes(values, self.shape.seasons[0])
        for season in self.shape.seasons[1:]:
            others = self._changes(values, season)
            better = others[2] < size
            changes, start, size = (
                tf.where(better, other, one) for other, one in zip(others, (changes, start, size), strict=True)
            )
        normalised, (_, scale) = self.norm(changes, return_statistics=True)
        start = tf.where(tf.math.is_nan(start), last, start)
        return changes, normalised, start, tf.where(tf.math.is_finite(size), scale, level)

    def _changes(self, values: tf.Tensor, season: int) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Changes of one season length, the seasonal naive forecast, and the mean size of the changes (inf = none)."""
        changes, latest = seasonal_changes(values, season)
        seen = tf.math.is_finite(changes)
        count = tf.reduce_sum(tf.cast(seen, values.dtype), axis=1, keepdims=True)
        total = tf.reduce_sum(tf.where(seen, tf.abs(changes), 0.0), axis=1, keepdims=True)
        size = tf.where(count > 0, tf.math.divide_no_nan(total, count), float("inf"))
        return changes, tf.tile(latest, [1, -(-self.shape.horizon // season), 1])[:, : self.shape.horizon], size

    def _checked(self, inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """The inputs that the model uses, with static shapes."""
        shapes = self.shape.inputs
        check_names(inputs, list(shapes))
        for name, shape in shapes.items():
            if not inputs[name].shape[1:].is_compatible_with(shape):
                raise ValueError(
                    f"Expected `{name}` of shape {['batch', *shape]}. Received: shape {inputs[name].shape.as_list()}"
                )
        return {name: tf.ensure_shape(inputs[name], [None, *shape]) for name, shape in shapes.items()}

    def get_compile_config(self) -> dict[str, Any] | None:
        """As in Keras, which cannot make a method again: the loss of the head has a name."""
        config = super().get_compile_config()
        return {**config, "loss": _OWN_LOSS} if config and self.loss == self.head.loss else config

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """As in Keras."""
        if config.get("loss") != _OWN_LOSS:
            return super().compile_from_config(config)
        return compile_again(self, {**config, "loss": None}, loss=self.head.loss)

    def get_config(self) -> dict[str, Any]:  # noqa: D102
        return {
            **super().get_config(),
            "shape": {name: list(x) if isinstance(x, tuple) else x for name, x in asdict(self.shape).items()},
            "head": keras.saving.serialize_keras_object(self.head),
            "options": asdict(self.options),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Self:  # noqa: D102
        rest = {name: value for name, value in config.items() if name not in ("shape", "head", "options")}
        head = keras.saving.deserialize_keras_object(config["head"], custom_objects=custom_objects)
        return cls(ForecastShape(**config["shape"]), head, cls.options_type(**config["options"]), **rest)
