"""What each modality adds on the synthetic stays: a model of measurements alone, and with the others beside them.

python tests/benchmarks/clinical_modalities.py --model transformer --to modalities

Each model is trained by the default options; the scores are those of the test part, of what is served. A model that is
trained already is only scored, so that an interrupted command goes on.
"""

import argparse
import os
import time
from functools import partial
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from pipelines import runs
from pipelines.clinical import calibration, data, network, served_risks, task
from pipelines.clinical.config import Config
from pipelines.runs import fitting, predictor
from pipelines.runs.starting import preparation
from tfmodels import metrics
from tfmodels.metrics import RiskCases

_MODALITIES = {
    "measurements": {"static_inputs": "none", "aggregates": False, "read_notes": False},
    "+ static fields": {"aggregates": False, "read_notes": False},
    "+ aggregates": {"read_notes": False},
    "+ notes": {},
    "measurements and notes": {"static_inputs": "none", "aggregates": False},
}


def test_risks(options: dict, name: str) -> tuple[RiskCases, np.ndarray]:
    """The cases of the test part, and their risks by a model with some options."""
    config = Config(**options)
    run = preparation.prepare(task, runs.create("clinical", config, name))
    if not (run.path / "calibration.npy").exists():
        batches = task.datasets(config, run)
        start = partial(network.initialise, config, run)
        make = partial(task.model, config, run)
        fitting.train(run, make, batches, config.training, start, task.objective(config, run))
        calibration.learn(config, run, batches["validation"])
    answerer, prepared = calibration.answerer(config, run), data.read(run)
    cases = prepared.of_split("test")
    answering = predictor.in_memory(answerer.endpoints(), {})
    risks = served_risks.risks(answering, prepared, answerer.fields, cases)
    return RiskCases(cases.label, cases.entity, np.zeros(len(cases.label), int)), risks


def main() -> None:
    """Trains the models that are not there, and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", choices=("transformer", "lstm"), default="transformer")
    parser.add_argument("--stays", type=int, default=2_000)
    parser.add_argument("--to", type=Path, required=True, help="folder of the runs")
    given = parser.parse_args()
    given.to.mkdir(parents=True, exist_ok=True)
    os.chdir(given.to)
    table = Table("", "AUROC", "AUPRC", "AUROC more than the row above", "s of a core")
    before = None
    for name, options in _MODALITIES.items():
        begin = time.process_time()
        cases, risks = test_risks(options | {"model": given.model, "stays": given.stays}, f"{given.model} {name}")
        scores = metrics.risk_scores(cases.labels, risks)
        more = None if before is None else metrics.risk_difference(cases, risks, before)
        told = "" if more is None else f"{more.difference:+.3f} [{more.low:+.3f}, {more.high:+.3f}]"
        table.add_row(name, *(f"{scores[of]:.3f}" for of in ("auroc", "auprc")), told,
                      f"{time.process_time() - begin:.0f}")  # fmt: skip
        before = risks
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
