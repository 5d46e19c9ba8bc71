"""Calibration of quantiles on validation data."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfmodels.layers.traced_output_spec import traced_output_spec


@keras.saving.register_keras_serializable("tfmodels")
class ConformalCorrection(keras.layers.Layer):
    """Shifts quantiles to reach their nominal coverage (conformalised quantile regression; Romano et al., 2019).

    The shift of a level `t` is an empirical quantile of the validation errors `(y - q_t) / s`, times the scale `s` of
    the window. Among `n` errors it is the one of rank `ceil((n + 1) t)` for levels above the median and
    `floor((n + 1) t)` below it. Exchangeable data then falls between two levels with at least their nominal
    probability. Quantiles that cross after the shift are sorted (Chernozhukov et al., 2010).

    Args:
        levels: Levels of the quantiles, increasing.
        horizon: Number of steps of the horizon.

    Call arguments:
        quantiles: `[batch, horizon, channels, levels]`.
        scale: `[batch, 1, channels]`, the scales of the windows, as a `Forecaster` returns with `intermediates=True`.

    Returns:
        The corrected quantiles; before `fit` the given ones, sorted.

    Weights: offsets `[horizon, levels]`, not trainable, in units of `scale`.

    Example:
        >>> correction = ConformalCorrection([0.1, 0.5, 0.9], horizon=24)
        >>> correction.fit(validation_targets, validation_quantiles, validation_scale)
        >>> corrected = correction(quantiles, scale)
    """

    def __init__(self, levels: Sequence[float], horizon: int, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)  # quantiles may be float64
        self.levels = tuple(float(level) for level in levels)
        self.horizon = horizon

    def build(self, quantiles_shape: tuple | None = None, scale_shape: tuple | None = None) -> None:  # noqa: D102
        shape = [self.horizon, len(self.levels)]
        self.offsets = self.add_weight(name="offsets", shape=shape, initializer="zeros", trainable=False)

    def fit(self, targets: np.ndarray, quantiles: np.ndarray, scale: np.ndarray, per_step: bool = True) -> None:
        """Sets the shifts from forecasts of data that was not used for training.

        Args:
            targets: `[rows, horizon, channels]`, NaN = missing.
            quantiles: `[rows, horizon, channels, levels]`.
            scale: `[rows, 1, channels]`.
            per_step: Whether each step of the horizon has its own shifts. Sharing them suits few rows: a level `t`
                needs `1 / (1 - t)` targets, or its shift is the largest error.

        Raises:
            ValueError: A step of the horizon has no target, or with `per_step=False` no step has one.
        """
        errors = (np.asarray(targets)[..., np.newaxis] - quantiles) / np.asarray(scale)[..., np.newaxis]
        errors = np.moveaxis(errors, 1, 0)  # [horizon, rows, channels, levels]
        groups = errors.reshape(self.horizon if per_step else 1, -1, len(self.levels))
        offsets = [self._offsets(group[~np.isnan(group).any(axis=-1)]) for group in groups]
        if not self.built:
            self.build()
        self.offsets.assign(np.broadcast_to(offsets, self.offsets.shape))

    def _offsets(self, errors: np.ndarray) -> list[float]:
        """The shift of each level from errors `[n, levels]`."""
        count = len(errors)
        if not count:
            raise ValueError("Expected at least one target for each step of the horizon. Received: none for one")
        ranks = (count + 1) * np.array(self.levels)
        # Products such as 10 * 0.7 may differ slightly from the whole number.
        ranks = np.where(np.array(self.levels) > 0.5, np.ceil(ranks - 1e-9), np.floor(ranks + 1e-9))
        indices = np.clip(ranks, 1, count).astype(int) - 1
        return np.sort(errors, axis=0)[indices, np.arange(len(self.levels))].tolist()

    def call(self, quantiles: tf.Tensor, scale: tf.Tensor) -> tf.Tensor:  # noqa: D102
        offsets = tf.cast(tf.convert_to_tensor(self.offsets), quantiles.dtype)[:, tf.newaxis]
        return tf.sort(quantiles + offsets * scale[..., tf.newaxis], axis=-1)

    compute_output_spec = traced_output_spec  # the type is that of the quantiles

    def compute_output_shape(self, quantiles_shape: tuple, scale_shape: tuple | None = None) -> tuple:  # noqa: D102
        return tuple(quantiles_shape)

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), "levels": list(self.levels), "horizon": self.horizon}
