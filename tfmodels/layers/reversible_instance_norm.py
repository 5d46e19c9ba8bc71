"""Normalisation of each window of a series by its own statistics."""

from typing import Any

import keras
import tensorflow as tf

from tfmodels.layers import masks
from tfmodels.layers.traced_output_spec import traced_output_spec

CENTERS = ("mean", "last", "zero")


@keras.saving.register_keras_serializable("tfmodels")
class ReversibleInstanceNorm(keras.layers.Layer):
    """Centres and scales each channel of each window by its observed values (RevIN; Kim et al., 2022).

    The result is `(x - m) / s`, with the centre `m` and the standard deviation `s` of the observed values of the window
    and channel, and 0 where a value is missing. The outputs `y` of a network are mapped back to `m + s y` by
    `ForecastHead.rescale`. Centred on the last observed value instead of the mean, an output of zero repeats that value
    (NLinear; Zeng et al., 2023). `"zero"` only scales, for series of changes, whose sign matters.

    If all values of a window are equal, `s` is their magnitude, or 1 if they are zero. A window without values has
    `m = 0` and `s = 1`. Statistics have the precision of the values, whatever the dtype policy.

    Args:
        center: `"mean"`, `"last"` or `"zero"`.

    Call arguments:
        values: `[batch, time, channels]` in any units, NaN or infinite = missing.
        mask: bool `[batch, time]`, False at steps that are missing. Default: the mask that Keras passes.
        return_statistics: Also return `(m, s)`, each `[batch, 1, channels]`.

    Returns:
        `[batch, time, channels]`; with `return_statistics` a tuple with `(m, s)`.

    Raises:
        ValueError: There is no such centre.

    Example:
        >>> norm = ReversibleInstanceNorm()
        >>> normalised, (center, scale) = norm(tf.constant([[[1.0], [3.0]]]), return_statistics=True)
    """

    def __init__(self, center: str = "mean", **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        self.supports_masking = True
        if center not in CENTERS:
            raise ValueError(f"Expected `center` to be one of {CENTERS}. Received: center={center!r}")
        self.center = center

    def call(  # noqa: D102
        self, values: tf.Tensor, return_statistics: bool = False, mask: tf.Tensor | None = None
    ) -> tf.Tensor | tuple[tf.Tensor, tuple[tf.Tensor, tf.Tensor]]:
        zero = tf.zeros([], values.dtype)
        observed = tf.math.is_finite(values)
        mask = masks.of_steps(values, mask)
        if mask is not None:
            observed &= mask[:, :, tf.newaxis]
        steps = tf.range(tf.shape(values)[1])[:, tf.newaxis]
        newest = tf.reduce_max(tf.where(observed, steps, -1), axis=1, keepdims=True)
        last = tf.reduce_sum(tf.where(tf.equal(steps, newest), values, zero), axis=1, keepdims=True)
        # Relative to one of the values, so that equal values, however large, become exactly zero.
        x = tf.where(observed, values - last, zero)
        count = tf.reduce_sum(tf.cast(observed, values.dtype), axis=1, keepdims=True)
        mean = tf.math.divide_no_nan(tf.reduce_sum(x, axis=1, keepdims=True), count)
        deviations = tf.where(observed, x - mean, zero)
        largest = tf.reduce_max(tf.abs(deviations), axis=1, keepdims=True)
        squares = tf.square(tf.math.divide_no_nan(deviations, largest))  # at most 1, so none overflows
        variance = tf.math.divide_no_nan(tf.reduce_sum(squares, axis=1, keepdims=True), count)
        varies = largest > 0
        level = tf.where(tf.equal(last, 0), tf.ones_like(last), tf.abs(last))
        scale = tf.where(varies, largest * tf.sqrt(tf.where(varies, variance, tf.ones_like(variance))), level)
        if self.center == "mean":
            x, last = deviations, last + mean
        if self.center == "zero":
            x, last = tf.where(observed, values, zero), tf.zeros_like(last)
        normalised = tf.cast(x / scale, self.compute_dtype)
        return (normalised, (last, scale)) if return_statistics else normalised

    compute_output_spec = traced_output_spec

    def compute_output_shape(self, input_shape: tuple) -> tuple:  # noqa: D102
        return tuple(input_shape)

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), "center": self.center}
