"""The report of several classes: what is served beside baselines, by class and by group."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from pipelines import runs
from pipelines.clinical import other_cases, served_risks
from pipelines.clinical.config import Config
from pipelines.clinical.data import Cases, Prepared
from pipelines.clinical.heads import head_tables
from pipelines.runs import Run, overfitting, predictor
from pipelines.runs.report import Report
from pipelines.runs.reports import captions
from pipelines.runs.reports.answers import Answers
from pipelines.runs.reports.examples import pick_examples
from pipelines.runs.reports.judgement import judge
from pipelines.runs.reports.row_scores import RowScores, mean
from tfmodels import metrics, plots

if TYPE_CHECKING:
    from pipelines.clinical.risk_answerer import RiskAnswerer

_LEAST = 1e-12  # probability, in logarithms
_PREVALENCE = "prevalence"


def make(config: Config, run: Run, answerer: "RiskAnswerer", split: str) -> Report:
    """Predicts the classes of a split and scores them.

    Args:
        config: The options.
        run: The run.
        answerer: Its graph functions.
        split: `validation` or `test`; `other` of other data.

    Returns:
        The report.

    Raises:
        ValueError: There is no such split, or an export answers otherwise.
    """
    prepared = other_cases.scored(config, run)
    cases, names = prepared.of_split(split), prepared.content["classes"]
    found = probabilities(predictor.to_score(run, answerer.endpoints()), prepared, answerer, cases)
    opponents = baselines(prepared, split)
    label = cases.label
    judgement = judge(
        _losses(label, found), {name: _losses(label, of) for name, of in opponents.items()}, cases.entity,
        constants=(_PREVALENCE,), higher_is_better=False,
    )  # fmt: skip
    scored = metrics.single_label_scores(label, found.argmax(axis=1), names)
    decided, sure = found.argmax(axis=1).tolist(), found.max(axis=1).tolist()
    right = np.take_along_axis(found, label[:, np.newaxis], axis=1)[:, 0]
    calibration = metrics.reliability(found, label)
    drawn = plots.DrawnReliability(calibration.ece, calibration.confidence, calibration.accuracy, calibration.counts)
    learnt = "where it is scored here, so these scores are too good" if split == "validation" else "by its temperature"
    by_group: dict[str, Callable[[np.ndarray], float]] = {
        "log loss": lambda mine: float(-np.log(np.maximum(right[mine], _LEAST)).mean()),
        "accuracy": lambda mine: float(100 * (found.argmax(axis=1) == label)[mine].mean()),
    }
    rows = [*zip(head_tables.named(prepared, cases), label.tolist(), decided, sure, strict=True)]
    texts = (
        head_tables.told(prepared, cases), [names[one] for one in label.tolist()],
        [f"{names[one]} with probability {of:.2f}" for one, of in zip(decided, sure, strict=True)],
    )  # fmt: skip
    return Report(
        task="clinical",
        model=type(answerer.network).__name__,
        split=split,
        rows=len(label),
        primary={"metric": "log_loss", "higher_is_better": False},
        metrics=_metrics(label, found, names),
        baselines={name: _metrics(label, of, names) for name, of in opponents.items()},
        comparisons=judgement.comparisons,
        broken=judgement.broken,
        tables=[
            {
                "title": "by class, percent",
                "columns": ["class", "precision", "recall", "f1", "cases"],
                "rows": [list(one) for one in scored.classes],
            },
            *head_tables.of_groups(config.groups, prepared, cases, by_group),
            overfitting.table(run.history),
        ],
        examples=pick_examples(*texts, right.tolist()),
        seed=config.training.seed,
        parameters=answerer.network.count_params(),
        train_seconds=sum(row["seconds"] for row in run.history),
        command=runs.command_line(),
        notes=head_tables.notes(prepared, answerer, f"calibrated on the validation split, {learnt}"),
        answers=Answers(
            ["entity", "hour", "label", "answer", "probability", "right"],
            lambda: iter([[*one, names[is_], names[said], sure_, int(said == is_)] for one, is_, said, sure_ in rows]),
        ),
        row_scores=RowScores(_row_metrics(label, found), cases.entity, [*zip(*texts, strict=True)]),
        rows_digest=head_tables.digest(prepared, cases),
        data=captions.data(run),
        figures={
            "confusion": partial(plots.draw_confusion, scored.confusion, names),
            "calibration": partial(plots.draw_calibration, {"as served": drawn}),
        },
    )  # fmt: skip


def probabilities(
    answering: predictor.Predictor, prepared: Prepared, answerer: "RiskAnswerer", cases: Cases
) -> np.ndarray:
    """The probabilities that a model serves, float64 `[cases, classes]`.

    Raises:
        ValueError: An answer is no distribution.

    Example:
        `probabilities(predictor.in_memory(answerer.endpoints(), {}), prepared, answerer, cases)`
    """
    count = len(prepared.content["classes"])
    asked = served_risks.columns(answering, prepared, answerer.fields, cases, ["probabilities"])
    found = asked["probabilities"].astype(np.float64)
    if found.shape != (len(cases.label), count) or not (abs(found.sum(axis=1) - 1) < 0.01).all() or (found < 0).any():
        raise ValueError(
            f"Expected an output 'probabilities' [batch, {count}] that sum to 1. Received: shape {list(found.shape)}. "
            "Export the run again."
        )
    return found / found.sum(axis=1, keepdims=True)


def baselines(prepared: Prepared, split: str) -> dict[str, np.ndarray]:
    """The shares of the classes, and models of aggregates, for the test split fitted to training and validation.

    Example:
        `baselines(prepared, "test")["prevalence"]`
    """
    known = head_tables.joined(prepared, ["train"] if split == "validation" else ["train", "validation"])
    asked = prepared.of_split(split)
    columns = head_tables.aggregates(prepared, asked)
    table = metrics.RiskTable(head_tables.aggregates(prepared, known), known.label)
    return {
        _PREVALENCE: metrics.majority_class(known.label, len(asked.label), len(prepared.content["classes"])),
        "logistic regression on aggregates": metrics.logistic_probabilities(table, columns),
        "boosted trees on aggregates": metrics.tree_probabilities(table, columns),
    }


def _losses(labels: np.ndarray, found: np.ndarray) -> np.ndarray:
    right = np.maximum(np.take_along_axis(found, labels[:, np.newaxis], axis=1)[:, 0], _LEAST)
    return np.stack([-np.log(right), np.ones(len(right))], axis=1)


def _row_metrics(labels: np.ndarray, found: np.ndarray) -> dict[str, metrics.RowMetric]:
    """What each of `_metrics` is computed from."""
    said = found.argmax(axis=1)
    pairs = np.stack([found.max(axis=1), said == labels], axis=1)
    return {
        "log_loss": metrics.RowMetric(_losses(labels, found), higher_is_better=False),
        "macro_auroc": metrics.RowMetric(np.column_stack([labels, found]), "macro_auroc"),
        "accuracy": mean(100.0 * (said == labels)),
        "macro_f1": metrics.RowMetric(np.stack([labels, said], axis=1), "macro_f1"),
        "ece": metrics.RowMetric(pairs, "ece", higher_is_better=False),
    }


def _metrics(labels: np.ndarray, found: np.ndarray, names: list[str]) -> dict[str, float]:
    """Scores; the AUROC is the mean over the classes that occur, each against the others."""
    from sklearn.metrics import roc_auc_score

    there = [one for one in range(len(names)) if 0 < (labels == one).sum() < len(labels)]
    auroc = float(np.mean([roc_auc_score(labels == one, found[:, one]) for one in there])) if there else float("nan")
    scores = metrics.single_label_scores(labels, found.argmax(axis=1), names).scores
    return {"log_loss": float(_losses(labels, found)[:, 0].mean()), "macro_auroc": auroc, **scores,
            "ece": metrics.reliability(found, labels).ece}  # fmt: skip
