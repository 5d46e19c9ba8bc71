"""Baselines of numbers: the two strong models of tables."""

import numpy as np

from tfmodels.metrics.risks.risk_baselines import RiskTable

_STRENGTHS = (1.0, 10.0, 100.0, 1_000.0, 10_000.0)  # of the regularization


def ridge_numbers(train: RiskTable, values: np.ndarray) -> np.ndarray:
    """Numbers by a ridge regression, whose regularization is chosen by leaving rows out.

    Unknown values are the median of training, with an indicator beside each such column. All columns are standardised,
    and values further than 5 deviations away count as that.

    Args:
        train: Training rows, with numbers as labels.
        values: float `[rows, columns]` to predict for.

    Returns:
        float64 `[rows]`.

    Example:
        `ridge_numbers(RiskTable(aggregates[train], days[train]), aggregates[test])`
    """
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    model = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
        StandardScaler(),
        FunctionTransformer(np.clip, kw_args={"a_min": -5, "a_max": 5}),
        RidgeCV(np.array(_STRENGTHS)),
    )
    return np.asarray(model.fit(*train).predict(values))


def tree_numbers(train: RiskTable, values: np.ndarray, seed: int = 1) -> np.ndarray:
    """Numbers by gradient-boosted trees of scikit-learn: 150 trees at a rate of .05 for the absolute error.

    Args:
        train: Training rows, with numbers as labels. Unknown values are NaN, which the trees take as they are.
        values: float `[rows, columns]` to predict for.
        seed: Seed of the trees.

    Returns:
        float64 `[rows]`.

    Example:
        `tree_numbers(RiskTable(aggregates[train], days[train]), aggregates[test])`
    """
    from sklearn.ensemble import HistGradientBoostingRegressor

    there = ~np.isnan(train.values).all(axis=0)  # scikit-learn fails at a column without any value
    if not there.any():
        return np.full(len(values), np.median(train.labels))
    trees = HistGradientBoostingRegressor(
        loss="absolute_error", learning_rate=0.05, max_iter=150, early_stopping=False, random_state=seed
    )
    return trees.fit(train.values[:, there], train.labels).predict(values[:, there])
