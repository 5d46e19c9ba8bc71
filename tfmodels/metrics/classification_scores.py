"""Scores of single-label and multi-label classification, computed by scikit-learn."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, SupportsFloat

import numpy as np


class ClassScores(NamedTuple):
    """Scores of one class.

    Attributes:
        name: Name of the class.
        precision: Percentage of the rows predicted as the class that belong to it; 0 if there are none.
        recall: Percentage of the rows of the class that are predicted as it; 0 if there are none.
        f1: Harmonic mean of precision and recall.
        support: Number of rows of the class.
    """

    name: str
    precision: float
    recall: float
    f1: float
    support: int


class ClassificationScores(NamedTuple):
    """Scores of a set of predictions.

    Attributes:
        scores: Metric -> score, from 0 to 100, higher is better.
        classes: Scores of each class.
        confusion: int `[classes, classes]`, number of rows by true class (row) and predicted class (column); of label
            sets `[classes, 2, 2]`, for each label the rows without and with it.
    """

    scores: dict[str, float]
    classes: list[ClassScores]
    confusion: np.ndarray


def single_label_scores(labels: np.ndarray, predictions: np.ndarray, names: Sequence[str]) -> ClassificationScores:
    """Scores single-label predictions.

    Args:
        labels: int `[rows]`, the true classes.
        predictions: int `[rows]`, the predicted classes.
        names: Names of the classes.

    Returns:
        `accuracy` and `macro_f1`, the mean over the classes that occur among labels or predictions.

    Raises:
        ValueError: There are no rows, the shapes differ, or a class has no name.

    Example:
        >>> single_label_scores(np.array([0, 1, 1]), np.array([0, 1, 0]), ["bad", "good"]).scores
        {'accuracy': 66.67, 'macro_f1': 66.67}
    """
    from sklearn.metrics import accuracy_score, f1_score

    labels, predictions = np.asarray(labels), np.asarray(predictions)
    if not labels.size or labels.ndim != 1 or labels.shape != predictions.shape:
        raise ValueError(
            "Expected labels and predictions [rows] of at least one row. "
            f"Received: shapes {labels.shape} and {predictions.shape}"
        )
    _check_classes(np.concatenate([labels, predictions]), names)
    scores = {
        "accuracy": accuracy_score(labels, predictions),
        "macro_f1": f1_score(labels, predictions, average="macro", zero_division=0),
    }
    # Of thousands of classes nearly all cells stay zero and take no memory.
    confusion = np.zeros([len(names), len(names)], np.int32)
    np.add.at(confusion, (labels, predictions), 1)
    return ClassificationScores(_percent(scores), _class_scores(labels, predictions, names), confusion)


def multi_label_scores(labels: np.ndarray, predictions: np.ndarray, names: Sequence[str]) -> ClassificationScores:
    """Scores multi-label predictions.

    Args:
        labels: 0 or 1 `[rows, classes]`, the true labels.
        predictions: 0 or 1 `[rows, classes]`, the predicted labels.
        names: Names of the labels.

    Returns:
        `micro_f1` over all decisions, `macro_f1`, the mean over the labels that occur, and `subset_accuracy`, the share
        of rows whose labels are all correct.

    Raises:
        ValueError: There are no rows, or the shapes do not match.

    Example:
        `multi_label_scores(np.array([[1, 0], [1, 1]]), probabilities > 0.5, ["funny", "sad"])`
    """
    from sklearn.metrics import accuracy_score, f1_score, multilabel_confusion_matrix

    labels, predictions = np.asarray(labels).astype(int), np.asarray(predictions).astype(int)
    if not labels.size or labels.shape != predictions.shape or labels.shape[1:] != (len(names),):
        raise ValueError(
            f"Expected labels and predictions [rows, {len(names)}] of at least one row. "
            f"Received: shapes {labels.shape} and {predictions.shape}"
        )
    occurring = np.flatnonzero(labels.any(axis=0) | predictions.any(axis=0))
    scores = {
        "micro_f1": f1_score(labels, predictions, average="micro", zero_division=0),
        "macro_f1": f1_score(labels, predictions, labels=occurring, average="macro", zero_division=0)
        if occurring.size
        else 0.0,
        "subset_accuracy": accuracy_score(labels, predictions),
    }
    confusion = multilabel_confusion_matrix(labels, predictions)
    return ClassificationScores(_percent(scores), _class_scores(labels, predictions, names), confusion)


def _class_scores(labels: np.ndarray, predictions: np.ndarray, names: Sequence[str]) -> list[ClassScores]:
    from sklearn.metrics import precision_recall_fscore_support

    table = np.array(precision_recall_fscore_support(labels, predictions, labels=range(len(names)), zero_division=0))
    return [
        ClassScores(name, 100 * float(precision), 100 * float(recall), 100 * float(f1), int(support))
        for name, precision, recall, f1, support in zip(names, *table, strict=True)
    ]


def _percent(scores: Mapping[str, SupportsFloat]) -> dict[str, float]:
    return {name: 100 * float(score) for name, score in scores.items()}


def _check_classes(classes: np.ndarray, names: Sequence[str]) -> None:
    if classes.min() < 0 or classes.max() >= len(names):
        raise ValueError(
            f"Expected classes from 0 to {len(names) - 1}. Received: {int(classes.min())} to {int(classes.max())}"
        )


def micro_f1_of_sums(sums: np.ndarray) -> np.ndarray:
    """Micro-F1 in percent from sums over rows.

    Args:
        sums: `[..., 2]`, the numbers of right and of wrong decisions for a label.

    Returns:
        `[...]`; 0 without any decision for a label.

    Example:
        `micro_f1_of_sums(np.array([3.0, 2.0]))` -> `75.0`
    """
    total = 2 * sums[..., 0] + sums[..., 1]
    return 200 * sums[..., 0] / np.where(total == 0, 1, total)
