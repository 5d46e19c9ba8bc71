"""The predictions of a classifier or a baseline for a split, with the correct labels."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipelines.runs.rows import output_columns
from tfmodels import metrics
from tfmodels.export.checks.finding import printable

if TYPE_CHECKING:
    from pipelines.runs.predictor import Predictor
    from tfmodels.metrics import Calibration, ClassificationScores


class Predictions(NamedTuple):
    """What a model or a baseline says of a split's texts.

    Attributes:
        labels: int `[rows]`, the correct class; or 0 or 1 `[rows, classes]`, the correct labels.
        decided: The predicted labels, in the same form.
        probabilities: `[rows, classes]`; None where there are none.
    """

    labels: np.ndarray
    decided: np.ndarray
    probabilities: np.ndarray | None

    @property
    def correct(self) -> np.ndarray:
        """Which rows have exactly their labels, bool `[rows]`."""
        same = self.decided == self.labels
        return same if same.ndim == 1 else same.all(axis=1)

    @property
    def label_probability(self) -> np.ndarray:
        """Probability of the correct label, of several labels as if they were independent, `[rows]`."""
        probabilities = self._known()
        if self.labels.ndim == 1:
            return probabilities[np.arange(len(self.labels)), self.labels]
        return np.where(self.labels, probabilities, 1 - probabilities).prod(axis=1)

    @property
    def primary_statistics(self) -> np.ndarray:
        """What accuracy, or `micro_f1`, is computed from, `[rows, statistics]`: see `metrics.paired_difference`."""
        if self.labels.ndim == 1:
            return np.stack([100.0 * self.correct, np.ones(len(self.labels))], axis=1)
        has, says = self.labels.astype(bool), self.decided.astype(bool)
        return np.stack([(has & says).sum(axis=1), (has ^ says).sum(axis=1)], axis=1)

    def scores(self, names: Sequence[str]) -> "ClassificationScores":
        """The scores of the predicted labels, of the classes `names`."""
        score = metrics.single_label_scores if self.labels.ndim == 1 else metrics.multi_label_scores
        return score(self.labels, self.decided, names)

    def calibration(self) -> "Calibration":
        """The calibration of the probabilities."""
        return metrics.reliability(self._known(), self.labels)

    def _known(self) -> np.ndarray:
        if self.probabilities is None:
            raise ValueError("Expected predictions with probabilities. Received: probabilities=None")
        return self.probabilities


def of_probabilities(labels: np.ndarray, probabilities: np.ndarray, threshold: float = 0.5) -> Predictions:
    """Predicts the most probable class, or the labels that reach the threshold.

    Args:
        labels: See `Predictions`.
        probabilities: `[rows, classes]`.
        threshold: Lowest probability at which a text gets a label, where it may have several.

    Returns:
        The predictions.

    Example:
        `of_probabilities(np.array([1]), np.array([[0.2, 0.8]])).correct` -> `[True]`
    """
    decided = probabilities.argmax(axis=1) if labels.ndim == 1 else probabilities >= threshold
    return Predictions(labels, decided, probabilities)


def served(
    labels: np.ndarray, predictor: "Predictor", texts: Sequence[str], names: Sequence[str], separator: str
) -> Predictions:
    """What an export answers.

    Args:
        labels: See `Predictions`.
        predictor: See `predictor.to_score`.
        texts: The texts.
        names: All labels, in the order of the probabilities.
        separator: Between the labels of a text that may have several; empty for exactly one label.

    Returns:
        Its predictions: the labels that it names, and its probabilities.

    Raises:
        ValueError: The export has other labels.

    Example:
        `served(labels, pipelines.load("saved_models/reviews"), texts, ["bad", "good"], "").correct.mean()`
    """
    known = output_columns.texts(predictor.predict_columns({"text": texts[:1]}, ["labels"])["labels"][0], "labels")
    if known != list(names):
        raise ValueError(
            f"Expected a model with the labels of the run, {', '.join(names)}. Received: {printable(', '.join(known))}"
        )
    answers = predictor.predict_columns({"text": texts}, ["label", "probabilities"])
    answered = output_columns.texts(answers["label"], "label")
    places = {name: place for place, name in enumerate(names)}
    said = {name for label in answered for name in (filter(None, label.split(separator)) if separator else [label])}
    if wrong := sorted(said - places.keys()):
        raise ValueError(f"Expected answers of the labels {', '.join(names)}. Received: {printable(wrong[0])}")
    if answers["probabilities"].shape[1:] != (len(names),) or answers["probabilities"].dtype.kind != "f":
        raise ValueError(
            f"Expected {len(names):,} probabilities for each text. Received: {answers['probabilities'].dtype} of shape="
            f"{list(answers['probabilities'].shape[1:])}"
        )
    if not separator:
        return Predictions(labels, np.array([places[label] for label in answered]), answers["probabilities"])
    decided = np.zeros(labels.shape, bool)
    for row, label in enumerate(answered):
        decided[row, [places[name] for name in label.split(separator) if name]] = True
    return Predictions(labels, decided, answers["probabilities"])
