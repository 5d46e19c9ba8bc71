"""Whole networks, made of layers."""

from tfmodels.lazy_exports import lazy_exports

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "AttentionLSTMForecaster": "attention_lstm_forecaster",
        "Forecaster": "forecaster",
        "LSTMForecaster": "lstm_forecaster",
        "LSTMSeq2Seq": "lstm_seq2seq",
        "LinearForecaster": "linear_forecaster",
        "TransformerForecaster": "transformer_forecaster",
        "TransformerSeq2Seq": "transformer_seq2seq",
    },
)
