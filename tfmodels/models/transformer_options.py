"""Options of the Transformers, without TensorFlow."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from tfmodels.checked_options import CheckedOptions, OptionError, option
from tfmodels.models.forecasters.decoder_options import DecoderOptions

_STRIDE = 8  # of patches, by default


@dataclass(frozen=True, kw_only=True)
class TransformerStackOptions(CheckedOptions):
    """Options of a stack of Transformer layers (Vaswani et al., 2017), whatever encodes the positions.

    Attributes:
        num_layers: Layers of each stack: of the encoder and, where there is one, of the decoder.
        d_model: Width of the states; a multiple of `num_heads`.
        num_heads: Heads of multi-head attention.
        feed_forward_dim: Inner width of the position-wise feed-forward networks.
        dropout: Dropout rate.
        activation: Activation of the feed-forward networks: `relu`, `gelu` or `swiglu`.
        norm_first: Normalise before each sub-layer (pre-norm) instead of after it.
    """

    num_layers: int = option(6, least=1)
    d_model: int = option(512, least=1)
    num_heads: int = option(8, least=1)
    feed_forward_dim: int = option(2048, least=1)
    dropout: float = option(0.1, least=0, below=1)
    activation: Literal["relu", "gelu", "swiglu"] = "relu"
    norm_first: bool = False

    _head_multiple: ClassVar[int] = 1  # what the width of a head must be a multiple of

    def __post_init__(self) -> None:
        """Refuses values that no model can be made of."""
        super().__post_init__()
        unit, twice = self.num_heads * self._head_multiple, "twice " if self._head_multiple == 2 else ""
        if self.d_model % unit:
            raise OptionError("d_model", f"to be a multiple of {twice}num_heads, {unit}", self.d_model)


@dataclass(frozen=True, kw_only=True)
class TransformerOptions(TransformerStackOptions):
    """Options of the Transformers for texts.

    Attributes:
        d_model: Width of the states; a multiple of twice `num_heads`.
        positions: Position encoding: `sinusoidal`, `learned` or `rotary`.
        attention_dropout: Dropout rate on the attention weights of the layers; none given takes `dropout`.
        activation_dropout: Dropout rate inside the feed-forward networks, after the activation; none given takes
            `dropout`.
        query_chunk: Computes the self-attention of the source in chunks of N tokens; 0 for all at once. For long texts:
            memory grows with the length instead of its square; its attention weights are then not dropped.
    """

    d_model: int = option(512, least=2)
    positions: Literal["sinusoidal", "learned", "rotary"] = "sinusoidal"
    attention_dropout: float | None = option(None, least=0, below=1)
    activation_dropout: float | None = option(None, least=0, below=1)
    query_chunk: int = option(0, least=0)

    _head_multiple: ClassVar[int] = 2  # rotary positions turn pairs of elements

    def __post_init__(self) -> None:
        """Refuses values that no model can be made of."""
        super().__post_init__()
        if self.query_chunk and self.attention_dropout:
            raise OptionError(
                "attention_dropout", "to be 0 or left out with query_chunk, which drops none", self.attention_dropout
            )


@dataclass(frozen=True, kw_only=True)
class TransformerClassifierOptions(TransformerOptions):
    """Options of `TransformerClassifier`.

    Attributes:
        attention: Score function of the attention that pools the states to one vector: `additive`, `dot`, `general`,
            `scaled` or `multi_head`.
    """

    num_layers: int = option(2, least=1)
    d_model: int = option(128, least=2)
    num_heads: int = option(4, least=1)
    feed_forward_dim: int = option(256, least=1)
    norm_first: bool = True
    attention: Literal["additive", "dot", "general", "scaled", "multi_head"] = "additive"


@dataclass(frozen=True, kw_only=True)
class TransformerForecasterOptions(TransformerStackOptions, DecoderOptions):
    """Options of `TransformerForecaster` (PatchTST; Nie et al., 2023).

    Attributes:
        patch: Steps of a patch, which the Transformer reads as one token.
        stride: Steps from the start of one patch to the start of the next, at most `patch`; 8 stands for a shorter
            patch, too. A smaller stride makes more patches, which take longer.
        mix_channels: Put all channels into one sequence; else each channel is a sequence of its own, with the same
            weights.
        attention_dropout: Dropout rate on the attention weights.
        head_dropout: Dropout rate on the states that are mapped to the horizon.
    """

    num_layers: int = option(3, least=1)
    d_model: int = option(16, least=1)
    num_heads: int = option(4, least=1)
    feed_forward_dim: int = option(128, least=1)
    dropout: float = option(0.2, least=0, below=1)
    activation: Literal["relu", "gelu", "swiglu"] = "gelu"
    patch: int = option(16, least=1)
    stride: int = option(_STRIDE, least=1)
    mix_channels: bool = False
    attention_dropout: float = option(0.0, least=0, below=1)
    head_dropout: float = option(0.0, least=0, below=1)

    @property
    def state_dropout(self) -> float:  # noqa: D102
        return self.head_dropout

    def __post_init__(self) -> None:
        """Refuses values that no model can be made of."""
        super().__post_init__()
        if self.stride > self.patch and self.stride != _STRIDE:
            raise OptionError("stride", f"to be at most patch, {self.patch}", self.stride)

    @property
    def patch_distance(self) -> int:
        """Steps from the start of one patch to the start of the next."""
        return min(self.stride, self.patch)
