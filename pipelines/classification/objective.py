"""The loss of a classifier, and the accuracy that is shown during training."""

from typing import TYPE_CHECKING

import tensorflow as tf

from pipelines.classification import data
from pipelines.classification.config import Config
from pipelines.runs import Run
from tfmodels import training

if TYPE_CHECKING:
    from tfmodels.training import Objective

_Targets = tf.Tensor | dict[str, tf.Tensor]  # the labels; with a teacher, `labels` and the `mixed` targets of training
_UNIT = "nats per text"
_COLUMNS = (("accuracy", 8, "val_accuracy", ".2%"),)


def make(config: Config, run: Run) -> "Objective":
    """Cross-entropy of the classes, weighted in training; binary cross-entropy of each class with several labels.

    With a teacher training learns mixtures of labels and its probabilities, whose weights are mixed alike.

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
            lambda targets, logits: tf.linalg.matvec(
                _binary_cross_entropy(_learnt(targets), logits, smoothing), weights
            ),
            lambda targets, logits: tf.reduce_sum(_binary_cross_entropy(_labels(targets), logits), axis=-1),
            {"accuracy": _all_correct},
            columns=_COLUMNS,
            unit=_UNIT,
            divergence=lambda _, *both: tf.linalg.matvec(training.sigmoid_divergence(*both), weights),
        )
    loss, weigh = (_soft_cross_entropy, tf.linalg.matvec) if config.teacher else (cross_entropy, _weight_of)
    return training.Objective(
        lambda targets, logits: loss(_learnt(targets), logits, smoothing) * weigh(_learnt(targets), weights),
        lambda targets, logits: cross_entropy(_labels(targets), logits),
        {"accuracy": _correct},
        columns=_COLUMNS,
        unit=_UNIT,
        divergence=lambda targets, *both: training.softmax_divergence(*both) * weigh(_learnt(targets), weights),
    )


def _learnt(targets: _Targets) -> tf.Tensor:
    """What training learns: with a teacher, mixtures of labels and its probabilities."""
    return targets["mixed"] if isinstance(targets, dict) else targets


def _labels(targets: _Targets) -> tf.Tensor:
    """The true labels, which a loss that is compared with that of validation is of."""
    return targets["labels"] if isinstance(targets, dict) else targets


def _weight_of(classes: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    return tf.gather(weights, classes)


def _soft_cross_entropy(targets: tf.Tensor, logits: tf.Tensor, smoothing: float) -> tf.Tensor:
    """Cross-entropy with probabilities as targets, float32 `[rows, classes]`."""
    classes = tf.cast(tf.shape(logits)[-1], logits.dtype)
    return tf.nn.softmax_cross_entropy_with_logits((1 - smoothing) * targets + smoothing / classes, logits)


def _binary_cross_entropy(targets: tf.Tensor, logits: tf.Tensor, smoothing: float = 0.0) -> tf.Tensor:
    targets = (1 - smoothing) * targets + smoothing / 2
    return tf.nn.sigmoid_cross_entropy_with_logits(targets, logits)


def _correct(targets: _Targets, logits: tf.Tensor) -> tf.Tensor:
    labels = _labels(targets)
    return tf.cast(tf.equal(labels, tf.argmax(logits, axis=-1, output_type=labels.dtype)), tf.float32)


def _all_correct(targets: _Targets, logits: tf.Tensor) -> tf.Tensor:
    """Whether a text gets exactly its labels, each from a probability of 0.5 on."""
    return tf.cast(tf.reduce_all(tf.equal(_labels(targets) > 0, logits >= 0), axis=-1), tf.float32)
