"""What all families of forecasters share: inputs, outputs, normalisation, head."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers import ReversibleInstanceNorm
from tfmodels.models.forecast_window import ForecastWindow, see_window
from tfmodels.models.seasonal_changes import seasonal_changes


class Forecaster(keras.Model):
    """Forecasts all steps of a horizon at once, in the units of the history, from a history with gaps.

    Each window and channel is normalised by its own observed values, a family's network answers in these units, and
    the head takes the answer back to those of the series. Multiplying a history by a positive number or adding one does
    the same to the forecast (but for `NegativeBinomialHead`, whose counts start at zero).

    What is missing is masked, never filled: the first layer sees the normalised value, an indicator of whether it was
    observed and the time since the last one that was (see `ForecastWindow`). Steps before the first observed value are
    not seen at all. A history without any value gives a finite answer of no worth, around 0.

    Args:
        channels: Series that are forecast together.
        context: Steps of the history.
        horizon: Steps to forecast.
        head: `PointHead`, `QuantileHead`, `StudentTHead`, `NegativeBinomialHead` or `DirectionHead`.
        past: Number of covariates known for the past only; 0 = there is no such input. So for the next two.
        known: Number of covariates known for the horizon too, calendar features among them.
        static: Number of covariates that do not change with time.
        irregular: Whether the input `steps` tells the time between the steps.
        center: Of the normalisation, `"mean"`, `"last"` or `"zero"`; see `ReversibleInstanceNorm`.
        seasons: Steps of seasons: the network then sees changes from a season before (see `seasonal_changes`), in units
            of their own spread, and answers with such changes, so that zero is the seasonal naive forecast; `center`
            does not count. Of several that season counts whose changes are the least in the window and channel. Empty
            = values.

    Call arguments:
        inputs: dict of float32 tensors, NaN = missing:
            `values` `[batch, context, channels]`, in any units;
            `past` `[batch, context, past]`, `known` `[batch, context + horizon, known]` and `static` `[batch, static]`,
            of about unit size;
            `steps` `[batch, context]`, time since the step before in units of the usual step, 0 at padding and where it
            is not known.
        intermediates: Also return a dict: `center` and `scale` of the windows, `[batch, 1, channels]` each (with
            seasons `center` is `[batch, horizon, channels]`), and what the family adds.

    Returns:
        The head's parameters in the units of `values`, float32 `[batch, horizon, channels, head.outputs]`; those of
        `DirectionHead` with the centre beside them.

    A family is a subclass that defines `forecast(window, maps, training)`: from a `ForecastWindow` to the head's raw
    numbers, `[batch, horizon, channels, head.outputs]`; `maps` is the dict of intermediates.
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
        **kwargs: Any,
    ) -> None:
        # In bfloat16 a history would lose its digits before it is normalised.
        super().__init__(autocast=False, **kwargs)
        for name, size in {"channels": channels, "context": context, "horizon": horizon}.items():
            if size < 1:
                raise ValueError(f"Expected `{name}` to be at least 1. Received: {name}={size}")
        if not all(0 < season <= context for season in seasons):
            raise ValueError(f"Expected `seasons` from 1 to `context`, {context}. Received: seasons={list(seasons)}")
        self._shared_arguments = {
            "channels": channels,
            "context": context,
            "horizon": horizon,
            "past": past,
            "known": known,
            "static": static,
            "irregular": irregular,
            "center": center,
            "seasons": list(seasons),
        }
        self.channels = channels
        self.context = context
        self.horizon = horizon
        self.seasons = tuple(seasons)
        self.head = head
        self.norm = ReversibleInstanceNorm("zero" if seasons else center, dtype=self.dtype_policy, name="norm")
        self.level_norm = ReversibleInstanceNorm("last", dtype=self.dtype_policy, name="level_norm")
        shapes = {
            "values": [context, channels],
            "past": [context, past] if past else None,
            "known": [context + horizon, known] if known else None,
            "static": [static] if static else None,
            "steps": [context] if irregular else None,
        }
        self.input_shapes = {name: shape for name, shape in shapes.items() if shape}
        self.past_features = 2 * (past + known) + irregular
        self.future_features = 2 * known
        self.static_features = 2 * static

    def step_width(self, mix_channels: bool) -> int:
        """Number of features that `step_features` gives for each step."""
        return 3 * (self.channels if mix_channels else 1) + self.past_features

    def call(  # noqa: D102
        self, inputs: dict[str, tf.Tensor], intermediates: bool = False, training: bool | None = None
    ) -> tf.Tensor | tuple[tf.Tensor, dict[str, tf.Tensor]]:
        inputs = self._checked(inputs)
        if self.seasons:
            changes, normalised, center, scale = self._from_season(inputs["values"])
            inputs["values"] = changes
        else:
            normalised, (center, scale) = self.norm(inputs["values"], return_statistics=True)
        maps = {"center": center, "scale": scale}
        raw = self.forecast(see_window(inputs, normalised, self.context, self.compute_dtype), maps, training)
        parameters = self.head.rescale(self.head(tf.cast(raw, center.dtype)), center, scale)
        return (parameters, maps) if intermediates else parameters

    def forecast(self, window: ForecastWindow, maps: dict[str, tf.Tensor], training: bool | None) -> tf.Tensor:
        """The head's raw numbers, `[batch, horizon, channels, head.outputs]`; defined by each family."""
        raise NotImplementedError

    def _from_season(self, values: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
        """Changes from a season before, the same normalised, where the forecast starts, and their scale."""
        _, (last, level) = self.level_norm(values, return_statistics=True)
        changes, start, size = self._changes(values, self.seasons[0])
        for season in self.seasons[1:]:
            others = self._changes(values, season)
            better = others[2] < size
            changes, start, size = (
                tf.where(better, other, one) for other, one in zip(others, (changes, start, size), strict=True)
            )
        normalised, (_, scale) = self.norm(changes, return_statistics=True)
        start = tf.where(tf.math.is_nan(start), last, start)
        return changes, normalised, start, tf.where(tf.math.is_finite(size), scale, level)

    def _changes(self, values: tf.Tensor, season: int) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Changes, the season that the horizon starts from, and the mean size of the changes, infinite without any."""
        changes, latest = seasonal_changes(values, season)
        seen = tf.math.is_finite(changes)
        count = tf.reduce_sum(tf.cast(seen, values.dtype), axis=1, keepdims=True)
        total = tf.reduce_sum(tf.where(seen, tf.abs(changes), 0.0), axis=1, keepdims=True)
        size = tf.where(count > 0, tf.math.divide_no_nan(total, count), float("inf"))
        return changes, tf.tile(latest, [1, -(-self.horizon // season), 1])[:, : self.horizon], size

    def _checked(self, inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """The inputs that the model uses, with their shapes fixed."""
        for name, shape in self.input_shapes.items():
            if name not in inputs:
                raise ValueError(f"Expected the inputs {list(self.input_shapes)}. Received: {sorted(inputs)}")
            if not inputs[name].shape[1:].is_compatible_with(shape):
                raise ValueError(
                    f"Expected `{name}` of shape {['batch', *shape]}. Received: shape {inputs[name].shape.as_list()}"
                )
        return {name: tf.ensure_shape(inputs[name], [None, *shape]) for name, shape in self.input_shapes.items()}

    def get_config(self) -> dict:  # noqa: D102
        head = keras.saving.serialize_keras_object(self.head)
        return {**super().get_config(), **self._shared_arguments, "head": head}

    @classmethod
    def from_config(cls, config: dict, custom_objects: dict | None = None) -> "Forecaster":  # noqa: D102
        head = keras.saving.deserialize_keras_object(config["head"], custom_objects=custom_objects)
        return cls(**{**config, "head": head})
