"""Decisions by risks: a threshold for a wanted sensitivity or cost, and the decision curve."""

from typing import Literal, NamedTuple

import numpy as np

Aim = Literal["balance", "sensitivity", "cost"]


def risk_threshold(labels: np.ndarray, risks: np.ndarray, aim: Aim = "balance", value: float = 0.0) -> float:
    """Chooses the risk from which on a case is positive, on validation data.

    Args:
        labels: 0 or 1 `[cases]`.
        risks: float `[cases]`.
        aim: `balance` makes the smaller of precision and sensitivity as large as can be; `sensitivity` takes the
            largest threshold whose sensitivity is at least `value`; `cost` has the least cost where a missed positive
            costs `value` times as much as a false alarm.
        value: See `aim`.

    Returns:
        The threshold: half way between two risks.

    Raises:
        ValueError: There is one class, a sensitivity is not above 0 and at most 1, or a cost is not above 0.

    Example:
        >>> risk_threshold(np.array([0, 1, 0, 1]), np.array([0.1, 0.4, 0.2, 0.8]), "sensitivity", 1.0)
        0.3
    """
    labels, risks = np.asarray(labels).astype(int), np.asarray(risks, np.float64)
    if len(np.unique(labels)) < 2:
        raise ValueError(f"Expected cases of both classes, to choose a threshold. Received: {len(labels):,} of one")
    if (aim == "sensitivity" and not 0 < value <= 1) or (aim == "cost" and not value > 0):
        raise ValueError(f"Expected a sensitivity above 0 and at most 1, or a cost above 0. Received: {aim}={value}")
    distinct, place = np.unique(-risks, return_inverse=True)  # the largest risk first
    hits = np.cumsum(np.bincount(place, labels))
    alarms = np.cumsum(np.bincount(place, 1 - labels))
    sensitivity = hits / labels.sum()
    if aim == "sensitivity":
        chosen = int(np.argmax(sensitivity >= value - 1e-12))
    elif aim == "cost":
        chosen = int(np.argmin(value * (labels.sum() - hits) + alarms))
    else:
        chosen = int(np.argmax(np.minimum(sensitivity, hits / (hits + alarms))))
    risk = -distinct[chosen]
    below = -distinct[chosen + 1] if chosen + 1 < len(distinct) else 0.0
    return float((risk + below) / 2)


class DecisionCurve(NamedTuple):
    """Net benefit at thresholds: true positives, less the false ones at the odds of the threshold, a case.

    Attributes:
        thresholds: float64 `[thresholds]`.
        model: float64 `[thresholds]`, of deciding by the model.
        everybody: float64 `[thresholds]`, of calling every case positive; calling none has 0.
    """

    thresholds: np.ndarray
    model: np.ndarray
    everybody: np.ndarray


def decision_curve(labels: np.ndarray, risks: np.ndarray, thresholds: np.ndarray | None = None) -> DecisionCurve:
    """The decision curve (Vickers and Elkin, 2006).

    Args:
        labels: 0 or 1 `[cases]`.
        risks: float `[cases]`, calibrated probabilities.
        thresholds: float `[thresholds]`, above 0 and below 1; None = from .01 to .99 in hundredths.

    Returns:
        The curve.

    Raises:
        ValueError: A threshold is not above 0 and below 1, or there are no cases.

    Example:
        `decision_curve(labels, risks).model`
    """
    thresholds = np.linspace(0.01, 0.99, 99) if thresholds is None else np.asarray(thresholds, np.float64)
    labels, risks = np.asarray(labels).astype(int), np.asarray(risks, np.float64)
    if not len(labels) or not ((thresholds > 0) & (thresholds < 1)).all():
        raise ValueError(
            f"Expected cases, and thresholds above 0 and below 1. Received: {len(labels):,} cases, {thresholds}"
        )
    odds = thresholds / (1 - thresholds)
    positive, negative = np.sort(risks[labels == 1]), np.sort(risks[labels == 0])
    hits = len(positive) - np.searchsorted(positive, thresholds)
    alarms = len(negative) - np.searchsorted(negative, thresholds)
    count = len(labels)
    return DecisionCurve(thresholds, (hits - odds * alarms) / count, (len(positive) - odds * len(negative)) / count)
