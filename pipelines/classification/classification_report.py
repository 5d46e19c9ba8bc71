"""What a classifier's report holds: scores beside those of baselines, by class and by kind of text, and pictures."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pipelines import runs
from pipelines.classification import classification_explanation, labelled_data
from pipelines.classification.text_classifier import SURE, TextClassifier, logits_of
from pipelines.runs import Run, overfitting, report
from pipelines.runs.report import Report
from pipelines.text import token_vectors
from tfmodels import metrics, plots

if TYPE_CHECKING:
    from pipelines.sources.text.labelled import Labelled
    from tfmodels.metrics import Calibration, ClassificationScores

_UNCALIBRATED = "as trained"
_CALIBRATED = "after temperature scaling"


class Answers(NamedTuple):
    """What was answered to the texts of a split.

    Attributes:
        labels: int `[rows]`, the right class; or 0 or 1 `[rows, classes]`, the right labels.
        probabilities: `[rows, classes]`.
    """

    labels: np.ndarray
    probabilities: np.ndarray

    @property
    def decided(self) -> np.ndarray:
        """The answers, in the form of `labels`."""
        return self.probabilities.argmax(axis=1) if self.labels.ndim == 1 else self.probabilities >= SURE

    @property
    def right(self) -> np.ndarray:
        """Which rows are wholly right, bool `[rows]`."""
        same = self.decided == self.labels
        return same if same.ndim == 1 else same.all(axis=1)

    @property
    def belief(self) -> np.ndarray:
        """Probability of the right answer, of several labels as if they were independent, `[rows]`."""
        if self.labels.ndim == 1:
            return self.probabilities[np.arange(len(self.labels)), self.labels]
        return np.where(self.labels, self.probabilities, 1 - self.probabilities).prod(axis=1)

    def scores(self, names: Sequence[str]) -> "ClassificationScores":
        """The scores of the decisions."""
        score = metrics.single_label_scores if self.labels.ndim == 1 else metrics.multi_label_scores
        return score(self.labels, self.decided, names)

    def calibration(self) -> "Calibration":
        """Whether the probabilities hold."""
        return metrics.reliability(self.probabilities, self.labels)


def make(config: Any, run: Run, classifier: TextClassifier, split: str) -> Report:
    """Classifies a split and scores it; draws `confusion.png` and `calibration.png` into the run.

    Args:
        config: Of `sentiment`.
        run: The run.
        classifier: Its classifier.
        split: `validation` or `test`.

    Returns:
        The report.

    Raises:
        ValueError: There is no such split.
    """
    rows = labelled_data.read(config, split)
    texts, several = [row.text for row in rows], bool(config.separator)
    labels = labelled_data.targets(rows, classifier.classes, several)
    logits = logits_of(classifier, texts)
    found = Answers(labels, classifier.probabilities(logits).numpy())
    raw = Answers(labels, classifier.probabilities(logits, calibrated=False).numpy())
    scored = found.scores(classifier.classes)
    calibrations = {_UNCALIBRATED: raw.calibration(), _CALIBRATED: found.calibration()}
    baselines = _baselines(config, classifier, texts, labels)
    title = f"{type(classifier.network).__name__} on the {split} split"
    draw_confusion = plots.draw_label_confusion if several else plots.draw_confusion
    draw_confusion(scored.confusion, classifier.classes, run.path / "confusion.png", title)
    plots.draw_calibration(
        {
            name: plots.DrawnReliability(one.ece, one.confidence, one.accuracy, one.count)
            for name, one in calibrations.items()
        },
        run.path / "calibration.png",
        title,
    )
    faithful = classification_explanation.measure(classifier, texts)
    kinds = sorted({row.kind for row in rows} - {""})
    primary = "micro_f1" if several else "accuracy"
    before, after = calibrations.values()
    return Report(
        task="classification",
        model=type(classifier.network).__name__,
        split=split,
        primary={"metric": primary, "higher_is_better": True},
        metrics={
            **scored.scores,
            "ece": after.ece,
            "ece_uncalibrated": before.ece,
            "loss": after.nll,
            "loss_uncalibrated": before.nll,
        },
        baselines={
            name: {**baseline.scores(classifier.classes).scores, "ece": baseline.calibration().ece}
            for name, baseline in baselines.items()
        },
        tables=[
            {
                "title": "by class, percent",
                "columns": ["class", "precision", "recall", "f1", "texts"],
                "rows": [list(one) for one in scored.classes],
            },
            *([_by_kind(kinds, rows, {"model": found, **baselines})] if kinds else []),
            *([classification_explanation.table(faithful)] if faithful else []),
            overfitting.table(run.history),
        ],
        examples=report.pick_examples(
            texts,
            _spelt(labels, classifier.classes, config.separator),
            _spelt(found.decided, classifier.classes, config.separator),
            found.belief,
        ),
        seed=config.training.seed,
        parameters=classifier.network.count_params(),
        train_seconds=sum(row["seconds"] for row in run.history),
        command=runs.command_line(),
        notes=[
            f"{len(rows):,} texts, none left out",
            classifier.inputs.limit,
            *labelled_data.notes(run),
            f"temperature {float(classifier.temperature.temperature):.3f}, learnt on the validation split"
            + (", so calibration is flattered here" if split == "validation" else ""),
            "the score of an example is the probability of its right answer",
            overfitting.verdict(run.history),
            *token_vectors.notes(config),
        ],
    )


def _baselines(config: Any, classifier: TextClassifier, texts: Sequence[str], labels: np.ndarray) -> dict[str, Answers]:
    several, count = bool(config.separator), len(classifier.classes)
    known = {}
    for split in ("train", "validation"):
        rows = labelled_data.read(config, split)
        known[split] = ([row.text for row in rows], labelled_data.targets(rows, classifier.classes, several))
    majority = metrics.majority_class(known["train"][1], len(texts), count)
    linear = metrics.logistic_regression(texts, known["train"], known["validation"], count)
    return {
        "majority class": Answers(labels, majority),
        "logistic regression on 1-2-grams": Answers(labels, linear.probabilities),
    }


def _by_kind(kinds: list[str], rows: "Sequence[Labelled]", answers: dict[str, Answers]) -> dict[str, Any]:
    """Share of right answers for each kind of text."""
    of = np.array([row.kind for row in rows])
    return {
        "title": "right by kind of text, percent",
        "columns": ["kind", "texts", *answers],
        "rows": [
            [kind, int((of == kind).sum()), *(100 * one.right[of == kind].mean() for one in answers.values())]
            for kind in kinds
        ],
    }


def _spelt(labels: np.ndarray, names: Sequence[str], separator: str) -> list[str]:
    """The labels of each row as text."""
    if labels.ndim == 1:
        return [names[label] for label in labels]
    return [separator.join(name for name, has in zip(names, row, strict=True) if has) for row in labels]
