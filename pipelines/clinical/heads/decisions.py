"""What turns the outputs of a network into answers, in the graph, for each head."""

from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf

from tfmodels import layers

Outputs = dict[str, tf.Tensor]


class Decision(NamedTuple):
    """What turns a logit into a risk.

    Attributes:
        slope: Of the calibration: the log-odds are `slope * logit + intercept`.
        intercept: Of the calibration.
        threshold: From which probability on the label is the positive one.
        classes: The labels, negative and positive.
        prevalence: The answer where nothing is known.
    """

    slope: float = 1.0
    intercept: float = 0.0
    threshold: float = 0.5
    classes: tuple[str, str] = ("0", "1")
    prevalence: float = 0.5

    def answered(self, outputs: tf.Tensor, nothing: tf.Tensor) -> Outputs:
        """The answers to outputs `[batch, 1]`; `nothing` bool `[batch]` are rows of which nothing is known."""
        probability = tf.sigmoid(self.slope * outputs[:, 0] + self.intercept)
        probability = tf.where(nothing, self.prevalence, probability)
        negative, positive = self.classes
        return {"probability": probability, "label": tf.where(probability >= self.threshold, positive, negative)}

    def explained(self, outputs: tf.Tensor) -> tf.Tensor:
        """Which output an explanation is of, int32 `[batch]`."""
        return tf.zeros([tf.shape(outputs)[0]], tf.int32)

    def quantity(self, answered: Outputs) -> tf.Tensor:
        """What contributions add up to: the log-odds."""
        return tf.math.log(answered["probability"]) - tf.math.log1p(-answered["probability"])


class ClassDecision(NamedTuple):
    """What turns logits into the probabilities of classes.

    Attributes:
        classes: The labels.
        prevalence: The answer where nothing is known, a probability for each.
        slope: What logits are multiplied by: one divided by the temperature.
    """

    classes: Sequence[str]
    prevalence: Sequence[float]
    slope: float = 1.0
    intercept: float = 0.0

    def answered(self, outputs: tf.Tensor, nothing: tf.Tensor) -> Outputs:
        """The answers to outputs `[batch, classes]`: `label`, its `probability`, and all `probabilities`."""
        found = tf.nn.softmax(self.slope * outputs)
        found = tf.where(nothing[:, tf.newaxis], tf.constant([self.prevalence], tf.float32), found)
        label = tf.gather(tf.constant(list(self.classes)), tf.argmax(found, axis=1))
        return {"probability": tf.reduce_max(found, axis=1), "label": label, "probabilities": found}

    def explained(self, outputs: tf.Tensor) -> tf.Tensor:
        """The most probable class."""
        return tf.argmax(outputs, axis=1, output_type=tf.int32)

    def quantity(self, answered: Outputs) -> tf.Tensor:
        """The logarithm of the probability of the label."""
        return tf.math.log(answered["probability"])


class NumberDecision(NamedTuple):
    """What turns outputs into a mean and quantiles.

    Attributes:
        levels: Levels of the quantiles.
        intercept: Centre of the training labels.
        slope: Their spread, which outputs are in.
        shifts: Of each quantile, learnt on the validation split.
        mean: The answer where nothing is known, as `quantiles`.
        quantiles: See there.
    """

    levels: Sequence[float]
    intercept: float
    slope: float
    shifts: Sequence[float]
    mean: float
    quantiles: Sequence[float]

    def answered(self, outputs: tf.Tensor, nothing: tf.Tensor) -> Outputs:
        """The answers to outputs `[batch, 1 + levels]`: `mean` and `quantiles`, which never cross."""
        quantiles = self.intercept + self.slope * raw_quantiles(outputs, self.levels)
        quantiles = tf.sort(quantiles + tf.constant([self.shifts], tf.float32), axis=1)
        known = tf.constant([self.quantiles], tf.float32)
        return {
            "mean": tf.where(nothing, self.mean, self.intercept + self.slope * outputs[:, 0]),
            "quantiles": tf.where(nothing[:, tf.newaxis], known, quantiles),
        }

    def explained(self, outputs: tf.Tensor) -> tf.Tensor:
        """The output of the mean."""
        return tf.zeros([tf.shape(outputs)[0]], tf.int32)

    def quantity(self, answered: Outputs) -> tf.Tensor:
        """The mean."""
        return answered["mean"]


def raw_quantiles(outputs: tf.Tensor, levels: Sequence[float]) -> tf.Tensor:
    """The quantiles among outputs `[batch, 1 + levels]`, in spreads of the training labels from their centre."""
    return layers.QuantileHead(levels)(outputs[:, 1:])
