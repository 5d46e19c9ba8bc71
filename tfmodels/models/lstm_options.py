"""Options of the models made of LSTMs, without TensorFlow."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from tfmodels.checked_options import CheckedOptions, OptionError, option
from tfmodels.models.forecasters.decoder_options import DecoderOptions


@dataclass(frozen=True, kw_only=True)
class RecurrentOptions(CheckedOptions):
    """Options of a stack of LSTMs.

    Attributes:
        num_layers: LSTMs of each stack, with residual connections between them.
        d_model: Width of the states.
        dropout: Dropout rate.
        recurrent_dropout: Dropout rate on the recurrent states, one mask for all steps.
        weight_drop: Dropout rate on the recurrent weights (DropConnect).
        layer_norm: Normalise inside the cell.
    """

    num_layers: int = option(2, least=1)
    d_model: int = option(128, least=1)
    dropout: float = option(0.2, least=0, below=1)
    recurrent_dropout: float = option(0.0, least=0, below=1)
    weight_drop: float = option(0.0, least=0, below=1)
    layer_norm: bool = False

    @property
    def stack(self) -> dict[str, Any]:
        """Arguments of `LSTMStack`, all but the width."""
        return {
            "num_layers": self.num_layers,
            "dropout": self.dropout,
            "recurrent_dropout": self.recurrent_dropout,
            "weight_drop": self.weight_drop,
            "layer_norm": self.layer_norm,
        }


@dataclass(frozen=True, kw_only=True)
class AttendingOptions(RecurrentOptions):
    """Options of a stack of LSTMs whose states are attended to.

    Attributes:
        attention: Score function of the attention (translation: of the decoder to the source; classification: pooling;
            forecasting: of the horizon to the history): `additive`, `dot`, `general`, `scaled` or `multi_head`. The
            products of `dot` grow with `d_model`: from some 256 on it attends to one state only and learns badly;
            `scaled` divides them.
        num_heads: Heads of the attention, with attention `multi_head` only.
        attention_dropout: Dropout rate on the attention weights. With one head it hides the very state that is needed.
    """

    attention: Literal["additive", "dot", "general", "scaled", "multi_head"] = "additive"
    num_heads: int = option(4, least=1)
    attention_dropout: float = option(0.0, least=0, below=1)

    _both_directions: ClassVar[bool] = False  # whether each direction has half of the width

    def __post_init__(self) -> None:
        """Refuses values that no model can be made of."""
        super().__post_init__()
        heads = self.num_heads if self.attention == "multi_head" else 1
        if self.d_model % heads or (self._both_directions and self.d_model % 2):
            expected = ["even, half of it for each direction"] if self._both_directions and heads % 2 else []
            expected += [f"a multiple of num_heads, {heads}"] if heads > 1 else []
            raise OptionError("d_model", f"to be {', and '.join(expected)}", self.d_model)


@dataclass(frozen=True, kw_only=True)
class LSTMOptions(AttendingOptions):
    """Options of `LSTMSeq2Seq`, and of classifiers by LSTMs: both directions are read, each half as wide as the states.

    Attributes:
        d_model: Width of the states, an even number.
    """

    d_model: int = option(128, least=2)

    _both_directions: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class RecurrentForecasterOptions(RecurrentOptions, DecoderOptions):
    """Options of the forecasters by LSTMs.

    Attributes:
        patch: Steps that the LSTM reads at once; a long history then takes that many times fewer LSTM steps.
        mix_channels: Put all channels into one sequence; else each channel is a sequence of its own, with the same
            weights.
    """

    d_model: int = option(64, least=1)
    dropout: float = option(0.1, least=0, below=1)
    patch: int = option(1, least=1)
    mix_channels: bool = False

    @property
    def state_dropout(self) -> float:  # noqa: D102
        return self.dropout


@dataclass(frozen=True, kw_only=True)
class LSTMForecasterOptions(RecurrentForecasterOptions):
    """Options of `LSTMForecaster`.

    Attributes:
        plain: With decoder `direct`: map the last state to the horizon by one affine map, without known covariates of
            the horizon. False adds a map of the state and the known covariates of each step.
    """

    plain: bool = False

    def __post_init__(self) -> None:
        """Refuses values that no model can be made of."""
        super().__post_init__()
        if self.plain and self.decoder == "steps":
            raise OptionError("plain", "to be false with decoder=steps (it is for decoder=direct)", self.plain)


@dataclass(frozen=True, kw_only=True)
class AttentionLSTMForecasterOptions(RecurrentForecasterOptions, AttendingOptions):
    """Options of `AttentionLSTMForecaster`.

    Attributes:
        patch: Steps that the LSTM reads at once, and that each query is for.
        linear: Add an affine map from the normalised values to the horizon (LSTNet; Lai et al., 2018, section 3.6).
            Better false with decoder `steps`.
    """

    attention: Literal["additive", "dot", "general", "scaled", "multi_head"] = "multi_head"
    linear: bool = True
