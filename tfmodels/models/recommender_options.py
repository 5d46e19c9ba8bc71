"""Options of the networks that recommend the next item, without TensorFlow."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from tfmodels.checked_options import OptionError, option
from tfmodels.models.lstm_options import RecurrentOptions
from tfmodels.models.transformer_options import TransformerStackOptions


@dataclass(frozen=True, kw_only=True)
class TransformerRecommenderOptions(TransformerStackOptions):
    """Options of `TransformerRecommender`.

    Attributes:
        d_model: Width of the states and of the items' vectors; a multiple of twice `num_heads`.
        positions: Position encoding: `rotary` (distances between items), or `learned`.
        attention_dropout: Dropout rate on the attention weights.
        temperature: Above 0 logits are the cosines of state and item vector divided by it, such as 0.05, so that no
            item is certain; 0 takes their inner products.
    """

    num_layers: int = option(2, least=1)
    d_model: int = option(64, least=2)
    num_heads: int = option(2, least=1)
    feed_forward_dim: int = option(128, least=1)
    dropout: float = option(0.2, least=0, below=1)
    activation: Literal["relu", "gelu", "swiglu"] = "swiglu"
    norm_first: bool = True
    positions: Literal["rotary", "learned"] = "rotary"
    attention_dropout: float = option(0.2, least=0, below=1)
    temperature: float = option(0.0, least=0)

    _head_multiple: ClassVar[int] = 2  # rotary positions turn pairs of elements


@dataclass(frozen=True, kw_only=True)
class LSTMRecommenderOptions(RecurrentOptions):
    """Options of `LSTMRecommender`.

    Attributes:
        num_layers: LSTMs, one upon the other.
        d_model: Width of the states and of the items' vectors.
        attention: Score function of an attention of each state to those before it, whose mean is added to it:
            `additive`, `dot`, `general`, `scaled` or `multi_head`; `none` leaves the states as they are.
        num_heads: Heads of the attention, with attention `multi_head` only.
        attention_dropout: Dropout rate on the attention weights.
        temperature: As of `TransformerRecommenderOptions`.
    """

    num_layers: int = option(1, least=1)
    d_model: int = option(64, least=1)
    attention: Literal["none", "additive", "dot", "general", "scaled", "multi_head"] = "none"
    num_heads: int = option(2, least=1)
    attention_dropout: float = option(0.0, least=0, below=1)
    temperature: float = option(0.0, least=0)

    def __post_init__(self) -> None:
        """Refuses values that no model can be made of."""
        super().__post_init__()
        if self.attention == "multi_head" and self.d_model % self.num_heads:
            raise OptionError("d_model", f"to be a multiple of num_heads, {self.num_heads}", self.d_model)
