"""How well an answer's probability tells that it is right, and how good the most confident answers are."""

from typing import Any

import numpy as np

from tfmodels import metrics

_BINS = 10
_SHARES = range(10, 101, 10)  # percent


def reliability(probability: np.ndarray, exact_match: np.ndarray) -> metrics.Calibration:
    """Compares the probability of answers with the share that is exactly right.

    Args:
        probability: `[rows]`, of each answer; of no answer, that there is none.
        exact_match: `[rows]`, 100 or 0.

    Returns:
        The calibration.

    Example:
        `reliability(probability, scores.rows[:, 0]).ece`
    """
    right = (np.asarray(exact_match) > 0).astype(int)
    return metrics.reliability(np.asarray(probability)[:, np.newaxis], right[:, np.newaxis], _BINS)


def reliability_table(found: metrics.Calibration) -> dict[str, Any]:
    """The filled bins of a calibration, as a table.

    Args:
        found: Of `reliability`.
    """
    rows = [
        [f"{place / _BINS:.1f}-{(place + 1) / _BINS:.1f}", int(count), 100 * float(said), 100 * float(true)]
        for place, (said, true, count) in enumerate(zip(found.confidence, found.accuracy, found.counts, strict=True))
        if count
    ]
    return {
        "title": "calibration of the answers' probability, percent",
        "columns": ["probability", "questions", "mean probability", "exactly right"],
        "rows": rows,
    }


def coverage(probability: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Exact match and F1 of the most confident answers (El-Yaniv and Wiener, 2010, as risk over coverage).

    Args:
        probability: `[rows]`, of each answer; equal ones count in their order.
        rows: `[rows, 2]`, exact match and F1 of each answer.

    Returns:
        float64 `[10, 4]`: for 10, 20 up to 100 percent of the answers, rounded up, that share, the lowest probability
        among them, and their mean exact match and F1.

    Example:
        `coverage(probability, scores.rows)[4]` -> `[50.0, 0.71, 68.0, 80.2]`
    """
    order = np.argsort(-np.asarray(probability, np.float64), kind="stable")
    counts = [-(-share * len(order) // 100) for share in _SHARES]
    means = np.cumsum(rows[order], axis=0)
    return np.array(
        [
            [share, probability[order[count - 1]], *(means[count - 1] / count)]
            for share, count in zip(_SHARES, counts, strict=True)
        ]
    )


def coverage_table(found: np.ndarray) -> dict[str, Any]:
    """The same as a table.

    Args:
        found: Of `coverage`.
    """
    return {
        "title": "scores of the most confident answers",
        "columns": ["percent answered", "lowest probability", "exact match", "F1"],
        "rows": [[int(share), *rest] for share, *rest in found.tolist()],
    }
