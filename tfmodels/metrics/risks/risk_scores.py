"""Scores of predicted risks, by scikit-learn, and their errors by a bootstrap of entities."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from tfmodels.metrics.bootstrap import Difference, block_draws, interval
from tfmodels.metrics.calibration import reliability

RANKED = ("auroc", "auprc")
SCORES = (*RANKED, "brier", "log_loss", "ece", "min_precision_sensitivity", "sensitivity_at_95_specificity")
LOWER_IS_BETTER = ("brier", "log_loss", "ece")
_FEWEST = 6  # entities


class RiskCases(NamedTuple):
    """What risks are scored on.

    Attributes:
        labels: 0 or 1 `[cases]`.
        entity: int `[cases]`; cases of one entity are resampled together.
        fold: int `[cases]`, the part on which they were predicted; a ranking score is the mean over the parts.
    """

    labels: np.ndarray
    entity: np.ndarray
    fold: np.ndarray


def risk_scores(labels: np.ndarray, risks: np.ndarray, threshold: float = 0.5) -> dict[str, float]:
    """Scores predicted risks.

    Args:
        labels: 0 or 1 `[cases]`.
        risks: float `[cases]`, predicted probabilities.
        threshold: From which risk on a case is predicted as positive, for `min_precision_sensitivity`.

    Returns:
        Each of `SCORES` -> its value from 0 to 1; `log_loss` is in nats. Those that need both classes are NaN if there
        is one. `min_precision_sensitivity` is that of event 1 of the PhysioNet challenge of 2012.

    Raises:
        ValueError: There are no cases, the shapes differ, or a risk is no probability.

    Example:
        >>> risk_scores(np.array([0, 1, 1, 0]), np.array([0.1, 0.8, 0.4, 0.2]))["auroc"]
        1.0
    """
    from sklearn import metrics

    labels, risks = _checked(labels, risks)
    both = len(np.unique(labels)) == 2
    decided = risks >= threshold
    return {
        "auroc": float(metrics.roc_auc_score(labels, risks)) if both else np.nan,
        "auprc": float(metrics.average_precision_score(labels, risks)) if both else np.nan,
        "brier": float(metrics.brier_score_loss(labels, risks, pos_label=1)),
        "log_loss": float(metrics.log_loss(labels, risks, labels=[0, 1])),
        "ece": reliability(risks[:, None], labels[:, None]).ece / 100,
        "min_precision_sensitivity": min(
            float(metrics.precision_score(labels, decided, zero_division=0)),
            float(metrics.recall_score(labels, decided, zero_division=0)),
        ),
        "sensitivity_at_95_specificity": _sensitivity(labels, risks, 0.95) if both else np.nan,
    }


def risk_difference(cases: RiskCases, one: np.ndarray, other: np.ndarray, score: str = "auroc") -> Difference | None:
    """The ranking score of one model minus that of another on the same cases, by a paired bootstrap of entities.

    Args:
        cases: The cases.
        one: float `[cases]`, risks of the one.
        other: float `[cases]`, risks of the other.
        score: `auroc` or `auprc`; of several folds their mean.

    Returns:
        The difference with its 95 % interval; None of fewer than 6 entities, or if a fold has one class.

    Raises:
        ValueError: The score is another one.

    Example:
        `risk_difference(cases, trees, linear, "auprc").low`
    """
    return _with_interval(
        cases, lambda weights: _mean_of_folds(cases, one, score, weights) - _mean_of_folds(cases, other, score, weights)
    )


def risk_margin(cases: RiskCases, risks: np.ndarray, score: str = "auroc") -> Difference | None:
    """A ranking score with its 95 % interval, by the same bootstrap: its difference to 0.

    Args:
        cases: The cases.
        risks: float `[cases]`.
        score: `auroc` or `auprc`.

    Returns:
        See `risk_difference`.

    Example:
        `risk_margin(cases, risks).high`
    """
    return _with_interval(cases, lambda weights: _mean_of_folds(cases, risks, score, weights))


def entity_draws(entity: np.ndarray) -> Iterator[np.ndarray]:
    """How often each case is drawn in 1,000 resamples of the entities, with replacement and a fixed seed.

    Args:
        entity: int `[cases]`.

    Yields:
        float64 `[100, cases]`, so that few are in memory at once.

    Example:
        `np.concatenate([draws @ errors for draws in entity_draws(entity)])`
    """
    distinct, place = np.unique(entity, return_inverse=True)
    for weights in block_draws(len(distinct)):
        yield weights[:, place]


def weighted_score(score: str, labels: np.ndarray, risks: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """AUROC or average precision of many weightings at once, as scikit-learn's with `sample_weight`.

    Args:
        score: `auroc` or `auprc`.
        labels: 0 or 1 `[cases]`.
        risks: float `[cases]`.
        weights: float `[weightings, cases]`.

    Returns:
        float64 `[weightings]`; NaN where a class has no weight.

    Raises:
        ValueError: The score is another one.

    Example:
        `weighted_score("auroc", labels, risks, np.ones((1, len(labels))))`
    """
    if score not in RANKED:
        raise ValueError(f"Expected one of {', '.join(RANKED)}. Received: score={score!r}")
    order = np.argsort(-risks, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(risks[order]) != 0])  # equal risks count together
    positive, negative = (
        np.add.reduceat((weights * of)[:, order], starts, axis=1) for of in (labels, 1 - np.asarray(labels))
    )
    positives, negatives = positive.sum(axis=1), negative.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        if score == "auroc":
            below = negatives[:, None] - np.cumsum(negative, axis=1) + negative / 2
            return (positive * below).sum(axis=1) / (positives * negatives)
        hits = np.cumsum(positive, axis=1)
        precision = hits / (hits + np.cumsum(negative, axis=1))
        found = np.nansum(positive * precision, axis=1) / positives
    return np.where(negatives > 0, found, np.nan)


def _with_interval(cases: RiskCases, value: Callable[[np.ndarray], np.ndarray]) -> Difference | None:
    """A value of the cases, from weights `[weightings, cases]` to `[weightings]`, with its interval."""
    point, count = float(value(np.ones((1, len(cases.labels))))[0]), len(np.unique(cases.entity))
    if count < _FEWEST or not np.isfinite(point):
        return None
    return interval(point, np.concatenate([value(weights) for weights in entity_draws(cases.entity)]), count)


def _mean_of_folds(cases: RiskCases, risks: np.ndarray, score: str, weights: np.ndarray) -> np.ndarray:
    parts = [cases.fold == fold for fold in np.unique(cases.fold)]
    return np.mean([weighted_score(score, cases.labels[of], risks[of], weights[:, of]) for of in parts], axis=0)


def _sensitivity(labels: np.ndarray, risks: np.ndarray, specificity: float) -> float:
    from sklearn.metrics import roc_curve

    false_positive, true_positive, _ = roc_curve(labels, risks, drop_intermediate=False)
    return float(true_positive[false_positive <= 1 - specificity + 1e-12].max())


def _checked(labels: np.ndarray, risks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    labels, risks = np.asarray(labels).astype(int), np.asarray(risks, np.float64)
    if not labels.size or labels.shape != risks.shape or labels.ndim != 1:
        raise ValueError(
            f"Expected labels and risks [cases] of at least one case. Received: shapes {labels.shape} and {risks.shape}"
        )
    if not ((risks >= 0) & (risks <= 1)).all():
        raise ValueError(f"Expected risks from 0 to 1. Received: {risks.min():g} to {risks.max():g}")
    return labels, risks
