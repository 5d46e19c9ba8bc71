"""Options of the decoder that all families of forecasters share, without TensorFlow."""

from dataclasses import dataclass
from typing import Literal

from tfmodels.checked_options import CheckedOptions, OptionError, default_of, option

_OF_STEPS = ("decoder_units", "decoder_layers", "decoder_dropout", "seasonal_attention")


@dataclass(frozen=True, kw_only=True)
class DecoderOptions(CheckedOptions):
    """Options of the decoder of a forecaster.

    Attributes:
        decoder: `direct`: the family's own map from the history to all steps. `steps`: a network shared by all steps
            reads what is known of each step, the state of the history and the values at the step's phase in earlier
            seasons; better where calendar and covariates say more of a step than the last hours do, and where much of
            the history is missing.
        decoder_units: Width of the network over the steps, with decoder `steps` only; so are the next three.
        decoder_layers: Residual blocks of that network.
        decoder_dropout: Dropout rate in it.
        seasonal_attention: Add to each step an average, weighted by attention, of the values at its phase in earlier
            seasons; where the frequency has a season that the context holds.
    """

    decoder: Literal["direct", "steps"] = "direct"
    decoder_units: int = option(128, least=1)
    decoder_layers: int = option(2, least=0)
    decoder_dropout: float = option(0.2, least=0, below=1)
    seasonal_attention: bool = True

    @property
    def state_dropout(self) -> float:
        """Dropout rate on the family's encoding of the history, which a decoder by step reads."""
        return 0.0

    def __post_init__(self) -> None:
        """Refuses options of the decoder by step with the other one, where they would have no effect."""
        super().__post_init__()
        if self.decoder == "steps":
            return
        for name in _OF_STEPS:
            if getattr(self, name) != default_of(DecoderOptions, name):
                expected = "to be left out with decoder=direct (it is for decoder=steps)"
                raise OptionError(name, expected, getattr(self, name))
