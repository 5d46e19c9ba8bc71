"""Keras layers: attention, LSTM, encoder and decoder layers, positions, masks."""

from tfmodels.lazy_exports import lazy_exports

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "AdditiveAttention": "additive_attention",
        "BidirectionalLSTM": "bidirectional_lstm",
        "ConformalCorrection": "conformal_correction",
        "Dense": "dense",
        "DotProductAttention": "dot_product_attention",
        "DirectionHead": "direction_head",
        "Dropout": "dropout",
        "FeedForward": "feed_forward",
        "HorizonDecoder": "horizon_decoder",
        "LSTM": "lstm",
        "LSTMStack": "lstm_stack",
        "LayerNormalization": "layer_normalization",
        "LearnedPositions": "learned_positions",
        "MultiHeadAttention": "multi_head_attention",
        "NegativeBinomialHead": "negative_binomial_head",
        "PointHead": "point_head",
        "QuantileHead": "quantile_head",
        "ReversibleInstanceNorm": "reversible_instance_norm",
        "RotaryPositions": "rotary_positions",
        "SinusoidalPositions": "sinusoidal_positions",
        "StudentTHead": "student_t_head",
        "TokenEmbedding": "token_embedding",
        "TransformerDecoderLayer": "transformer_decoder_layer",
        "TransformerEncoderLayer": "transformer_encoder_layer",
        "add_coverage": "coverage",
        "attend": "cross_attention",
        "make_attention": "cross_attention",
        "masks": "masks",
        "start_coverage": "coverage",
    },
)
