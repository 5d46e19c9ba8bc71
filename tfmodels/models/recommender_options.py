"""Options of the networks that recommend the next item, without TensorFlow."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from tfmodels.checked_options import option
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
        temperature: As of `TransformerRecommenderOptions`.
    """

    num_layers: int = option(1, least=1)
    d_model: int = option(64, least=1)
    temperature: float = option(0.0, least=0)
