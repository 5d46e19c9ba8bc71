"""Metrics of how risks or probabilities rank rows, which no sums give."""

import numpy as np

from tfmodels.metrics.bootstrap import Score
from tfmodels.metrics.risks.risk_scores import RANKED, weighted_score

_SPECIFICITY = 0.95


def scorer(name: str, rows: np.ndarray, place: np.ndarray, count: int) -> Score:
    """A metric of rows of label, 0 or 1, and risk."""
    del count
    labels, risks = rows.T
    if name in RANKED:
        return lambda weights: weighted_score(name, labels, risks, weights[:, place])
    return lambda weights: _sensitivity(labels, risks, weights[:, place])


def macro_scorer(rows: np.ndarray, place: np.ndarray, count: int) -> Score:
    """The mean AUROC over the classes that occur, of rows of the number of the class and its probabilities."""
    del count
    labels, classes = rows[:, 0], rows.shape[1] - 1

    def score(weights: np.ndarray) -> np.ndarray:
        of_rows = weights[:, place]
        each = [weighted_score("auroc", labels == one, rows[:, 1 + one], of_rows) for one in range(classes)]
        found = np.stack(each)
        known = np.isfinite(found)
        return np.where(known, found, 0).sum(axis=0) / np.where(known.any(axis=0), known.sum(axis=0), np.nan)

    return score


def of_right(rows: np.ndarray) -> np.ndarray:
    """The probability of what is so, of label and risk."""
    return np.where(rows[:, 0] == 1, rows[:, 1], 1 - rows[:, 1])


def of_right_class(rows: np.ndarray) -> np.ndarray:
    """The probability of the class that is right."""
    return np.take_along_axis(rows, 1 + rows[:, :1].astype(np.int64), axis=1)[:, 0]


def suits(rows: np.ndarray) -> bool:
    """Whether rows are labels and risks."""
    return rows.shape[1] == 2 and bool(
        np.isin(rows[:, 0], (0, 1)).all() and ((rows[:, 1] >= 0) & (rows[:, 1] <= 1)).all()
    )


def suits_classes(rows: np.ndarray) -> bool:
    """Whether rows are numbers of classes and probabilities."""
    return rows.shape[1] > 2 and bool(
        np.isin(rows[:, 0], np.arange(rows.shape[1] - 1)).all() and ((rows[:, 1:] >= 0) & (rows[:, 1:] <= 1)).all()
    )


def _sensitivity(labels: np.ndarray, risks: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The highest sensitivity at a specificity of 95 %, of many weightings of rows."""
    order = np.argsort(-risks, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(risks[order]) != 0])  # equal risks are decided alike
    positive, negative = (
        np.cumsum(np.add.reduceat((weights * of)[:, order], starts, axis=1), axis=1) for of in (labels, 1 - labels)
    )
    wrong = negative / negative[:, -1:]
    found = positive / positive[:, -1:]
    return np.where(np.isnan(wrong), np.nan, np.where(wrong <= 1 - _SPECIFICITY + 1e-12, found, 0)).max(axis=1)
