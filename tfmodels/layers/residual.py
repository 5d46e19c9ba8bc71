"""Where a Transformer layer normalises: before a branch (pre-norm) or after the sum (post-norm)."""

import keras
import tensorflow as tf


def enter(x: tf.Tensor, norm: keras.layers.Layer, norm_first: bool) -> tf.Tensor:
    """What a branch sees of `x`."""
    return norm(x) if norm_first else x


def leave(x: tf.Tensor, branch: tf.Tensor, norm: keras.layers.Layer, norm_first: bool) -> tf.Tensor:
    """Adds what a branch made of `x`."""
    return x + branch if norm_first else norm(x + branch)
