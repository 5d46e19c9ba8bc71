"""The report of a risk: what is served beside baselines, with intervals, by hour, by group, and decisions."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from pipelines import runs
from pipelines.clinical import other_cases, served_risks
from pipelines.clinical.config import Config
from pipelines.clinical.data import Cases, Prepared
from pipelines.clinical.heads import head_tables
from pipelines.clinical.heads.decisions import Decision
from pipelines.clinical.reports import risk_figures, risk_opponents, risk_tables
from pipelines.clinical.reports.risk_opponents import FITTED_PART, LINEAR, PREVALENCE, TREES, Opponent
from pipelines.runs import Run, overfitting, predictor
from pipelines.runs.report import Report
from pipelines.runs.reports import captions
from pipelines.runs.reports.answers import Answers
from pipelines.runs.reports.examples import pick_examples
from pipelines.runs.reports.row_scores import RowScores, mean
from pipelines.sources.measurements import static_groups
from tfmodels import metrics
from tfmodels.metrics import RiskCases

if TYPE_CHECKING:
    from pipelines.clinical.risk_answerer import RiskAnswerer

_HOURS = (6.0, 12.0, 24.0, 48.0)
_BEYOND = 1.1  # how far beyond the longest histories an hour may be
_PRIMARY = "auroc"
_CHANCE = 0.5  # AUROC of one answer for all


def make(config: Config, run: Run, answerer: "RiskAnswerer", split: str) -> Report:
    """Predicts the risks of a split and scores them.

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
    cases, decision = prepared.of_split(split), _decision(answerer)
    answering = predictor.to_score(run, answerer.endpoints())
    risks = served_risks.risks(answering, prepared, answerer.fields, cases)
    opponents = risk_opponents.fit(config, prepared, split)
    if config.wide:
        alone = risk_opponents.fitted_part_alone(config, run, prepared, split, answerer.network)
        opponents[FITTED_PART] = alone
    scored = RiskCases(cases.label, cases.entity, np.zeros(len(cases.label), int))
    every = {"model": risks, **{name: one.risks for name, one in opponents.items()}}
    compared = {name: metrics.risk_difference(scored, risks, one.risks) for name, one in opponents.items()}
    by_hour = {
        hour: {
            "model": served_risks.risks(answering, prepared, answerer.fields, cases, hour),
            **risk_opponents.of_hours(prepared, split, hour),
        }
        for hour in _HOURS
        if hour <= _BEYOND * prepared.content["max_hours"]
    }
    fields = static_groups.members(static_groups.parse(config.groups), prepared.statics)
    members = {name: groups[cases.entity] for name, groups in fields.items()}
    groups = metrics.group_scores(cases.label, risks, decision.threshold, members, cases.entity)
    texts = _texts(prepared, cases, risks)
    shown = {name: every[name] for name in ("model", LINEAR, TREES)}
    return Report(
        task="clinical",
        model=type(answerer.network).__name__,
        split=split,
        rows=len(cases.label),
        primary={"metric": _PRIMARY, "higher_is_better": True},
        metrics=metrics.risk_scores(cases.label, risks, decision.threshold),
        baselines={name: metrics.risk_scores(cases.label, one.risks, one.threshold) for name, one in opponents.items()},
        comparisons={name: None if one is None else one._asdict() for name, one in compared.items()},
        broken=_broken(scored, opponents),
        tables=[
            risk_tables.of_intervals(scored, every),
            *([risk_tables.of_hours(cases.label, by_hour)] if by_hour else []),
            *([risk_tables.of_groups(groups)] if groups else []),
            risk_tables.of_decisions(cases.label, shown),
            overfitting.table(run.history),
        ],
        examples=pick_examples(*texts, np.where(cases.label == 1, risks, 1 - risks).tolist()),
        seed=config.training.seed,
        parameters=answerer.network.count_params(),
        train_seconds=sum(row["seconds"] for row in run.history),
        command=runs.command_line(),
        notes=_notes(prepared, answerer, split, metrics.gap_warnings(groups)),
        answers=Answers(
            ["entity", "hour", "label", "probability", "answer", "right"],
            lambda: _answer_rows(prepared, cases, risks, answerer),
        ),
        row_scores=RowScores(
            _row_metrics(cases.label, risks, decision.threshold), cases.entity, [*zip(*texts, strict=True)]
        ),
        rows_digest=head_tables.digest(prepared, cases),
        data=captions.data(run),
        figures=risk_figures.make(cases.label, shown, groups),
    )


def _broken(cases: RiskCases, opponents: Mapping[str, Opponent]) -> dict[str, str]:
    """Baselines that rank worse than one answer for all."""
    margins = {name: metrics.risk_margin(cases, one.risks) for name, one in opponents.items() if name != PREVALENCE}
    return {name: PREVALENCE for name, found in margins.items() if found is not None and found.high < _CHANCE}


def _notes(prepared: Prepared, answerer: "RiskAnswerer", split: str, warnings: list[str]) -> list[str]:
    decision = _decision(answerer)
    learnt = " (where both are scored here, so these scores are too good)" if split == "validation" else ""
    return [
        *head_tables.notes(
            prepared,
            answerer,
            f"calibrated on the validation split{learnt}: log-odds {decision.slope:.3f} x logit "
            f"{decision.intercept:+.3f}",
        ),
        f"a probability of at least {decision.threshold:.3f} is {decision.classes[1]!r}",
        *warnings,
    ]


def _texts(prepared: Prepared, cases: Cases, risks: np.ndarray) -> tuple[list[str], list[str], list[str]]:
    """Each case, its label and what is predicted; of the measurements only the number is told."""
    classes = prepared.content["classes"]
    said = [f"{classes[1]} with probability {risk:.2f}" for risk in risks.tolist()]
    return head_tables.told(prepared, cases), [classes[label] for label in cases.label.tolist()], said


def _row_metrics(label: np.ndarray, risks: np.ndarray, threshold: float) -> dict[str, metrics.RowMetric]:
    """What each of `metrics.risk_scores` is computed from."""
    rows = np.stack([label, risks], axis=1)
    right = np.clip(np.where(label == 1, risks, 1 - risks), np.finfo(np.float64).eps, 1)
    says = risks >= threshold
    decided = np.stack([(label == 1) & says, says, label == 1], axis=1)
    return {
        "auroc": metrics.RowMetric(rows, "auroc"),
        "auprc": metrics.RowMetric(rows, "auprc"),
        "brier": mean((risks - label) ** 2, higher_is_better=False),
        "log_loss": mean(-np.log(right), higher_is_better=False),
        "ece": metrics.RowMetric(rows[:, ::-1], "ece_of_one", higher_is_better=False),
        "min_precision_sensitivity": metrics.RowMetric(decided, "least_of_precision_and_recall"),
        "sensitivity_at_95_specificity": metrics.RowMetric(rows, "sensitivity_at_95_specificity"),
    }


def _answer_rows(prepared: Prepared, cases: Cases, risks: np.ndarray, answerer: "RiskAnswerer") -> Iterator[list[Any]]:
    classes = prepared.content["classes"]
    decided = (risks >= _decision(answerer).threshold).astype(int)
    for row, (of, label) in enumerate(zip(head_tables.named(prepared, cases), cases.label.tolist(), strict=True)):
        yield [*of, classes[label], float(risks[row]), classes[decided[row]], int(decided[row] == label)]


def _decision(answerer: "RiskAnswerer") -> Decision:
    assert isinstance(answerer.decision, Decision)  # other heads have reports of their own
    return answerer.decision
