"""How metrics are computed from numbers of rows, of which blocks are drawn several times, once or not at all."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

import numpy as np

from tfmodels.metrics.bootstrap import Score, ratio
from tfmodels.metrics.classification_scores import micro_f1_of_sums
from tfmodels.metrics.paired import grouped_scores, ranked_scores
from tfmodels.metrics.paired.character_f import chrf_of_sums
from tfmodels.metrics.translation_scores import bleu_of_sums

_LARGEST = 2**53  # count that a float64 holds


class Kind(NamedTuple):
    """How a metric is computed.

    Attributes:
        scorer: From rows `[rows, columns]`, the block of each and their number to what gives, from weights of the
            blocks `[resamples, blocks]`, the metric of each resample.
        of_each: From rows to a number of each, the higher the better, or the lower where the metric is so.
        suits: Whether rows, which may come from a file, can be those of the metric.
    """

    scorer: Callable[[np.ndarray, np.ndarray, int], Score]
    of_each: Callable[[np.ndarray], np.ndarray] | None
    suits: Callable[[np.ndarray], bool]


def root_of_ratio(sums: np.ndarray) -> np.ndarray:
    """The square root of the first statistic divided by the second: a root mean square."""
    return np.sqrt(ratio(sums))


def least_of_precision_and_recall(sums: np.ndarray) -> np.ndarray:
    """The lesser of precision and recall, from 0 to 1, of the right, the predicted and the true positives."""
    return np.minimum(*(sums[..., 0] / np.where(sums[..., one] == 0, 1, sums[..., one]) for one in (1, 2)))


def correlation_of_directions(sums: np.ndarray) -> np.ndarray:
    """Matthews correlation coefficient, of numbers of those that are up, predicted up, both, and all."""
    up, predicted, both = (sums[..., one] / np.where(sums[..., 3] == 0, np.nan, sums[..., 3]) for one in range(3))
    spread = np.sqrt(np.maximum(up * (1 - up) * predicted * (1 - predicted), 0))
    return np.where(spread == 0, 0.0, (both - up * predicted) / np.where(spread == 0, 1, spread))


def mean_of_relative(sums: np.ndarray) -> np.ndarray:
    """The mean of two errors, each divided by that of a baseline: of four sums, each with its count, as of OWA."""
    one, other, of_one, of_other = (ratio(sums[..., place : place + 2]) for place in range(0, 8, 2))
    return (one / np.where(of_one == 0, np.nan, of_one) + other / np.where(of_other == 0, np.nan, of_other)) / 2


def _of_sums(score: Score, columns: int, of_each: Score | None = None, counts: bool = False) -> Kind:
    """A metric of sums over rows."""

    def scorer(rows: np.ndarray, place: np.ndarray, count: int) -> Score:
        sums = np.stack([np.bincount(place, column, count) for column in rows.T], axis=1)
        return lambda weights: score(weights @ sums)

    def suits(rows: np.ndarray) -> bool:
        known = not counts or bool(((rows >= 0) & (rows < _LARGEST)).all())
        return rows.shape[1] == columns and known

    return Kind(scorer, of_each, suits)


def _of_labels_and_risks(score: str) -> Kind:
    return Kind(partial(ranked_scores.scorer, score), ranked_scores.of_right, ranked_scores.suits)


# The names stand in files of reports.
SCORES: Mapping[str, Kind] = {
    "mean": _of_sums(ratio, 2, ratio),
    "root_mean": _of_sums(root_of_ratio, 2, root_of_ratio),
    "bleu": _of_sums(bleu_of_sums, 10, partial(bleu_of_sums, of_sentences=True), counts=True),
    "chrf": _of_sums(chrf_of_sums, 18, chrf_of_sums, counts=True),
    "micro_f1": _of_sums(micro_f1_of_sums, 2, micro_f1_of_sums),
    "least_of_precision_and_recall": _of_sums(least_of_precision_and_recall, 3),
    "mcc": _of_sums(correlation_of_directions, 4),
    "mean_of_relative": _of_sums(mean_of_relative, 8),
    "mean_of_groups": Kind(*grouped_scores.MEAN_OF_GROUPS),
    "macro_f1": Kind(*grouped_scores.MACRO_F1),
    "macro_f1_of_labels": Kind(*grouped_scores.MACRO_F1_OF_LABELS),
    "ece": Kind(*grouped_scores.CALIBRATION_ERROR),
    "ece_of_10_bins": Kind(*grouped_scores.CALIBRATION_ERROR_OF_10_BINS),
    "ece_of_one": Kind(*grouped_scores.CALIBRATION_ERROR_OF_ONE),
    "auroc": _of_labels_and_risks("auroc"),
    "auprc": _of_labels_and_risks("auprc"),
    "sensitivity_at_95_specificity": _of_labels_and_risks("sensitivity_at_95_specificity"),
    "macro_auroc": Kind(ranked_scores.macro_scorer, ranked_scores.of_right_class, ranked_scores.suits_classes),
}
_SUMS: Mapping[str, Score] = {"mean": ratio, "bleu": bleu_of_sums, "micro_f1": micro_f1_of_sums}


def name_of(score: Score) -> str:
    """The name of what makes a metric of sums.

    Args:
        score: The function.

    Raises:
        ValueError: It has no name, so that no other process could find it.

    Example:
        `name_of(metrics.ratio)` -> `"mean"`
    """
    found = next((name for name, function in _SUMS.items() if function is score), None)
    if found is None:
        raise ValueError(f"Expected a score of {', '.join(_SUMS)}. Received: {score}")
    return found
