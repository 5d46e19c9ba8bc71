"""Options of the linear forecaster, without TensorFlow."""

from dataclasses import dataclass

from tfmodels.checked_options import option
from tfmodels.models.forecasters.decoder_options import DecoderOptions


@dataclass(frozen=True, kw_only=True)
class LinearForecasterOptions(DecoderOptions):
    """Options of `LinearForecaster` (DLinear; Zeng et al., 2023).

    Attributes:
        kernel: Steps of the moving average that separates the trend from the seasonal part.
        individual: Each channel has linear maps of its own; else all channels share the same maps.
        decoder: `direct`: the linear maps alone. `steps`: a network shared by all steps is added, which reads what is
            known of each step and the values at the step's phase in earlier seasons.
    """

    kernel: int = option(25, least=1)
    individual: bool = False
