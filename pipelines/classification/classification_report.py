"""The report of a classifier: its scores and those of baselines, by class and by kind of text, and figures."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from pipelines import runs
from pipelines.classification import (
    classification_explanation,
    data,
    linear_share,
    predictions,
    row_metrics,
    soft_labels,
    temperature,
)
from pipelines.classification.config import Config
from pipelines.classification.predictions import Predictions
from pipelines.classification.text_classifier import TextClassifier, logits_of
from pipelines.runs import Run, overfitting, predictor
from pipelines.runs.report import Report
from pipelines.runs.reports import captions, examples, row_scores
from pipelines.runs.reports.answers import Answers
from pipelines.runs.reports.judgement import judge
from pipelines.runs.reports.row_scores import RowScores
from pipelines.text import token_vectors
from tfmodels import metrics, plots

if TYPE_CHECKING:
    from pipelines.sources.text.labelled import Labelled
    from tfmodels.metrics import ClassificationScores, LinearBaseline

_MOST_CLASSES = 50  # in a table
_FEW_CLASSES, _FITTED_CELLS = 20, 500_000  # up to which many classes, or classes x texts, linear models are fitted


def make(config: Config, run: Run, classifier: TextClassifier, split: str) -> Report:
    """Classifies a split and scores it; its figures are `confusion` and `calibration`.

    Args:
        config: The options.
        run: The run.
        classifier: Its classifier.
        split: `validation` or `test`.

    Returns:
        The report.

    Raises:
        ValueError: There is no such split.
    """
    rows = data.to_score(config, run, split)
    texts, names = [row.text for row in rows], classifier.classes
    labels = data.targets(rows, names, bool(config.separator))
    answering = predictor.to_score(run, classifier.endpoints())
    model = predictions.served(labels, answering, texts, names, config.separator)
    baselines = _baselines(config, run, texts, labels, names)
    judgement = judge(
        model.primary_statistics,
        {name: baseline.primary_statistics for name, baseline in baselines.items()},
        metrics.independent_blocks(len(labels)),
        constants=("majority class",),
        score=metrics.micro_f1_of_sums if config.separator else metrics.ratio,
    )
    scored = model.scores(names)
    known, decided = (_joined(one, names, config.separator) for one in (labels, model.decided))
    network = type(classifier.network).__name__
    before, faithfulness, uncalibrated = {}, None, None
    if run.served is None:  # of an export, what is inside it is not known
        uncalibrated = _uncalibrated(classifier, texts, labels)
        before = {
            "ece_uncalibrated": uncalibrated.calibration().ece,
            "loss_uncalibrated": uncalibrated.calibration().nll,
        }
        faithfulness = classification_explanation.measure(classifier, texts)
    return Report(
        task="classification",
        model=network,
        split=split,
        rows=len(rows),
        primary={"metric": "micro_f1" if config.separator else "accuracy", "higher_is_better": True},
        metrics={**_metrics(model, names), "loss": model.calibration().nll, **before},
        baselines={name: _metrics(baseline, names) for name, baseline in baselines.items()},
        comparisons=judgement.comparisons,
        broken=judgement.broken,
        tables=[
            _by_class(scored),
            *_by_kind(rows, {"model": model, **baselines}),
            *([classification_explanation.table(classifier, faithfulness)] if faithfulness else []),
            overfitting.table(run.history),
        ],
        examples=examples.pick_examples(
            texts,
            known,
            decided,
            model.label_probability.tolist(),
        ),
        seed=config.training.seed,
        parameters=classifier.parameters(),
        train_seconds=sum(row["seconds"] for row in run.history),
        command=runs.command_line(),
        notes=_notes(config, run, classifier, split, texts),
        answers=answers_of(texts, model, names, config.separator),
        row_scores=RowScores(
            row_metrics.of(model, uncalibrated), judgement.blocks, [*zip(texts, known, decided, strict=True)]
        ),
        rows_digest=row_scores.digest(zip(texts, known, strict=True)),
        data=captions.data(run),
        figures=_figures(model, uncalibrated, scored, names),
    )


def _metrics(of: Predictions, names: Sequence[str]) -> dict[str, float | None]:
    """The metrics of the model and of each baseline."""
    ece = None if of.probabilities is None else of.calibration().ece
    return {**of.scores(names).scores, "ece": ece}


def _uncalibrated(classifier: TextClassifier, texts: Sequence[str], labels: np.ndarray) -> Predictions:
    """What the classifier would answer without the temperature."""
    logits = tf.constant(logits_of(classifier, texts))
    probabilities = classifier.probabilities(logits, calibrated=False).numpy()
    return predictions.of_probabilities(labels, probabilities, classifier.threshold)


def _baselines(
    config: Config, run: Run, texts: Sequence[str], labels: np.ndarray, names: Sequence[str]
) -> dict[str, Predictions]:
    known = {}
    for split in ("train", "validation"):
        rows = data.read(config, run, split)
        known[split] = ([row.text for row in rows], data.targets(rows, names, bool(config.separator)))
    majority = metrics.majority_class(known["train"][1], len(texts), len(names))
    fitted = len(names) <= _FEW_CLASSES or len(names) * len(known["train"][0]) <= _FITTED_CELLS
    fit = metrics.linear_models if fitted else _nearest_class
    # At a threshold of 0.5, whatever the model's: another one could only make them weaker baselines.
    found = {"majority class": predictions.of_probabilities(labels, majority)}
    for linear in fit(texts, known["train"], known["validation"], len(names)):
        found[linear.name] = Predictions(labels, linear.decided, linear.probabilities)
    return found


def _nearest_class(*arguments: Any) -> "list[LinearBaseline]":
    return [metrics.nearest_class(*arguments)]


def _figures(
    model: Predictions, uncalibrated: Predictions | None, scored: "ClassificationScores", names: Sequence[str]
) -> dict[str, Callable[[Path, str], None]]:
    confusion = plots.draw_confusion if model.labels.ndim == 1 else plots.draw_label_confusion
    known = {"as served": model}
    if uncalibrated is not None:
        known = {"uncalibrated": uncalibrated, "after temperature scaling": model}
    reliabilities = {}
    for name, one in known.items():
        found = one.calibration()
        reliabilities[name] = plots.DrawnReliability(found.ece, found.confidence, found.accuracy, found.counts)
    return {
        "confusion": partial(confusion, scored.confusion, names),
        "calibration": partial(plots.draw_calibration, reliabilities),
    }


def _by_class(scored: "ClassificationScores") -> dict[str, Any]:
    """The scores of each class; of very many those of the worst, by their number of errors and then their F1."""
    classes, shown = scored.classes, ""
    if len(classes) > _MOST_CLASSES:
        shown = f", the worst {_MOST_CLASSES} of {len(classes):,}"
        classes = sorted(classes, key=lambda one: (one.support * (one.recall - 100), one.f1))[:_MOST_CLASSES]
    return {
        "title": f"by class, percent{shown}",
        "columns": ["class", "precision", "recall", "f1", "texts"],
        "rows": [list(one) for one in classes],
    }


def _by_kind(rows: "Sequence[Labelled]", by_name: dict[str, Predictions]) -> list[dict[str, Any]]:
    """Share of correct rows for each kind of text; no table where kinds are not known."""
    kinds = np.array([row.kind for row in rows])
    known = sorted({*kinds.tolist()} - {""})
    if not known:
        return []
    cells = [
        [kind, int((kinds == kind).sum()), *(100 * one.correct[kinds == kind].mean() for one in by_name.values())]
        for kind in known
    ]
    return [
        {"title": "accuracy by kind of text, percent", "columns": ["kind", "texts", *by_name], "rows": cells},
    ]


def _joined(labels: np.ndarray, names: Sequence[str], separator: str) -> list[str]:
    """The labels of each row as text."""
    if labels.ndim == 1:
        return [names[label] for label in labels]
    return [separator.join(name for name, has in zip(names, row, strict=True) if has) for row in labels]


def answers_of(texts: Sequence[str], model: Predictions, names: Sequence[str], separator: str) -> Answers:
    """Texts, labels and answers.

    Args:
        texts: The texts.
        model: What the model says of them.
        names: All labels.
        separator: Between several labels of a text.

    Returns:
        The rows. The mean of `right` in percent is the report's accuracy, that of `loss` its loss; of a text that may
        have several labels, all are right or none, and there is no loss.

    Example:
        `answers_of(texts, model, ["bad", "good"], "").names`
    """
    single = model.labels.ndim == 1
    scores = ["right", *(["probability", "loss"] if single else [])]

    def rows() -> Iterator[list[Any]]:
        of_labels = np.clip(model.label_probability, np.finfo(np.float32).tiny, 1)
        said, known = (_joined(of, names, separator) for of in (model.decided, model.labels))
        for row, (text, answer, label) in enumerate(zip(texts, said, known, strict=True)):
            probabilities = model.probabilities[row] if model.probabilities is not None else []
            about = [probabilities[model.decided[row]], -np.log(of_labels[row])] if single else []
            yield [text, label, answer, int(model.correct[row]), *about, *probabilities]

    return Answers(["text", "label", "answer", *scores, *(f"p({name})" for name in names)], rows)


def _notes(config: Config, run: Run, classifier: TextClassifier, split: str, texts: Sequence[str]) -> list[str]:
    scaling = f"temperature {float(classifier.temperature.temperature):.3f}, fitted on the validation split"
    scaling += ", so the calibration error here is too low" if split == "validation" else ""
    decision = f"a text has the labels with a probability of at least {classifier.threshold:g} (of baselines: 0.5)"
    return [
        f"{len(texts):,} texts{'' if run.other else ', none left out'}",
        classifier.inputs.limit,
        *data.notes(config, run, texts),
        *([decision] if config.separator else []),
        *([linear_share.note(classifier)] if classifier.linear else []),
        scaling if temperature.is_learnt(run) else "the probabilities are not calibrated: the training has not ended",
        "the score of an example is the probability of its correct label",
        overfitting.verdict(run.history),
        *token_vectors.notes(config),
        *soft_labels.notes(config, run),
    ]
