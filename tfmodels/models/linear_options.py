"""Options of the linear forecaster, without TensorFlow."""

from dataclasses import dataclass

from tfmodels.checked_options import check, option


@dataclass(frozen=True, kw_only=True)
class LinearForecasterOptions:
    """Options of `LinearForecaster` (DLinear; Zeng et al., 2023).

    Attributes:
        kernel: Steps of the moving average.
        individual: Maps for each channel, instead of the same for all.
    """

    kernel: int = option(25, least=1)
    individual: bool = False

    def __post_init__(self) -> None:
        """Refuses values that no model can be made of."""
        check(self)
