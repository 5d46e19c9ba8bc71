"""Trains the task `clinical` on folds of entities, and compares what it predicts with the baselines on the same folds.

python tests/benchmarks/clinical_folds.py --data folder/physionet2012/set-a.csv.gz \
    --labels_file folder/physionet2012/Outcomes-a.csv.gz --labels In-hospital_death --score_columns SAPS-I,SOFA \
    --missing=-1 --missing_variables Height,Weight,Gender --static_variables Age,Gender,Height,ICUType \
    --to folds --config physionet2012

A fold is the test; an eighth of the rest, stratified, stops the training and calibrates. Risks of finished folds are in
the folder, so that an interrupted command goes on; with fewer folds than all it compares those that are there.
"""

import argparse
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import clinical_baselines
import clinical_data
import numpy as np
from rich.console import Console

from pipelines import runs
from pipelines.clinical import calibration, data, network, preparing, served_risks, task
from pipelines.clinical.config import Config
from pipelines.clinical.reports import risk_opponents
from pipelines.runs import fitting, predictor, settings
from pipelines.runs.starting import preparation
from pipelines.sources.measurements import entity_splits, label_table, risk_columns
from pipelines.sources.measurements.measurement_data import MeasurementData
from tfmodels.metrics.risks.risk_scores import RiskCases

_VALIDATION = 0.125  # of the entities that are not tested


def trained_risks(config: Config, found: MeasurementData, split: np.ndarray, name: str) -> dict[str, np.ndarray]:
    """The risks of the test part, served by a model of the other parts, and those of its fitted part if it has one."""
    run = runs.create("clinical", config, name)
    preparing.write(config, run, found, split)
    preparation.record(run)
    batches = task.datasets(config, run)
    start = partial(network.initialise, config, run)
    fitting.train(run, partial(task.model, config, run), batches, config.training, start, task.objective(config, run))
    calibration.learn(config, run, batches["validation"])
    answerer, prepared = calibration.answerer(config, run), data.read(run)
    answering = predictor.in_memory(answerer.endpoints(), {})
    risks = {"model": served_risks.risks(answering, prepared, answerer.fields, prepared.of_split("test"))}
    if config.wide:
        alone = risk_opponents.fitted_part_alone(config, run, prepared, "test", answerer.network)
        risks[risk_opponents.FITTED_PART] = alone.risks
    return risks


def fold_risks(config: Config, found: MeasurementData, part: np.ndarray, fold: int, folder: Path) -> dict:
    """Name -> risks of the cases of a fold, read from the folder if they are there."""
    file = folder / f"fold {fold}.npz"
    label = next(iter(found.cases.labels))
    labels, _ = label_table.binary(found.cases.labels[label])
    if not file.exists():
        begin = time.process_time()
        strata = np.where(part == fold, -1, entity_splits.strata(found.cases, label, len(found.split)))
        split = entity_splits.shares(strata, _VALIDATION, 0.0, config.training.seed)
        split[part == fold] = "test"
        cases = found.cases
        columns, _ = risk_columns.make(found.histories, found.statics, cases.entity, cases.hour)
        risks = clinical_baselines.fold_risks(found, columns, labels, part[cases.entity] != fold)
        risks |= trained_risks(config, found, split, f"{folder.name} fold {fold}")
        print(f"fold {fold}: {time.process_time() - begin:.0f} s of the cores", flush=True)
        np.savez(file, **risks)
    with np.load(file) as kept:
        return dict(kept)


def main() -> None:
    """Reads the data, trains the folds that are not done, and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    clinical_data.add_options(parser)
    parser.add_argument("--to", type=Path, required=True, help="folder of the risks")
    parser.add_argument("--config", default="", help="recipe or file of options of the task")
    parser.add_argument("--set", nargs="*", default=[], help="options of the task, such as aggregates=false")
    parser.add_argument("--folds", nargs="*", type=int, default=range(5), help="of 5: those to train")
    given = parser.parse_args()
    words = [f"--{one}" for one in given.set]
    options = settings.parser(Config)
    arguments = (["--config", given.config] if given.config else []) + words
    config = settings.build(Config, settings.parse(options, Config, arguments, "clinical"))
    config = replace(config, data="synthetic", score_columns="")  # read below, and given to each fold
    found = clinical_data.read(given)
    given.to.mkdir(parents=True, exist_ok=True)
    label = next(iter(found.cases.labels))
    part = entity_splits.folds(entity_splits.strata(found.cases, label, len(found.split)), 5, seed=1)
    of_case = part[found.cases.entity]
    risks: dict[str, np.ndarray] = {}
    for fold in given.folds:
        for name, of in fold_risks(config, found, part, fold, given.to).items():
            risks.setdefault(name, np.full(len(of_case), np.nan))[of_case == fold] = of
    labels, _ = label_table.binary(found.cases.labels[label])
    done = np.isin(of_case, list(given.folds))
    cases = RiskCases(labels[done], found.cases.entity[done], of_case[done])
    Console(width=170).print(clinical_baselines.shown({name: of[done] for name, of in risks.items()}, cases, "model"))


if __name__ == "__main__":
    main()
