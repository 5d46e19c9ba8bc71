"""Whether a question has an answer: its probability, calibrated, and from which probability on one is given."""

from typing import NamedTuple

import numpy as np


class PlattScaling(NamedTuple):
    """A probability of a score: `1 / (1 + exp(-(slope * score + intercept)))`.

    Attributes:
        slope: At least 0, so that a higher score is never less probable.
        intercept: The log-odds at a score of 0.

    Example:
        `PlattScaling(1.0, 0.0)`
    """

    slope: float
    intercept: float

    def probabilities(self, scores: np.ndarray) -> np.ndarray:
        """The probabilities of scores, float64 of their shape."""
        return 0.5 * (1 + np.tanh(0.5 * (self.slope * np.asarray(scores, np.float64) + self.intercept)))


class Threshold(NamedTuple):
    """From which probability on questions are answered.

    Attributes:
        threshold: A question is answered if its probability is at least this, in single precision: 0 answers all. Above
            the highest probability it answers none.
        score: The mean score of all questions then.
    """

    threshold: float
    score: float


def platt_scaling(scores: np.ndarray, labels: np.ndarray) -> PlattScaling:
    """Fits the probability of a label to scores that were not used for training (Platt, 1999).

    Unlike a temperature, it has an intercept, since the share of questions without an answer may be another one than a
    model believes. It is fitted to smoothed targets, as if each label had occurred once more.

    Args:
        scores: `[rows]`, such as logits.
        labels: 0 or 1 `[rows]`.

    Returns:
        The sigmoid. If higher scores go with fewer labels, its slope is 0 and all have the share of the label.

    Raises:
        ValueError: There are no rows, the shapes do not match, a score is not finite, or a label is neither 0 nor 1.

    Example:
        `platt_scaling(logits, answerable).probabilities(logits)`

    Reference:
        Platt (1999), "Probabilistic Outputs for Support Vector Machines".
    """
    from sklearn.linear_model import LogisticRegression

    scores, labels = np.asarray(scores, np.float64), np.asarray(labels)
    if scores.ndim != 1 or not scores.size or labels.shape != scores.shape or not np.isin(labels, (0, 1)).all():
        raise ValueError(
            "Expected scores and labels of 0 or 1, both [rows], of at least one row. "
            f"Received: shapes {scores.shape} and {labels.shape}, labels {np.unique(labels)[:5].tolist()}"
        )
    if not np.isfinite(scores).all():
        raise ValueError(f"Expected finite scores. Received: {np.sum(~np.isfinite(scores))} that are not")
    positive = int(labels.sum())
    targets = np.where(labels == 1, (positive + 1) / (positive + 2), 1 / (len(labels) - positive + 2))
    scale = max(np.abs(scores).max(), np.finfo(np.float64).tiny)  # a solver's steps have the size of its inputs
    rows = np.tile(scores / scale, 2)[:, np.newaxis]
    classes, weights = np.repeat([1, 0], len(scores)), np.concatenate([targets, 1 - targets])
    fitted = LogisticRegression(C=np.inf, max_iter=1000, tol=1e-8).fit(rows, classes, weights)
    slope = float(fitted.coef_[0, 0] / scale)
    if slope <= 0:
        share = targets.mean()
        return PlattScaling(0.0, float(np.log(share / (1 - share))))
    return PlattScaling(slope, float(fitted.intercept_[0]))


def best_threshold(probabilities: np.ndarray, answered: np.ndarray, silent: np.ndarray) -> Threshold:
    """Chooses from which probability on to answer, so that the mean score is highest.

    Args:
        probabilities: `[rows]` from 0 to 1: that a question has an answer.
        answered: `[rows]`, the score of each question if it is answered.
        silent: `[rows]`, the score if it is not: 100 where the question has no answer, else 0.

    Returns:
        The lowest of the best thresholds, between two probabilities where their neighbours in single precision allow.

    Raises:
        ValueError: There are no rows, the shapes do not match, or a probability is not from 0 to 1.

    Example:
        >>> best_threshold(np.array([0.2, 0.6]), np.array([0.0, 80.0]), np.array([100.0, 0.0])).score
        90.0
    """
    probabilities = np.asarray(probabilities, np.float32)
    if (
        probabilities.ndim != 1
        or not probabilities.size
        or not np.shape(answered) == np.shape(silent) == probabilities.shape
    ):
        raise ValueError(
            "Expected probabilities and two scores, all [rows], of at least one row. "
            f"Received: shapes {probabilities.shape}, {np.shape(answered)} and {np.shape(silent)}"
        )
    if not ((probabilities >= 0) & (probabilities <= 1)).all():
        raise ValueError(
            f"Expected probabilities from 0 to 1. Received: {probabilities.min()} to {probabilities.max()}"
        )
    values, place = np.unique(probabilities, return_inverse=True)
    gains = np.bincount(place, np.asarray(answered, np.float64) - np.asarray(silent, np.float64))
    # From all rows answered to none: what each distinct probability adds if it and all higher ones are answered.
    means = (np.sum(silent) + np.concatenate([np.cumsum(gains[::-1])[::-1], [0.0]])) / len(probabilities)
    best = int(np.argmax(means))
    return Threshold(_between(values, best), float(means[best]))


def _between(values: np.ndarray, place: int) -> float:
    """A threshold that the value at a place reaches, and the one before it does not."""
    if place == 0:
        return 0.0
    if place == len(values):
        return float(np.nextafter(values[-1], np.float32(2)))
    middle = (values[place - 1] + values[place]) / np.float32(2)
    return float(middle if middle > values[place - 1] else values[place])
