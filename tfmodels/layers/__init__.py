"""Keras layers: attention, encoder and decoder layers, positions, masks."""

from tfmodels.lazy_exports import lazy_exports

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "Dense": "dense",
        "Dropout": "dropout",
        "FeedForward": "feed_forward",
        "LayerNormalization": "layer_normalization",
        "LearnedPositions": "learned_positions",
        "MultiHeadAttention": "multi_head_attention",
        "RotaryPositions": "rotary_positions",
        "SinusoidalPositions": "sinusoidal_positions",
        "TokenEmbedding": "token_embedding",
        "TransformerDecoderLayer": "transformer_decoder_layer",
        "TransformerEncoderLayer": "transformer_encoder_layer",
        "masks": "masks",
    },
)
