"""The inputs and the horizon of a forecaster, without TensorFlow."""

from dataclasses import dataclass
from typing import Literal

from tfmodels.checked_options import OptionError, check, option


@dataclass(frozen=True)
class ForecastShape:
    """The inputs of a `Forecaster`, its horizon, and how each window is normalised.

    Attributes:
        channels: Number of series that are forecast together.
        context: Steps of the history.
        horizon: Steps to forecast.
        past: Number of covariates known for the past only. 0 = no such input; the same holds for `known` and `static`.
        known: Number of covariates known for the horizon too, calendar features included.
        static: Number of covariates that do not change with time.
        irregular: Whether the input `steps` gives the time between the steps.
        center: What each window is centred on: its `mean`, its `last` observed value, or `zero` (scaled only); see
            `ReversibleInstanceNorm`. With `training` all windows are centred on `level` and scaled by `spread`, see
            `ChannelStandardization`.
        level: With center `training`: the level of each channel, such as the mean of the training data.
        spread: With center `training`: the spread of each channel.
        seasons: Lengths of seasons in steps, each at most `context`. The network then reads and forecasts changes from
            the value one season earlier (see `seasonal_changes`), divided by their own spread, so that an output of
            zero is the seasonal naive forecast; `center` is ignored. With several lengths, each window and channel
            uses the one whose changes are smallest. Empty = values.
        cycles: Lengths of seasons in steps, each at most `context`, that a decoder with seasonal attention looks back
            to. Empty = there is no such attention.

    Example:
        `ForecastShape(channels=7, context=336, horizon=96, known=4)`
    """

    channels: int = option(least=1)
    context: int = option(least=1)
    horizon: int = option(least=1)
    past: int = option(0, least=0)
    known: int = option(0, least=0)
    static: int = option(0, least=0)
    irregular: bool = False
    center: Literal["mean", "last", "zero", "training"] = "mean"
    level: tuple[float, ...] = ()
    spread: tuple[float, ...] = ()
    seasons: tuple[int, ...] = ()
    cycles: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Refuses values that no model can be made of."""
        check(self)
        for name in ("level", "spread"):
            numbers = tuple(getattr(self, name))
            object.__setattr__(self, name, numbers)
            expected = self.channels if self.center == "training" else 0
            if len(numbers) != expected:
                raise OptionError(name, f"to have {expected} numbers with center={self.center}", list(numbers))
        for name in ("seasons", "cycles"):
            lengths = tuple(getattr(self, name))  # a list after a round trip through JSON
            object.__setattr__(self, name, lengths)
            if not all(0 < length <= self.context for length in lengths):
                raise OptionError(name, f"to be from 1 to context, {self.context}", list(lengths))

    @property
    def inputs(self) -> dict[str, list[int]]:
        """Shape of each input, without the batch axis."""
        shapes = {
            "values": [self.context, self.channels],
            "past": [self.context, self.past] if self.past else None,
            "known": [self.context + self.horizon, self.known] if self.known else None,
            "static": [self.static] if self.static else None,
            "steps": [self.context] if self.irregular else None,
        }
        return {name: shape for name, shape in shapes.items() if shape}

    @property
    def past_features(self) -> int:
        """Width of `ForecastWindow.past`: covariates, their indicators and the step size."""
        return 2 * (self.past + self.known) + self.irregular

    @property
    def future_features(self) -> int:
        """Width of `ForecastWindow.future`: known covariates and their indicators."""
        return 2 * self.known

    @property
    def future(self) -> tuple[None, int, int] | None:
        """Shape of `ForecastWindow.future` as a layer's `build` takes it; None without known covariates."""
        return (None, self.horizon, self.future_features) if self.known else None

    @property
    def static_features(self) -> int:
        """Width of `ForecastWindow.static`: static covariates and their indicators."""
        return 2 * self.static

    def step_features(self, mix_channels: bool) -> int:
        """Number of features that `forecast_window.step_features` gives for each step.

        Args:
            mix_channels: Whether one sequence holds all channels.

        Returns:
            The number.
        """
        return 3 * (self.channels if mix_channels else 1) + self.past_features
