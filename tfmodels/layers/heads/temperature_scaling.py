"""Probabilities made to hold on data that a model was not trained on."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

_RANGE = (0.1, 10.0)
_HALVINGS = 60


@keras.saving.register_keras_serializable("tfmodels")
class TemperatureScaling(keras.layers.Layer):
    """Divides logits by one number, the temperature (Guo et al., 2017, "On Calibration of Modern Neural Networks").

    Above 1 it takes confidence out of all answers alike, below 1 it adds some. Which class is the most probable stays
    as it was. It is learnt from targets that are a little less than certain, the less the more rows there are (Platt,
    1999, "Probabilistic Outputs for Support Vector Machines"): where all of 98 answers of two classes are right, their
    probabilities are to be 99 %, not 1.

    Args:
        multi_label: Whether each logit is that of a label of its own (sigmoid); else all are those of one choice
            (softmax).

    Call arguments:
        logits: `[batch, classes]`. Beside a model in mixed precision the layer needs `dtype="float32"`, or it rounds
            them.

    Returns:
        The scaled logits; before `learn` those given.

    Weights: temperature, a number, not trainable, from 0.1 to 10.

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
        """Sets the temperature under which answers that no training has seen are the most likely.

        Each target is that of Laplace's rule of succession: as if every class had been right once more than it was.

        Args:
            logits: `[rows, classes]`.
            labels: int `[rows]`, the right class; with `multi_label` 0 or 1 `[rows, classes]`.

        Raises:
            ValueError: If there are no rows, the shapes do not go together or a logit is not finite.
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
        """Where the slope of the loss is zero: the loss is convex in the inverse temperature, so its slope rises."""
        rows, classes = logits.shape
        choices = 2 if self.multi_label else classes
        certain = labels if self.multi_label else np.eye(classes)[labels]
        targets = (rows * certain + 1) / (rows + choices)
        right = targets * logits
        low, high = 1 / _RANGE[1], 1 / _RANGE[0]
        for _ in range(_HALVINGS):
            middle = np.sqrt(low * high)
            expected = _probabilities(middle * logits, self.multi_label) * logits
            rising = expected.sum() > right.sum()
            low, high = (low, middle) if rising else (middle, high)
        return float(np.sqrt(low * high))

    def call(self, logits: tf.Tensor) -> tf.Tensor:  # noqa: D102
        return logits / tf.cast(tf.convert_to_tensor(self.temperature), logits.dtype)

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), "multi_label": self.multi_label}


def _probabilities(logits: np.ndarray, multi_label: bool) -> np.ndarray:
    if multi_label:
        return 0.5 * (1 + np.tanh(0.5 * logits))  # the sigmoid, without an overflow
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)
