"""Calibration: how well predicted probabilities match the observed accuracy."""

from typing import NamedTuple

import numpy as np


class Calibration(NamedTuple):
    """Predictions in bins of equal width by their confidence.

    Attributes:
        ece: Expected calibration error in percent: the mean gap between confidence and accuracy of the bins, weighted
            by their number of predictions.
        nll: Mean negative log-likelihood of the labels, in nats.
        confidence: float `[bins]`, mean confidence of the predictions in each bin; NaN in an empty bin.
        accuracy: float `[bins]`, share of correct predictions; NaN in an empty bin.
        counts: int `[bins]`, number of predictions.
    """

    ece: float
    nll: float
    confidence: np.ndarray
    accuracy: np.ndarray
    counts: np.ndarray


def reliability(probabilities: np.ndarray, labels: np.ndarray, bins: int = 15) -> Calibration:
    """Measures calibration (Naeini et al., 2015; Guo et al., 2017, section 2).

    A prediction is the most probable class, and its confidence is that probability. With label sets each label is a
    prediction: its confidence is its probability, and it is correct if the row has the label.

    Args:
        probabilities: `[rows, classes]`.
        labels: int `[rows]`, the true classes; or 0 or 1 `[rows, classes]`, the true labels.
        bins: Number of bins from 0 to 1; each includes its upper edge but not its lower one.

    Returns:
        The bins and the scores.

    Raises:
        ValueError: There are no rows, or the shapes do not match.

    Example:
        >>> reliability(np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([0, 0]), bins=2).ece
        45.0
    """
    probabilities, labels = np.asarray(probabilities), np.asarray(labels)
    if not probabilities.size or labels.shape not in {probabilities.shape, probabilities.shape[:1]}:
        raise ValueError(
            "Expected probabilities [rows, classes] of at least one row, and labels [rows] or [rows, classes]. "
            f"Received: shapes {probabilities.shape} and {labels.shape}"
        )
    if labels.ndim == 2:
        confidence, correct = probabilities.ravel().astype(np.float64), labels.ravel().astype(bool)
        likelihood = np.where(correct, confidence, 1 - confidence)
    else:
        confidence, correct = probabilities.max(axis=1).astype(np.float64), probabilities.argmax(axis=1) == labels
        likelihood = np.take_along_axis(probabilities, labels[:, np.newaxis], axis=1).astype(np.float64)
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    count = np.bincount(place, minlength=bins)
    sums = (np.bincount(place, weights=values, minlength=bins) for values in (confidence, correct))
    with np.errstate(invalid="ignore"):  # 0 / 0 in an empty bin
        mean_confidence, accuracy = (total / count for total in sums)
    gaps = np.nan_to_num(np.abs(mean_confidence - accuracy))
    smallest = np.finfo(np.float32).tiny  # a float32 probability may have become 0
    nll = -np.log(np.maximum(likelihood, smallest)).mean()
    return Calibration(float(100 * (gaps * count).sum() / count.sum()), float(nll), mean_confidence, accuracy, count)
