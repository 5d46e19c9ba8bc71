"""Trains classifiers with several seeds and reports the mean and spread of their scores, beside the baselines.

Each family of models is trained as the recipe says, once with each seed (see `tfmodels fit --seeds`). Finished runs are
not trained again, and an interrupted one goes on. With `--test` each run is then evaluated on the test split, once.

    python tests/benchmarks/classification_seeds.py --config sst2 --data sst2 --test
"""

import argparse
import subprocess
import sys
from pathlib import Path

from pipelines import runs
from pipelines.runs import report
from pipelines.runs.reports import several

FAMILIES = {
    "transformer": ["--model", "transformer"],
    "lstm, additive": ["--model", "lstm", "--lstm.attention", "additive"],
    "lstm, dot": ["--model", "lstm", "--lstm.attention", "dot"],
    "lstm, multi_head": ["--model", "lstm", "--lstm.attention", "multi_head"],
    "hierarchical": ["--model", "hierarchical"],
}


def tfmodels(*arguments: str) -> None:
    """Runs the command in a separate process, so that its memory is freed."""
    subprocess.run([sys.executable, "-m", "tfmodels", *arguments], check=True)


def main() -> None:
    """Trains, and prints a table of each family and split."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--config", required=True, help="options of all runs: a recipe or a file")
    parser.add_argument("--data", required=True, help="data of all runs")
    parser.add_argument("--families", nargs="+", choices=FAMILIES, default=list(FAMILIES))
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--test", action="store_true", help="evaluate each run on the test split as well")
    arguments = parser.parse_args()
    groups = {family: f"{Path(arguments.config).stem}-{family.replace(', ', '-')}" for family in arguments.families}
    names = {group: [f"{group}-seed-{seed}" for seed in arguments.seeds.split(",")] for group in groups.values()}
    for family, group in groups.items():
        options = [*FAMILIES[family], "--config", arguments.config, "--data", arguments.data]
        tfmodels("fit", "classification", *options, "--run", group, "--seeds", arguments.seeds)
        unscored = [name for name in names[group] if not (runs.ROOT / name / "report.test.json").is_file()]
        if arguments.test and unscored:
            tfmodels("evaluate", *unscored, "--split", "test")
    for file in ("report.json", *(["report.test.json"] if arguments.test else [])):
        for group in groups.values():
            several.show(several.summary({name: report.read(runs.ROOT / name / file) for name in names[group]}))


if __name__ == "__main__":
    main()
