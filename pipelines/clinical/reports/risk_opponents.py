"""The baselines of a risk, fitted to the same cases: prevalence, severity scores, models of aggregates."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipelines.clinical import fitted_part, network
from pipelines.clinical.config import Config
from pipelines.clinical.data import Cases, Prepared
from pipelines.clinical.heads import head_tables
from pipelines.runs import Run
from tfmodels import metrics

if TYPE_CHECKING:
    from tfmodels.models import EventClassifier

PREVALENCE, LINEAR, TREES = "prevalence", "logistic regression on aggregates", "boosted trees on aggregates"
FITTED_PART = "its fitted part alone"


class Opponent(NamedTuple):
    """What a baseline says.

    Attributes:
        risks: float64 `[cases]`.
        threshold: From which risk on a case is positive, chosen on the validation split.
    """

    risks: np.ndarray
    threshold: float


def fit(config: Config, prepared: Prepared, split: str) -> dict[str, Opponent]:
    """Fits the baselines, for the test split to training and validation together.

    Args:
        config: The options.
        prepared: The data.
        split: The split that is scored.

    Returns:
        Name -> its risks of the split. Thresholds are those of a fit to the training part alone.

    Example:
        `fit(config, prepared, "test")["prevalence"].threshold`
    """
    validation = prepared.of_split("validation")
    alone = _risks(prepared, ["train"], validation)
    thresholds = {
        name: metrics.risk_threshold(validation.label, risks, config.aim, config.aim_value)
        for name, risks in alone.items()
    }
    cases = prepared.of_split(split)
    found = alone if split == "validation" else _risks(prepared, ["train", "validation"], cases)
    return {name: Opponent(risks, thresholds[name]) for name, risks in found.items()}


def fitted_part_alone(config: Config, run: Run, prepared: Prepared, split: str, model: "EventClassifier") -> Opponent:
    """The fitted part of a network as a baseline, as it was fitted to the training part.

    Args:
        config: The options.
        run: The run.
        prepared: The data.
        split: The split that is scored.
        model: The network, which has a fitted part.

    Returns:
        Its risks of the split.
    """
    validation, cases = prepared.of_split("validation"), prepared.of_split(split)
    alone, found = (
        fitted_part.risks(model, network.fields_of(config, run, prepared, of)) for of in (validation, cases)
    )
    return Opponent(found, metrics.risk_threshold(validation.label, alone, config.aim, config.aim_value))


def of_hours(prepared: Prepared, split: str, hours: float) -> dict[str, np.ndarray]:
    """The risks of the models of aggregates, fitted to and asked with measurements up to an hour alone.

    Args:
        prepared: The data.
        split: The split that is scored.
        hours: The hour.

    Returns:
        Name -> risks.
    """
    known = ["train"] if split == "validation" else ["train", "validation"]
    return _of_tables(prepared, head_tables.joined(prepared, known), prepared.of_split(split), hours)


def _risks(prepared: Prepared, known: list[str], cases: Cases) -> dict[str, np.ndarray]:
    train = head_tables.joined(prepared, known)
    found = {PREVALENCE: metrics.prevalence_risk(train.label, len(cases.label))}
    for name, scores in train.scores.items():
        if np.isfinite(scores).any():
            table = metrics.RiskTable(scores[:, None], train.label)
            found[name] = metrics.severity_risk(table, cases.scores[name])
    return found | _of_tables(prepared, train, cases, np.inf)


def _of_tables(prepared: Prepared, train: Cases, cases: Cases, hours: float) -> dict[str, np.ndarray]:
    known, asked = (head_tables.aggregates(prepared, of, hours) for of in (train, cases))
    table = metrics.RiskTable(known, train.label)
    return {LINEAR: metrics.logistic_risk(table, asked), TREES: metrics.tree_risk(table, asked)}
