"""Whole networks, made of layers."""

from tfmodels.lazy_exports import lazy_exports

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "AttentionLSTMForecaster": "attention_lstm_forecaster",
        "Classifier": "classifier",
        "Forecaster": "forecaster",
        "HierarchicalClassifier": "hierarchical_classifier",
        "LSTMClassifier": "lstm_classifier",
        "LSTMForecaster": "lstm_forecaster",
        "LSTMSeq2Seq": "lstm_seq2seq",
        "LinearForecaster": "linear_forecaster",
        "TransformerClassifier": "transformer_classifier",
        "TransformerForecaster": "transformer_forecaster",
        "TransformerSeq2Seq": "transformer_seq2seq",
    },
)
