"""Options of the linear forecaster, without TensorFlow."""

from dataclasses import dataclass

from tfmodels.checked_options import check, option


@dataclass(frozen=True, kw_only=True)
class LinearForecasterOptions:
    """Options of `LinearForecaster` (DLinear; Zeng et al., 2023).

    Attributes:
        kernel: Steps of the moving average that separates the trend from the seasonal part.
        individual: Each channel has linear maps of its own; else all channels share the same maps.
    """

    kernel: int = option(25, least=1)
    individual: bool = False

    def __post_init__(self) -> None:
        """Refuses values that no model can be made of."""
        check(self)
