"""The loss of a classifier, and the accuracy that is shown during training."""

from typing import TYPE_CHECKING

import tensorflow as tf

from pipelines.classification import data
from pipelines.classification.config import Config
from pipelines.runs import Run
from tfmodels import training

if TYPE_CHECKING:
    from tfmodels.training import Objective

_COLUMNS = (("accuracy", 8, "val_accuracy", ".2%"),)


def make(config: Config, run: Run) -> "Objective":
    """Cross-entropy of the classes, weighted in training; binary cross-entropy of each class with several labels.

    Args:
        config: The options.
        run: The run, prepared.

    Returns:
        The loss of training, that of validation (without weights and label smoothing) and the accuracy.
    """
    weights, smoothing = tf.constant(data.weights(run)), config.training.label_smoothing
    cross_entropy = training.smoothed_cross_entropy
    if config.separator:
        return training.Objective(
            lambda targets, logits: tf.linalg.matvec(_binary_cross_entropy(targets, logits, smoothing), weights),
            lambda targets, logits: tf.reduce_sum(_binary_cross_entropy(targets, logits), axis=-1),
            {"accuracy": _all_correct},
            columns=_COLUMNS,
            divergence=lambda _, *both: tf.linalg.matvec(training.sigmoid_divergence(*both), weights),
        )
    return training.Objective(
        lambda targets, logits: cross_entropy(targets, logits, smoothing) * tf.gather(weights, targets),
        cross_entropy,
        {"accuracy": _correct},
        columns=_COLUMNS,
        divergence=lambda targets, *both: training.softmax_divergence(*both) * tf.gather(weights, targets),
    )


def _binary_cross_entropy(targets: tf.Tensor, logits: tf.Tensor, smoothing: float = 0.0) -> tf.Tensor:
    targets = (1 - smoothing) * targets + smoothing / 2
    return tf.nn.sigmoid_cross_entropy_with_logits(targets, logits)


def _correct(targets: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    return tf.cast(tf.equal(targets, tf.argmax(logits, axis=-1, output_type=targets.dtype)), tf.float32)


def _all_correct(targets: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Whether a text gets exactly its labels, each from a probability of 0.5 on."""
    return tf.cast(tf.reduce_all(tf.equal(targets > 0, logits >= 0), axis=-1), tf.float32)
