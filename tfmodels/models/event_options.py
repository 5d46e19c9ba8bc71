"""Options of the networks that read irregular measurements, without TensorFlow."""

from dataclasses import dataclass
from typing import Literal

from tfmodels.checked_options import option
from tfmodels.models.lstm_options import AttendingOptions
from tfmodels.models.transformer_options import TransformerStackOptions


@dataclass(frozen=True, kw_only=True)
class TransformerEventOptions(TransformerStackOptions):
    """Options of `TransformerEventClassifier`.

    Attributes:
        attention: Score function of the attention that pools the states to one vector: `additive`, `dot`, `general`,
            `scaled` or `multi_head`.
        attention_dropout: Dropout rate on the attention weights of the layers.
        event_dropout: Share of the events that training leaves out, at random.
        note_layers: Layers of the encoder of notes, where the model reads any.
    """

    num_layers: int = option(2, least=1)
    d_model: int = option(64, least=1)
    num_heads: int = option(4, least=1)
    feed_forward_dim: int = option(128, least=1)
    dropout: float = option(0.2, least=0, below=1)
    activation: Literal["relu", "gelu", "swiglu"] = "gelu"
    norm_first: bool = True
    attention: Literal["additive", "dot", "general", "scaled", "multi_head"] = "additive"
    attention_dropout: float = option(0.0, least=0, below=1)
    event_dropout: float = option(0.2, least=0, below=1)
    note_layers: int = option(1, least=1)


@dataclass(frozen=True, kw_only=True)
class LSTMEventOptions(AttendingOptions):
    """Options of `LSTMEventClassifier`.

    Attributes:
        attention: Score function of the attention that pools the states to one vector.
        event_dropout: Share of the events that training leaves out, at random.
        note_layers: Layers of the encoder of notes, where the model reads any.
    """

    num_layers: int = option(1, least=1)
    d_model: int = option(64, least=1)
    dropout: float = option(0.2, least=0, below=1)
    event_dropout: float = option(0.2, least=0, below=1)
    note_layers: int = option(1, least=1)
