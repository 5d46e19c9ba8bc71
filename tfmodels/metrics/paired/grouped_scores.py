"""Metrics of groups of rows: the mean over classes or series, and the gaps of bins of similar confidence."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from tfmodels.metrics.bootstrap import Score

_BINS, _FEWER_BINS = 15, 10  # of `metrics.reliability`, and of answers to questions
_MOST_GROUPS = 1 << 20  # whole numbers that a file may name


class Entries(NamedTuple):
    """What rows add to sums of groups.

    Attributes:
        row: int `[entries]`, the row of each.
        group: int `[entries]`.
        values: float `[entries, sums]`.
    """

    row: np.ndarray
    group: np.ndarray
    values: np.ndarray


def _scorer(
    entries: Callable[[np.ndarray], Entries],
    score: Score,
    rows: np.ndarray,
    place: np.ndarray,
    count: int,
) -> Score:
    """A metric of sums of groups `[resamples, groups, sums]`; most groups are in few blocks."""
    from scipy import sparse

    found = entries(rows)
    _, group = np.unique(found.group, return_inverse=True)
    groups, sums = int(group.max(initial=0)) + 1, found.values.shape[1]
    column = (group[:, np.newaxis] * sums + np.arange(sums)).ravel()
    index = np.repeat(place[found.row], sums)
    matrix = sparse.coo_array((found.values.ravel(), (index, column)), shape=(count, groups * sums)).tocsr()
    return lambda weights: score((weights @ matrix).reshape(len(weights), groups, sums))


def _classes(rows: np.ndarray) -> Entries:
    """Rows of label and answer: what is right, said and true of each class."""
    label, said = rows.astype(np.int64).T
    right = (label == said).astype(np.float64)
    zero, one = np.zeros(len(rows)), np.ones(len(rows))
    values = np.concatenate([np.stack([right, zero, one], axis=1), np.stack([zero, one, zero], axis=1)])
    return Entries(np.tile(np.arange(len(rows)), 2), np.concatenate([label, said]), values)


def _labels(rows: np.ndarray) -> Entries:
    """Rows of a column for each label: 2 where the row has it, plus 1 where it is said."""
    row, label = np.nonzero(rows)
    has, said = np.divmod(rows[row, label].astype(np.int64), 2)
    return Entries(row, label, np.stack([has & said, said, has], axis=1).astype(np.float64))


def _bins(rows: np.ndarray, count: int = _BINS) -> Entries:
    """Rows of confidence and whether it is right, of one prediction or of several."""
    confidence, right = rows[:, 0::2].ravel(), rows[:, 1::2].ravel()
    bins = np.clip(np.ceil(confidence * count).astype(np.int64) - 1, 0, count - 1)
    row = np.repeat(np.arange(len(rows)), rows.shape[1] // 2)
    return Entries(row, bins, np.stack([confidence, right, np.ones(len(right))], axis=1))


def _sums(rows: np.ndarray) -> Entries:
    """Rows of a group, a sum and its count."""
    return Entries(np.arange(len(rows)), rows[:, 0].astype(np.int64), rows[:, 1:])


def _mean_f1(sums: np.ndarray) -> np.ndarray:
    """The mean F1 in percent of the classes that are said or true, of `[..., classes, (right, said, true)]`."""
    total = sums[..., 1] + sums[..., 2]
    f1 = 2 * sums[..., 0] / np.where(total == 0, 1, total)
    return 100 * f1.sum(axis=-1) / np.maximum((total > 0).sum(axis=-1), 1)


def _gap(sums: np.ndarray) -> np.ndarray:
    """The expected calibration error in percent, of `[..., bins, (confidence, right, count)]`."""
    return 100 * np.abs(sums[..., 0] - sums[..., 1]).sum(axis=-1) / sums[..., 2].sum(axis=-1)


def _gap_of_one(sums: np.ndarray) -> np.ndarray:
    return _gap(sums) / 100


def _mean_of_groups(sums: np.ndarray) -> np.ndarray:
    """The mean over groups of the mean of each that is finite, of `[..., groups, (sum, count)]`."""
    counted = (sums[..., 1] > 0) & np.isfinite(sums[..., 0])
    means = np.where(counted, sums[..., 0] / np.where(counted, sums[..., 1], 1), 0)
    return means.sum(axis=-1) / np.where(counted.any(axis=-1), counted.sum(axis=-1), np.nan)


def _whole(numbers: np.ndarray, most: int = _MOST_GROUPS) -> bool:
    return bool(((numbers >= 0) & (numbers < most) & (numbers == np.floor(numbers))).all())


def _are_bins(rows: np.ndarray) -> bool:
    return rows.shape[1] % 2 == 0 and bool(((rows >= 0) & (rows <= 1)).all())


def _same_class(rows: np.ndarray) -> np.ndarray:
    return 100.0 * (rows[:, 0] == rows[:, 1])


# Of each: what computes it, what tells how well a row is answered, what rows may be.
MACRO_F1 = (partial(_scorer, _classes, _mean_f1), _same_class, lambda rows: rows.shape[1] == 2 and _whole(rows))
MACRO_F1_OF_LABELS = (partial(_scorer, _labels, _mean_f1), None, lambda rows: _whole(rows, 4))
CALIBRATION_ERROR = (partial(_scorer, _bins, _gap), None, _are_bins)
CALIBRATION_ERROR_OF_10_BINS = (partial(_scorer, partial(_bins, count=_FEWER_BINS), _gap), None, _are_bins)
CALIBRATION_ERROR_OF_ONE = (partial(_scorer, _bins, _gap_of_one), None, _are_bins)
MEAN_OF_GROUPS = (
    partial(_scorer, _sums, _mean_of_groups),
    None,
    lambda rows: rows.shape[1] == 3 and _whole(rows[:, 0]),
)
