"""The linear part of a network: logistic regressions on piecewise linear parts of static fields and aggregates."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import tensorflow as tf

if TYPE_CHECKING:
    from tfmodels.models import EventClassifier

_STRENGTHS = (0.001, 0.003, 0.01, 0.03, 0.1)  # of C, the inverse strength of the regularization
_MOST_CELLS = 1 << 27  # of the table that they are fitted to: 512 MiB


class LabelledFields(NamedTuple):
    """What the linear part is fitted to.

    Attributes:
        fields: float32 `[cases, fields]`: static fields, then aggregates; NaN where unknown.
        labels: 0 or 1 `[cases]`.
        entity: int `[cases]`.
    """

    fields: np.ndarray
    labels: np.ndarray
    entity: np.ndarray


def left_out(entity: np.ndarray, folds: int) -> np.ndarray:
    """The fold of each case, from 1 to `folds`: an entity is in one of them."""
    return (1 + entity % folds).astype(np.int32)


def fit(network: "EventClassifier", train: LabelledFields, seed: int) -> None:
    """Fits the linear part of a network: to all cases, and to those outside of each fold.

    The strength of the regularization is that with the least loss on the folds. Nothing is done where the network has
    no linear part.

    Args:
        network: The network, which has seen the training part (`adapt`).
        train: The training part.
        seed: Of the draw where there are too many cases for memory.
    """
    linear = network.linear
    if linear is None:
        return
    most = max(1_000, _MOST_CELLS // (linear.fields * (linear.bins + 1)))
    if len(train.labels) > most:
        some = np.sort(np.random.default_rng(seed).choice(len(train.labels), most, replace=False))
        train = LabelledFields(*(column[some] for column in train))
    values, known = np.split(network.standardised(tf.constant(train.fields, tf.float32)).numpy(), 2, axis=1)
    linear.adapt(np.where(known > 0, values, np.nan))
    parts = linear.encode(tf.constant(values), tf.constant(known)).numpy()
    fold = left_out(train.entity, linear.folds)
    held = [fold == number for number in range(1, linear.folds + 1)]
    found = {strength: [_fitted(strength, parts[~of], train.labels[~of]) for of in held] for strength in _STRENGTHS}
    losses = {
        strength: sum(_loss(model, parts[of], train.labels[of]) for model, of in zip(models, held, strict=True))
        for strength, models in found.items()
    }
    best = min(losses, key=losses.__getitem__)
    models = [_fitted(best, parts, train.labels), *found[best]]
    linear.assign(np.stack([kernel for kernel, _ in models])[..., np.newaxis], np.array([[bias] for _, bias in models]))


def risks(network: "EventClassifier", fields: np.ndarray) -> np.ndarray:
    """What the linear part of a network says without the rest, float64 `[cases]`.

    Args:
        network: The network of a trained run, which has a linear part.
        fields: float32 `[cases, fields]`: static fields and aggregates, NaN where unknown.

    Returns:
        Probabilities.
    """
    assert network.linear is not None
    inputs = tf.split(network.standardised(tf.constant(fields, tf.float32)), 2, axis=1)
    return tf.sigmoid(network.linear(*inputs)[:, 0]).numpy().astype(np.float64)


Weights = tuple[np.ndarray, float]


def _fitted(strength: float, parts: np.ndarray, labels: np.ndarray) -> Weights:
    from sklearn.linear_model import LogisticRegression

    if len(np.unique(labels)) < 2:  # of a small fold
        share = (labels.sum() + 0.5) / (len(labels) + 1)
        return np.zeros(parts.shape[1]), float(np.log(share / (1 - share)))
    model = LogisticRegression(C=strength, max_iter=1000).fit(parts, labels)
    return model.coef_[0], float(model.intercept_[0])


def _loss(model: Weights, parts: np.ndarray, labels: np.ndarray) -> float:
    kernel, bias = model
    logits = parts @ kernel + bias
    return float(np.sum(np.logaddexp(0, logits) - labels * logits))
