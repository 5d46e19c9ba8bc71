"""Baselines of risks: the prevalence, severity scores, and the two strong models of tables."""

import warnings
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

_STRENGTHS = (0.001, 0.003, 0.01, 0.03, 0.1, 1.0)  # of C, the inverse strength of the regularization
_HELD_BACK = 0.2  # share of the training rows that the strength is chosen on


class RiskTable(NamedTuple):
    """Rows of columns for models of tables.

    Attributes:
        values: float `[rows, columns]`, NaN where unknown.
        labels: 0 or 1, numbers of classes, or numbers `[rows]`.
    """

    values: np.ndarray
    labels: np.ndarray


def prevalence_risk(train_labels: np.ndarray, rows: int) -> np.ndarray:
    """The share of positive training rows, for each row.

    Args:
        train_labels: 0 or 1 `[training rows]`.
        rows: Number of predictions.

    Returns:
        float64 `[rows]`.

    Raises:
        ValueError: There are no training rows.

    Example:
        `prevalence_risk(np.array([0, 1, 0, 0]), 2)` -> `[0.25, 0.25]`
    """
    if not len(train_labels):
        raise ValueError("Expected at least one training label. Received: none")
    return np.full(rows, np.mean(train_labels), np.float64)


def severity_risk(train: RiskTable, scores: np.ndarray) -> np.ndarray:
    """The risk by a severity score: a logistic regression on it alone, so that its order stays or is turned round.

    Args:
        train: Training rows, whose one column is the score, NaN where unknown.
        scores: float `[rows]` to predict for. The unknown ones count as the median of training.

    Returns:
        float64 `[rows]`.

    Raises:
        ValueError: The training rows are all of one class.

    Example:
        `severity_risk(RiskTable(saps[train, None], labels[train]), saps[test])`
    """
    return _fit(_linear_model(1e6), train).predict_proba(np.asarray(scores)[:, None])[:, 1]


def logistic_risk(train: RiskTable, values: np.ndarray, seed: int = 1) -> np.ndarray:
    """The probability of the second class by `logistic_probabilities`, float64 `[rows]`.

    Example:
        `logistic_risk(RiskTable(aggregates[train], labels[train]), aggregates[test])`
    """
    return logistic_probabilities(train, values, seed)[:, 1]


def logistic_probabilities(train: RiskTable, values: np.ndarray, seed: int = 1) -> np.ndarray:
    """Probabilities of classes by a logistic regression, whose regularization is chosen on a part of the training rows.

    Unknown values are the median of training, with an indicator beside each such column. All columns are standardised,
    and values further than 5 deviations away count as that.

    Args:
        train: Training rows.
        values: float `[rows, columns]` to predict for.
        seed: Seed of the part that is held back.

    Returns:
        float64 `[rows, classes]`.

    Raises:
        ValueError: The training rows are all of one class.

    Example:
        `logistic_probabilities(RiskTable(aggregates[train], labels[train]), aggregates[test])`
    """
    from sklearn.metrics import log_loss
    from sklearn.model_selection import train_test_split

    _require_both(train.labels)
    few = np.bincount(train.labels).min() < 10
    strength = 0.01
    if not few:
        parts = train_test_split(*train, test_size=_HELD_BACK, stratify=train.labels, random_state=seed)
        inner, held_back = RiskTable(parts[0], parts[2]), RiskTable(parts[1], parts[3])
        losses = [
            log_loss(held_back.labels, _fit(_linear_model(one), inner).predict_proba(held_back.values))
            for one in _STRENGTHS
        ]
        strength = _STRENGTHS[int(np.argmin(losses))]
    return _fit(_linear_model(strength), train).predict_proba(values)


def tree_risk(train: RiskTable, values: np.ndarray, seed: int = 1) -> np.ndarray:
    """The probability of the second class by `tree_probabilities`, float64 `[rows]`.

    Example:
        `tree_risk(RiskTable(aggregates[train], labels[train]), aggregates[test])`
    """
    return tree_probabilities(train, values, seed)[:, 1]


def tree_probabilities(train: RiskTable, values: np.ndarray, seed: int = 1) -> np.ndarray:
    """Probabilities of classes by gradient-boosted trees of scikit-learn: 150 trees at a rate of .05.

    Args:
        train: Training rows. Unknown values are NaN, which the trees take as they are.
        values: float `[rows, columns]` to predict for.
        seed: Seed of the trees.

    Returns:
        float64 `[rows, classes]`.

    Raises:
        ValueError: The training rows are all of one class.

    Example:
        `tree_probabilities(RiskTable(aggregates[train], labels[train]), aggregates[test])`
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    _require_both(train.labels)
    there = ~np.isnan(train.values).all(axis=0)  # scikit-learn fails at a column without any value
    if not there.any():
        return np.tile(np.bincount(train.labels) / len(train.labels), (len(values), 1))
    trees = HistGradientBoostingClassifier(learning_rate=0.05, max_iter=150, early_stopping=False, random_state=seed)
    return trees.fit(train.values[:, there], train.labels).predict_proba(values[:, there])


def _linear_model(strength: float) -> "Pipeline":
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    return make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
        StandardScaler(),
        FunctionTransformer(np.clip, kw_args={"a_min": -5, "a_max": 5}),
        LogisticRegression(C=strength, max_iter=1000),
    )


def _fit(model: "Pipeline", train: RiskTable) -> "Pipeline":
    from sklearn.exceptions import ConvergenceWarning

    _require_both(train.labels)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(*train)


def _require_both(labels: np.ndarray) -> None:
    if len(np.unique(labels)) < 2:
        raise ValueError(f"Expected training rows of both classes. Received: {len(labels):,} rows of one class")
