"""The fitted part of a network: a piecewise linear model and boosted trees of static fields and aggregates."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import tensorflow as tf

if TYPE_CHECKING:
    from tfmodels.layers import BoostedTrees, PiecewiseLinear
    from tfmodels.models import EventClassifier

_STRENGTHS = (0.001, 0.003, 0.01, 0.03, 0.1)  # of C, the inverse strength of the regularization
_RATE, _ROWS, _COLUMNS = 0.03, 0.5, 0.05  # of trees: learning rate, shares of rows and columns that each sees
_LEAST = 20  # rows of a leaf
_MOST_CELLS = 1 << 27  # of the table that they are fitted to: 512 MiB


class LabelledFields(NamedTuple):
    """What the fitted part is fitted to.

    Attributes:
        fields: float32 `[cases, fields]`: static fields, then aggregates; NaN where unknown.
        labels: 0 or 1 `[cases]`.
        entity: int `[cases]`.
    """

    fields: np.ndarray
    labels: np.ndarray
    entity: np.ndarray


class Rows(NamedTuple):
    """A table and its folds.

    Attributes:
        columns: float32 `[cases, columns]`.
        labels: 0 or 1 `[cases]`.
        held: bool `[cases]` of each fold, which cases are in it.
    """

    columns: np.ndarray
    labels: np.ndarray
    held: list[np.ndarray]


def left_out(entity: np.ndarray, folds: int) -> np.ndarray:
    """The fold of each case, from 1 to `folds`: an entity is in one of them."""
    return (1 + entity % folds).astype(np.int32)


def fit(network: "EventClassifier", train: LabelledFields, seed: int) -> None:
    """Fits the fitted part of a network: to all cases, and to those outside of each fold.

    Nothing is done where the network has none.

    Args:
        network: The network, which has seen the training part (`adapt`).
        train: The training part.
        seed: Of the trees, and of the draw where there are too many cases for memory.
    """
    fitted = network.fitted
    if fitted is None:
        return
    most = max(1_000, _MOST_CELLS // (fitted.fields * (fitted.linear.bins + 1)))
    if len(train.labels) > most:
        some = np.sort(np.random.default_rng(seed).choice(len(train.labels), most, replace=False))
        train = LabelledFields(*(column[some] for column in train))
    print(
        f"Fitting a linear model and trees to {len(train.labels):,} cases, and to these without each of {fitted.folds} "
        "folds"
    )
    columns = network.standardised(tf.constant(train.fields, tf.float32)).numpy()
    values, known = np.split(columns, 2, axis=1)
    fold = left_out(train.entity, fitted.folds)
    held = [fold == number for number in range(1, fitted.folds + 1)]
    fitted.linear.adapt(np.where(known > 0, values, np.nan))
    parts = fitted.linear.encode(tf.constant(values), tf.constant(known)).numpy()
    _fit_linear(fitted.linear, Rows(parts, train.labels, held))
    _fit_trees(fitted.trees, Rows(columns, train.labels, held), seed)


def risks(network: "EventClassifier", fields: np.ndarray) -> np.ndarray:
    """What the fitted part of a network says without the rest, float64 `[cases]`.

    Args:
        network: The network of a trained run, which has one.
        fields: float32 `[cases, fields]`: static fields and aggregates, NaN where unknown.

    Returns:
        Probabilities.
    """
    assert network.fitted is not None
    inputs = tf.split(network.standardised(tf.constant(fields, tf.float32)), 2, axis=1)
    return tf.sigmoid(network.fitted(*inputs)[:, 0]).numpy().astype(np.float64)


def _fit_linear(layer: "PiecewiseLinear", rows: Rows) -> None:
    """The strength of the regularization is that with the least loss on the folds."""
    from sklearn.linear_model import LogisticRegression

    def model(strength: float, chosen: np.ndarray) -> tuple[np.ndarray, float]:
        found = LogisticRegression(C=strength, max_iter=1000).fit(rows.columns[chosen], rows.labels[chosen])
        return found.coef_[0], float(found.intercept_[0])

    def loss(kernel: np.ndarray, bias: float, chosen: np.ndarray) -> float:
        logits = rows.columns[chosen] @ kernel + bias
        return float(np.sum(np.logaddexp(0, logits) - rows.labels[chosen] * logits))

    found = {strength: [model(strength, ~of) for of in rows.held] for strength in _STRENGTHS}
    losses = {
        strength: sum(loss(*of, chosen) for of, chosen in zip(models, rows.held, strict=True))
        for strength, models in found.items()
    }
    best = min(losses, key=losses.__getitem__)
    models = [model(best, np.ones(len(rows.labels), bool)), *found[best]]
    layer.assign(np.stack([kernel for kernel, _ in models])[..., np.newaxis], np.array([[bias] for _, bias in models]))


def _fit_trees(layer: "BoostedTrees", rows: Rows, seed: int) -> None:
    from sklearn.ensemble import GradientBoostingClassifier

    models = [
        GradientBoostingClassifier(
            learning_rate=_RATE, n_estimators=layer.trees, max_depth=layer.depth, min_samples_leaf=_LEAST,
            subsample=_ROWS, max_features=_COLUMNS, random_state=seed,
        ).fit(rows.columns[chosen], rows.labels[chosen])
        for chosen in (np.ones(len(rows.labels), bool), *(~of for of in rows.held))
    ]  # fmt: skip
    layer.assign(models)
