"""The loss of each head."""

from collections.abc import Sequence

import tensorflow as tf

from pipelines.clinical import data
from pipelines.clinical.config import Config
from pipelines.clinical.heads import decisions, head_labels
from pipelines.runs import Run
from pipelines.runs.rows import quantile_levels
from tfmodels import layers, training


def make(config: Config, run: Run) -> training.Objective:
    """The cross-entropy of each case, in nats; of numbers the losses of quantiles and mean."""
    if config.head == head_labels.NUMBERS:
        return of_numbers(quantile_levels.parse(config.levels), *data.content(run)["number"])
    is_binary = config.head == head_labels.BINARY
    loss, right = (cross_entropy, _right) if is_binary else (class_cross_entropy, _right_class)
    return training.Objective(
        loss, metrics={"accuracy": right}, columns=(("accuracy", 8, "val_accuracy", ".2%"),), unit="nats per case"
    )


def cross_entropy(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """The negative log-probability of labels.

    Args:
        labels: float32 `[batch]`, 0 or 1.
        logits: float32 `[batch, 1]`.

    Returns:
        float32 `[batch]`, in nats.
    """
    return tf.nn.sigmoid_cross_entropy_with_logits(labels, logits[:, 0])


def class_cross_entropy(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """The same of several classes: labels float32 `[batch]`, numbers of classes, and logits `[batch, classes]`."""
    return tf.nn.sparse_softmax_cross_entropy_with_logits(tf.cast(labels, tf.int32), logits)


def of_numbers(levels: Sequence[float], center: float, scale: float) -> training.Objective:
    """Twice the pinball loss, averaged over the levels, and half the squared error of the mean, in spreads.

    Args:
        levels: Levels of the quantiles.
        center: Centre of the training labels.
        scale: Their spread.

    Returns:
        The objective of outputs `[batch, 1 + levels]`.

    Example:
        `of_numbers((0.1, 0.5, 0.9), 20.0, 4.0).loss(labels, outputs)`
    """
    head = layers.QuantileHead(levels)

    def loss(labels: tf.Tensor, outputs: tf.Tensor) -> tf.Tensor:
        targets = (labels - center) / scale
        pinball = head.elementwise_loss(targets, decisions.raw_quantiles(outputs, levels))
        return pinball + 0.5 * (targets - outputs[:, 0]) ** 2

    def error(labels: tf.Tensor, outputs: tf.Tensor) -> tf.Tensor:
        return tf.abs(labels - center - scale * outputs[:, 0])

    return training.Objective(
        loss, metrics={"mae": error}, columns=(("MAE", 8, "val_mae", ".4g"),), unit="spreads of the training labels"
    )


def _right(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    return tf.cast((logits[:, 0] > 0) == (labels > 0.5), tf.float32)


def _right_class(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    return tf.cast(tf.argmax(logits, axis=1, output_type=tf.int32) == tf.cast(labels, tf.int32), tf.float32)
