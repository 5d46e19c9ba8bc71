"""Options of the networks that answer questions, without TensorFlow."""

from dataclasses import dataclass
from typing import ClassVar

from tfmodels.checked_options import OptionError, option
from tfmodels.models.lstm_options import RecurrentOptions
from tfmodels.models.transformer_options import TransformerOptions


@dataclass(frozen=True, kw_only=True)
class LSTMReaderOptions(RecurrentOptions):
    """Options of `LSTMReader`: both directions are read, each half as wide as the states.

    Attributes:
        d_model: Width of the states, an even number.
        num_layers: LSTMs that read the context once it has seen the question; one reads context and question before.
    """

    num_layers: int = option(2, least=1)
    d_model: int = option(128, least=2)

    def __post_init__(self) -> None:
        """Refuses values that no model can be made of."""
        super().__post_init__()
        if self.d_model % 2:
            raise OptionError("d_model", "to be even, half of it for each direction", self.d_model)


@dataclass(frozen=True, kw_only=True)
class TransformerReaderOptions(TransformerOptions):
    """Options of `TransformerReader`.

    Attributes:
        num_layers: Layers that read the context once it has seen the question.
        encoder_layers: Layers that read context and question before, the same for both.
        convolution: Steps of the convolution before each layer, odd; 0 for none.
        attention_dropout: Dropout rate on the attention weights; over long contexts it is a third of a step's time.
    """

    num_layers: int = option(3, least=1)
    encoder_layers: int = option(1, least=1)
    d_model: int = option(128, least=2)
    num_heads: int = option(4, least=1)
    feed_forward_dim: int = option(256, least=1)
    norm_first: bool = True
    convolution: int = option(7, least=0)
    attention_dropout: float | None = option(0.0, least=0, below=1)

    _head_multiple: ClassVar[int] = 2

    def __post_init__(self) -> None:
        """Refuses values that no model can be made of."""
        super().__post_init__()
        if self.convolution and not self.convolution % 2:
            raise OptionError("convolution", "to be odd, or 0 for none", self.convolution)
