"""Whether probabilities are as often right as they say."""

from typing import NamedTuple

import numpy as np


class Calibration(NamedTuple):
    """Answers in bins of equal width by their confidence.

    Attributes:
        ece: Expected calibration error, in percent: how far confidence and accuracy of the bins are apart, each bin
            weighted by its answers.
        nll: Mean negative log-likelihood of the labels, in nats.
        confidence: float `[bins]`, mean confidence of the answers of each bin; NaN if there are none.
        accuracy: float `[bins]`, the share of them that is right; NaN likewise.
        count: int `[bins]`, their number.
    """

    ece: float
    nll: float
    confidence: np.ndarray
    accuracy: np.ndarray
    count: np.ndarray


def reliability(probabilities: np.ndarray, labels: np.ndarray, bins: int = 15) -> Calibration:
    """Measures calibration (Naeini et al., 2015; Guo et al., 2017, section 2).

    An answer is the most probable class, its confidence that probability. Of label sets each label is an answer of its
    own: its confidence is its probability, and it is right if the row has the label.

    Args:
        probabilities: `[rows, classes]`.
        labels: int `[rows]`, the right class; or 0 or 1 `[rows, classes]`, the right labels.
        bins: Number of bins from 0 to 1; each has its upper edge and not its lower one.

    Returns:
        The bins and what follows from them.

    Raises:
        ValueError: If there are no rows, or the shapes do not go together.

    Example:
        >>> reliability(np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([0, 0]), bins=2).ece
        45.0
    """
    probabilities, labels = np.asarray(probabilities, np.float64), np.asarray(labels)
    if not probabilities.size or labels.shape not in {probabilities.shape, probabilities.shape[:1]}:
        raise ValueError(
            "Expected probabilities [rows, classes] of at least one row, and labels [rows] or [rows, classes]. "
            f"Received: shapes {probabilities.shape} and {labels.shape}"
        )
    if labels.ndim == 2:
        confidence, right = probabilities.ravel(), labels.ravel().astype(bool)
        likelihood = np.where(right, confidence, 1 - confidence)
    else:
        confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
        likelihood = np.take_along_axis(probabilities, labels[:, np.newaxis], axis=1)
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    count = np.bincount(place, minlength=bins)
    sums = (np.bincount(place, weights=values, minlength=bins) for values in (confidence, right))
    with np.errstate(invalid="ignore"):  # 0 / 0 in an empty bin
        mean_confidence, accuracy = (total / count for total in sums)
    gaps = np.nan_to_num(np.abs(mean_confidence - accuracy))
    smallest = np.finfo(np.float32).tiny  # a float32 probability may have become 0
    nll = -np.log(np.maximum(likelihood, smallest)).mean()
    return Calibration(float(100 * (gaps * count).sum() / count.sum()), float(nll), mean_confidence, accuracy, count)
