"""A weighted mean of the logits of two models."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfmodels.layers.heads.temperature_scaling import TemperatureScaling

_SHARES = np.linspace(0, 1, 21)


@keras.saving.register_keras_serializable("tfmodels")
class LogitMixture(keras.layers.Layer):
    """The weighted mean of the logits of two models, a product of experts (Hinton, 2002).

    The weight is chosen on data that neither was trained on. The second model is the one to be sure of: the mixture
    never decides worse there than it alone.

    Args:
        multi_label: Whether the labels are independent (sigmoid); else the classes exclude each other (softmax).

    Call arguments:
        first: Logits of the first model, `[batch, classes]`.
        second: Those of the second.

    Returns:
        `(1 - share) * first + share * second`; before `learn` the mean.

    Weights: share, a scalar from 0 to 1, not trainable.

    Example:
        >>> mixture = LogitMixture(dtype="float32")
        >>> mixture.learn(network_logits, linear_logits, labels)
        >>> mixture(network(ids), linear(texts))
    """

    def __init__(self, multi_label: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.multi_label = multi_label

    def build(self, first_shape: object = None, second_shape: object = None) -> None:  # noqa: D102
        self.share = self.add_weight(name="share", shape=[], initializer=_half, trainable=False)

    def learn(self, first: np.ndarray, second: np.ndarray, labels: np.ndarray) -> None:
        """Sets the share: the least loss after temperature scaling, with at least the right decisions of the second.

        Args:
            first: `[rows, classes]`.
            second: `[rows, classes]`.
            labels: int `[rows]`, the true class; with `multi_label` 0 or 1, `[rows, classes]`.

        Raises:
            ValueError: There are no rows, the shapes do not match, or a logit is not finite.
        """
        expected = first.shape if self.multi_label else first.shape[:1]
        if second.shape != first.shape or labels.shape != expected or not len(labels):
            raise ValueError(
                "Expected logits [rows, classes] of two models for at least one row, and labels "
                f"{'[rows, classes]' if self.multi_label else '[rows]'}. "
                f"Received: shapes {first.shape}, {second.shape} and {labels.shape}"
            )
        if not self.built:
            self.build()
        mixtures = {float(share): (1 - share) * first + share * second for share in _SHARES}
        alone = self.right(second, labels)
        good = {share: logits for share, logits in mixtures.items() if self.right(logits, labels) >= alone}
        self.share.assign(min(good, key=lambda share: self._loss(good[share], labels)))

    def right(self, logits: np.ndarray, labels: np.ndarray) -> int:
        """The number of right decisions: of rows, with `multi_label` of labels."""
        return int(np.sum((logits >= 0 if self.multi_label else logits.argmax(axis=1)) == labels))

    def _loss(self, logits: np.ndarray, labels: np.ndarray) -> float:
        scaling = TemperatureScaling(self.multi_label, dtype="float32")
        scaling.learn(logits, labels)
        scaled = scaling(tf.constant(logits, tf.float32))
        if self.multi_label:
            return float(tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(tf.cast(labels, tf.float32), scaled)))
        return float(tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, scaled)))

    def call(self, first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:  # noqa: D102
        share = tf.cast(tf.convert_to_tensor(self.share), first.dtype)
        return (1 - share) * first + share * tf.cast(second, first.dtype)

    def compute_output_shape(self, first_shape: tuple, second_shape: tuple | None = None) -> tuple:  # noqa: D102
        return tuple(first_shape)

    def get_config(self) -> dict:  # noqa: D102
        return {**super().get_config(), "multi_label": self.multi_label}


def _half(shape: object, dtype: object = None) -> tf.Tensor:
    return tf.fill([], tf.cast(0.5, dtype or tf.float32))
