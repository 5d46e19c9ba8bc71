"""Scores the baselines of risks from irregular measurements by folds of entities; no network is trained.

python tests/benchmarks/clinical_baselines.py --data synthetic
python tests/benchmarks/clinical_baselines.py --data folder/physionet2012/set-a.csv.gz \
    --labels_file folder/physionet2012/Outcomes-a.csv.gz --labels In-hospital_death --score_columns SAPS-I,SOFA \
    --missing=-1 --missing_variables Height,Weight,Gender --static_variables Age,Gender,Height,ICUType
"""

import argparse
import resource
import time

import clinical_data
import numpy as np
from rich.console import Console
from rich.table import Table

from pipelines.sources.measurements import entity_splits, label_table, risk_columns
from pipelines.sources.measurements.measurement_data import MeasurementData
from tfmodels.metrics.risks import risk_baselines, risk_scores
from tfmodels.metrics.risks.risk_baselines import RiskTable
from tfmodels.metrics.risks.risk_scores import RiskCases

SHOWN = ("auroc", "auprc", "brier", "log_loss", "sensitivity_at_95_specificity")
TREES, LINEAR, PREVALENCE = "boosted trees", "logistic regression", "prevalence"


def fold_risks(data: MeasurementData, columns: np.ndarray, labels: np.ndarray, is_train: np.ndarray) -> dict:
    """Baseline -> risks of the cases that are not trained on."""
    train = RiskTable(columns[is_train], labels[is_train])
    found = {PREVALENCE: risk_baselines.prevalence_risk(train.labels, int((~is_train).sum()))}
    for name, scores in data.cases.scores.items():
        found[name] = risk_baselines.severity_risk(RiskTable(scores[is_train, None], train.labels), scores[~is_train])
    found[LINEAR] = risk_baselines.logistic_risk(train, columns[~is_train])
    found[TREES] = risk_baselines.tree_risk(train, columns[~is_train])
    return found


def run(data: MeasurementData, label: str, hours: float, folds: int, seed: int) -> tuple[dict, RiskCases]:
    """Baseline -> risk of each case, predicted by a model that was not fitted to its entity."""
    labels, _ = label_table.binary(data.cases.labels[label])
    columns, _ = risk_columns.make(data.histories, data.statics, data.cases.entity, data.cases.hour, hours)
    part = entity_splits.folds(entity_splits.strata(data.cases, label, len(data.split)), folds, seed)[data.cases.entity]
    risks: dict[str, np.ndarray] = {}
    for fold in range(folds):
        begin = time.process_time()
        for name, found in fold_risks(data, columns, labels, part != fold).items():
            risks.setdefault(name, np.zeros(len(labels)))[part == fold] = found
        print(f"fold {fold + 1} of {folds}: {time.process_time() - begin:.0f} s of a core", flush=True)
    return risks, RiskCases(labels, data.cases.entity, part)


def shown(risks: dict[str, np.ndarray], cases: RiskCases, against: str = TREES) -> Table:
    """The mean of the folds' scores, and the paired difference of each to one of them."""
    table = Table("", *SHOWN, *(f"{score} minus that of {against}" for score in ("AUROC", "AUPRC")))
    for name, of in risks.items():
        folds = [cases.fold == fold for fold in np.unique(cases.fold)]
        scores = [risk_scores.risk_scores(cases.labels[fold], of[fold]) for fold in folds]
        means = [f"{np.mean([one[score] for one in scores]):.4f}" for score in SHOWN]
        table.add_row(name, *means, *(difference(cases, of, risks[against], score) for score in ("auroc", "auprc")))
    return table


def difference(cases: RiskCases, one: np.ndarray, other: np.ndarray, score: str) -> str:
    """A paired difference and its interval, as text."""
    found = risk_scores.risk_difference(cases, one, other, score)
    return "" if found is None or one is other else f"{found.difference:+.4f} [{found.low:+.4f}, {found.high:+.4f}]"


def main() -> None:
    """Reads the measurements, and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    clinical_data.add_options(parser)
    parser.add_argument("--hours", type=float, default=np.inf, help="measurements up to this hour are seen")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1, help="of the folds")
    given = parser.parse_args()
    data = clinical_data.read(given)
    risks, cases = run(data, next(iter(data.cases.labels)), given.hours, given.folds, given.seed)
    Console(width=160).print(shown(risks, cases))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{time.process_time():.0f} s of a core, {memory:.1f} GiB at most")


if __name__ == "__main__":
    main()
