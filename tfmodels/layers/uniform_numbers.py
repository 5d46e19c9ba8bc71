"""Random numbers as a function of a seed and a step."""

import tensorflow as tf


def uniform(seed: tf.Tensor, step: tf.Tensor) -> tf.Tensor:
    """A uniform random number in [0, 1) for each seed and step.

    SplitMix64 (Steele, Lea and Flood, 2014, "Fast splittable pseudorandom number generators"), started from the mixed
    seed, so that the sequences of neighbouring seeds are unrelated. TensorFlow's stateless generators take one seed for
    all rows, and consecutive values of `tf.random.experimental.index_shuffle` are not independent.

    Args:
        seed: int64 of any shape, any values.
        step: int32, not negative, of a shape that broadcasts with it.

    Returns:
        float32, multiples of 2 ** -24.

    Example:
        `uniform(tf.constant([7, 8], tf.int64), tf.constant(0))`
    """
    # The first number is one increment after the start, because mixing 0 gives 0.
    sequence = _mixed(tf.bitcast(seed, tf.uint64)) + tf.cast(step + 1, tf.uint64) * _uint64(0x9E3779B97F4A7C15)
    leading_bits = tf.bitwise.right_shift(_mixed(sequence), _uint64(64 - 24))  # as many as a float32 holds
    return tf.cast(leading_bits, tf.float32) * 2.0**-24


def _mixed(bits: tf.Tensor) -> tf.Tensor:
    """The finalizer of SplitMix64: changing any input bit flips each output bit with probability one half."""
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        bits = tf.bitwise.bitwise_xor(bits, tf.bitwise.right_shift(bits, _uint64(shift))) * _uint64(factor)
    return tf.bitwise.bitwise_xor(bits, tf.bitwise.right_shift(bits, _uint64(31)))


def _uint64(number: int) -> tf.Tensor:
    return tf.constant(number, tf.uint64)
