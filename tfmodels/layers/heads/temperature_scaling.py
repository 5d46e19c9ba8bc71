"""Calibration of probabilities on validation data."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

_RANGE = (0.1, 10.0)  # of the temperature
_BISECTIONS = 60


@keras.saving.register_keras_serializable("tfmodels")
class TemperatureScaling(keras.layers.Layer):
    """Divides logits by one number, the temperature (Guo et al., 2017, "On Calibration of Modern Neural Networks").

    A temperature above 1 lowers the confidence of all predictions, one below 1 raises it; the most probable class does
    not change. It is fitted to smoothed targets, with less smoothing the more rows there are (Platt, 1999,
    "Probabilistic Outputs for Support Vector Machines"): when all 98 predictions of two classes are right, the target
    probability is 99 %, not 100 %.

    Args:
        multi_label: Whether the labels are independent (sigmoid); else the classes exclude each other (softmax).

    Call arguments:
        logits: `[batch, classes]`. With a model in mixed precision, make the layer with `dtype="float32"`, or it rounds
            the logits.

    Returns:
        The scaled logits; before `learn` the given ones.

    Weights: temperature, a scalar from 0.1 to 10, not trainable.

    Example:
        >>> temperature = TemperatureScaling(dtype="float32")
        >>> temperature.learn(validation_logits, validation_labels)
        >>> probabilities = tf.nn.softmax(temperature(logits))
    """

    def __init__(self, multi_label: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.multi_label = multi_label

    def build(self, logits_shape: tuple | None = None) -> None:  # noqa: D102
        self.temperature = self.add_weight(name="temperature", shape=[], initializer="ones", trainable=False)

    def learn(self, logits: np.ndarray, labels: np.ndarray) -> None:
        """Sets the temperature that maximises the likelihood of data that was not used for training.

        The targets are smoothed by Laplace's rule of succession, as if each class had occurred once more.

        Args:
            logits: `[rows, classes]`.
            labels: int `[rows]`, the true class; with `multi_label` 0 or 1, `[rows, classes]`.

        Raises:
            ValueError: There are no rows, the shapes do not match, or a logit is not finite.
        """
        logits, labels = np.asarray(logits, np.float64), np.asarray(labels)
        expected = logits.shape if self.multi_label else logits.shape[:1]
        if logits.ndim != 2 or not logits.size or labels.shape != expected:
            raise ValueError(
                "Expected logits [rows, classes] of at least one row, and labels "
                f"{'[rows, classes]' if self.multi_label else '[rows]'}. "
                f"Received: shapes {logits.shape} and {labels.shape}"
            )
        if not np.isfinite(logits).all():
            raise ValueError(f"Expected finite logits. Received: {np.sum(~np.isfinite(logits))} that are not")
        if not self.built:
            self.build()
        self.temperature.assign(1 / self._best_inverse(logits, labels))

    def _best_inverse(self, logits: np.ndarray, labels: np.ndarray) -> float:
        """The inverse temperature of least loss, by bisection: the loss is convex in it, so its slope increases."""
        rows, classes = logits.shape
        choices = 2 if self.multi_label else classes
        certain = labels if self.multi_label else np.eye(classes)[labels]
        targets = (rows * certain + 1) / (rows + choices)
        target_sum = (targets * logits).sum()
        low, high = 1 / _RANGE[1], 1 / _RANGE[0]
        for _ in range(_BISECTIONS):
            middle = np.sqrt(low * high)
            expected = _probabilities(middle * logits, self.multi_label) * logits
            rising = expected.sum() > target_sum
            low, high = (low, middle) if rising else (middle, high)
        return float(np.sqrt(low * high))

    def call(self, logits: tf.Tensor) -> tf.Tensor:  # noqa: D102
        return logits / tf.cast(tf.convert_to_tensor(self.temperature), logits.dtype)

    def compute_output_shape(self, logits_shape: tuple) -> tuple:  # noqa: D102
        return tuple(logits_shape)

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), "multi_label": self.multi_label}


def _probabilities(logits: np.ndarray, multi_label: bool) -> np.ndarray:
    if multi_label:
        return 0.5 * (1 + np.tanh(0.5 * logits))  # a sigmoid that cannot overflow
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)
