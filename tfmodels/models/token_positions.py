"""How Transformers over tokens tell positions."""

import keras

from tfmodels.layers import LearnedPositions, SinusoidalPositions

POSITIONS = ("sinusoidal", "learned", "rotary")


def position_layer(positions: str, max_length: int, name: str, dtype: keras.DTypePolicy) -> keras.layers.Layer | None:
    """Makes the layer that adds positions to token vectors.

    Args:
        positions: `"sinusoidal"`, `"learned"` or `"rotary"`; rotary ones are added inside the attention.
        max_length: Number of learned positions.
        name: Of the layer.
        dtype: Of the layer.

    Returns:
        The layer; None for rotary positions.

    Raises:
        ValueError: If `positions` is none of these.

    Example:
        `position_layer("learned", 256, "positions", self.dtype_policy)`
    """
    if positions not in POSITIONS:
        raise ValueError(f"Expected `positions` to be one of {POSITIONS}. Received: positions={positions!r}")
    if positions == "sinusoidal":
        return SinusoidalPositions(name=name, dtype=dtype)
    return LearnedPositions(max_length, name=name, dtype=dtype) if positions == "learned" else None
