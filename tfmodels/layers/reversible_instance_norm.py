"""Normalisation of a window of a series by its own level and spread."""

from typing import Any

import keras
import tensorflow as tf

CENTERS = ("mean", "last", "zero")


@keras.saving.register_keras_serializable("tfmodels")
class ReversibleInstanceNorm(keras.layers.Layer):
    """Centres and scales each channel of each window by its own observed values (RevIN; Kim et al., 2022).

    With the centre `m` and the standard deviation `s` of the observed values of a window and channel it gives
    `(x - m) / s`, and 0 where nothing was observed. A network's answer `y` comes back as `m + s y`, which is the heads'
    `rescale`. Centring on the last observed value instead of the mean makes "stay as it is" the zero of the network
    (NLinear; Zeng et al., 2023). `"zero"` only scales: for series of changes, whose sign tells something.

    A window whose values are all equal has no spread: there `s` is the magnitude of that value, or 1 if it is zero. A
    window without any value has `m = 0` and `s = 1`. Statistics are of the values' own precision, whatever the policy.

    Args:
        center: `"mean"`, `"last"` or `"zero"`.

    Call arguments:
        values: `[batch, time, channels]` in any units, NaN or infinite = not observed.
        return_statistics: Also return `(m, s)`, each `[batch, 1, channels]`.

    Returns:
        `[batch, time, channels]`; with `return_statistics` a tuple with the two.

    Example:
        >>> norm = ReversibleInstanceNorm()
        >>> normalised, (center, scale) = norm(tf.constant([[[1.0], [3.0]]]), return_statistics=True)
    """

    def __init__(self, center: str = "mean", **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        if center not in CENTERS:
            raise ValueError(f"Expected `center` to be one of {CENTERS}. Received: center={center!r}")
        self.center = center

    def call(  # noqa: D102
        self, values: tf.Tensor, return_statistics: bool = False
    ) -> tf.Tensor | tuple[tf.Tensor, tuple[tf.Tensor, tf.Tensor]]:
        zero = tf.zeros([], values.dtype)
        observed = tf.math.is_finite(values)
        steps = tf.range(tf.shape(values)[1])[:, tf.newaxis]
        newest = tf.reduce_max(tf.where(observed, steps, -1), axis=1, keepdims=True)
        last = tf.reduce_sum(tf.where(tf.equal(steps, newest), values, zero), axis=1, keepdims=True)
        # Relative to one of the values, so that equal values, however large, are exactly zero.
        x = tf.where(observed, values - last, zero)
        count = tf.reduce_sum(tf.cast(observed, values.dtype), axis=1, keepdims=True)
        mean = tf.math.divide_no_nan(tf.reduce_sum(x, axis=1, keepdims=True), count)
        deviations = tf.where(observed, x - mean, zero)
        widest = tf.reduce_max(tf.abs(deviations), axis=1, keepdims=True)
        squares = tf.square(tf.math.divide_no_nan(deviations, widest))  # of at most 1: no overflow, no underflow
        variance = tf.math.divide_no_nan(tf.reduce_sum(squares, axis=1, keepdims=True), count)
        varies = widest > 0
        level = tf.where(tf.equal(last, 0), tf.ones_like(last), tf.abs(last))
        scale = tf.where(varies, widest * tf.sqrt(tf.where(varies, variance, tf.ones_like(variance))), level)
        if self.center == "mean":
            x, last = deviations, last + mean
        if self.center == "zero":
            x, last = tf.where(observed, values, zero), tf.zeros_like(last)
        normalised = tf.cast(x / scale, self.compute_dtype)
        return (normalised, (last, scale)) if return_statistics else normalised

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), "center": self.center}
