"""The angles of sinusoidal and rotary position encodings."""

import tensorflow as tf


def position_angles(positions: tf.Tensor, dim: int, base: float) -> tf.Tensor:
    """`position * base ** (-2 i / dim)` for each pair `i` of features, in radians.

    Args:
        positions: int32 `[rows, time]`.
        dim: Number of features, even.
        base: The wavelengths run from 2 pi to 2 pi `base`.

    Returns:
        float32 `[rows, time, dim / 2]`, whatever the dtype policy: half precision cannot distinguish large positions.

    Example:
        `position_angles(tf.constant([[0, 1]]), dim=2, base=10_000)` -> `[[[0.0], [1.0]]]`
    """
    half = dim // 2
    frequencies = base ** (-tf.range(half, dtype=tf.float32) / half)
    return tf.cast(positions, tf.float32)[:, :, tf.newaxis] * frequencies
