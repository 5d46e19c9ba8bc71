"""The loss of predicted risks."""

import tensorflow as tf

from tfmodels import training


def make() -> training.Objective:
    """The binary cross-entropy of each case, in nats, and the share of right decisions at one half."""
    return training.Objective(
        cross_entropy, metrics={"accuracy": _right}, columns=(("accuracy", 8, "val_accuracy", ".2%"),),
        unit="nats per case",
    )  # fmt: skip


def cross_entropy(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """The negative log-probability of labels.

    Args:
        labels: float32 `[batch]`, 0 or 1.
        logits: float32 `[batch, 1]`.

    Returns:
        float32 `[batch]`, in nats.
    """
    return tf.nn.sigmoid_cross_entropy_with_logits(labels, logits[:, 0])


def _right(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    return tf.cast((logits[:, 0] > 0) == (labels > 0.5), tf.float32)
