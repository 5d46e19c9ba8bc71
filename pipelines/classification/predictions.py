"""The predictions of a classifier or a baseline for a split, with the correct labels."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tfmodels import metrics

if TYPE_CHECKING:
    from tfmodels.metrics import Calibration, ClassificationScores


class Predictions(NamedTuple):
    """The probabilities of a split's texts, of a model or of a baseline.

    Attributes:
        labels: int `[rows]`, the correct class; or 0 or 1 `[rows, classes]`, the correct labels.
        probabilities: `[rows, classes]`.
        threshold: Lowest probability at which a text gets a label, where it may have several.
    """

    labels: np.ndarray
    probabilities: np.ndarray
    threshold: float = 0.5

    @property
    def decided(self) -> np.ndarray:
        """The predicted labels, in the form of `labels`."""
        return self.probabilities.argmax(axis=1) if self.labels.ndim == 1 else self.probabilities >= self.threshold

    @property
    def correct(self) -> np.ndarray:
        """Which rows have exactly their labels, bool `[rows]`."""
        same = self.decided == self.labels
        return same if same.ndim == 1 else same.all(axis=1)

    @property
    def label_probability(self) -> np.ndarray:
        """Probability of the correct label, of several labels as if they were independent, `[rows]`."""
        if self.labels.ndim == 1:
            return self.probabilities[np.arange(len(self.labels)), self.labels]
        return np.where(self.labels, self.probabilities, 1 - self.probabilities).prod(axis=1)

    def scores(self, names: Sequence[str]) -> "ClassificationScores":
        """The scores of the predicted labels, of the classes `names`."""
        score = metrics.single_label_scores if self.labels.ndim == 1 else metrics.multi_label_scores
        return score(self.labels, self.decided, names)

    def calibration(self) -> "Calibration":
        """The calibration of the probabilities."""
        return metrics.reliability(self.probabilities, self.labels)
