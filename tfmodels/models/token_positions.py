"""Position encodings of Transformers over tokens."""

import keras

from tfmodels.layers import LearnedPositions, SinusoidalPositions


def position_layer(positions: str, max_length: int, name: str, dtype: keras.DTypePolicy) -> keras.layers.Layer | None:
    """Makes the layer that adds positions to token vectors.

    Args:
        positions: `sinusoidal`, `learned` or `rotary`, which `TransformerOptions` has checked; rotary ones are applied
            inside the attention.
        max_length: Number of learned positions.
        name: Of the layer.
        dtype: Of the layer.

    Returns:
        The layer; None for rotary positions.

    Example:
        `position_layer("learned", 256, "positions", self.dtype_policy)`
    """
    if positions == "sinusoidal":
        return SinusoidalPositions(name=name, dtype=dtype)
    return LearnedPositions(max_length, name=name, dtype=dtype) if positions == "learned" else None
