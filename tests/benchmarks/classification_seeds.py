"""Trains every family of classifiers with several seeds and prints means and standard deviations, with baselines.

Choices are made on the validation split. The test split is evaluated only with `--test`, once for each run. The runs
are kept under `runs/`, and the same command resumes them.

    python tests/benchmarks/classification_seeds.py --config sst2 --data sst2 --test
"""

import argparse
import statistics
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from pipelines import runs
from pipelines.runs import report

FAMILIES = {
    "transformer": ["--model", "transformer"],
    "lstm, additive": ["--model", "lstm", "--lstm.attention", "additive"],
    "lstm, dot": ["--model", "lstm", "--lstm.attention", "dot"],
    "lstm, multi_head": ["--model", "lstm", "--lstm.attention", "multi_head"],
    "hierarchical": ["--model", "hierarchical"],
}
METRICS = ("accuracy", "macro_f1", "ece")


def train(family: str, seed: int, arguments: argparse.Namespace) -> Path:
    """Trains one run, evaluates it on the test split with `--test`, and returns its folder."""
    name = f"{Path(arguments.config).stem}-{family.replace(', ', '-')}-{seed}"
    options = [*FAMILIES[family], "--config", arguments.config, "--data", arguments.data]
    tfmodels("fit", "classification", *options, "--run", name, "--training.seed", str(seed))
    path = runs.ROOT / name
    if arguments.test and not (path / "report.test.json").is_file():
        tfmodels("evaluate", name, "--split", "test")
    return path


def tfmodels(*arguments: str) -> None:
    """Runs the command in a separate process, so that its memory is freed."""
    subprocess.run([sys.executable, "-m", "tfmodels", *arguments], check=True)


def mean_and_spread(values: list[float]) -> str:
    """The mean of the runs, with their standard deviation if there are several."""
    spread = f" ± {statistics.stdev(values):.2f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.2f}{spread}"


def table(reports: dict[str, list[report.Report]], title: str) -> Table:
    """A row for each family, then one for each baseline, which does not depend on the seed."""
    result = Table("model", *METRICS, "parameters", "minutes", title=title)
    for family, scored in reports.items():
        found = ([one.metrics[metric] or 0.0 for one in scored] for metric in METRICS)  # never None in a trained run
        cells = (mean_and_spread(values) for values in found)
        minutes = statistics.mean(one.train_seconds for one in scored) / 60
        result.add_row(family, *cells, f"{scored[0].parameters:,}", f"{minutes:.1f}")
    baselines = next(iter(reports.values()))[0].baselines
    for baseline, scores in baselines.items():
        cells = ("-" if scores.get(metric) is None else f"{scores[metric]:.2f}" for metric in METRICS)
        result.add_row(baseline, *cells, "-", "-")
    return result


def main() -> None:
    """Trains and prints a table for each split."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--config", required=True, help="options of all runs: a recipe or a file")
    parser.add_argument("--data", required=True, help="data of all runs")
    parser.add_argument("--families", nargs="+", choices=FAMILIES, default=list(FAMILIES))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--test", action="store_true", help="evaluate each run on the test split as well")
    arguments = parser.parse_args()
    paths = {family: [train(family, seed, arguments) for seed in arguments.seeds] for family in arguments.families}
    for name in ("report.json", *(["report.test.json"] if arguments.test else [])):
        reports = {family: [report.read(path / name) for path in folders] for family, folders in paths.items()}
        split = next(iter(reports.values()))[0].split
        Console().print(table(reports, f"{Path(arguments.config).stem}, {split}, seeds {arguments.seeds}"))


if __name__ == "__main__":
    main()
