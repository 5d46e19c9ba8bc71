"""The error of each model family when 30 % of the values are missing, single ones or whole days.

In one table the values are missing, in another they are filled forward. The same model is trained on both, and the
histories of the test split have the same gaps; the forecasts are compared with the complete table. Finished runs are
not trained again.

    python tests/benchmarks/deleted_values.py --data etth1/ETTh1.csv.gz
"""

import argparse
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from pipelines import runs
from pipelines.forecasting import series_data, task, window_forecasts
from pipelines.runs import predictor

CONFIG = Path(__file__).with_name("deleted_values.yaml")
FAMILIES = ("linear", "lstm", "attention_lstm", "transformer")
SIZES = {"d_model": 32, "num_layers": 2, "patch": 12, "dropout": 0.2}  # options of all families but `linear`
SHARE, DAY = 0.3, 24
VARIANTS = ("whole", "random", "random-filled", "days", "days-filled")


def write_tables(data: Path, time: str, folder: Path) -> None:
    """Writes the table of each variant; values are deleted independently in each column."""
    whole = pd.read_csv(data)
    values = whole.drop(columns=time)
    random = np.random.default_rng(0)
    single = random.random(values.shape) < SHARE
    days = np.repeat(random.random([-(-len(values) // DAY), values.shape[1]]) < SHARE, DAY, axis=0)[: len(values)]
    folder.mkdir(parents=True, exist_ok=True)
    whole.to_csv(folder / "whole.csv", index=False)
    for name, deleted in {"random": single, "days": days}.items():
        left = values.mask(deleted)
        for suffix, table in {"": left, "-filled": left.ffill().bfill()}.items():
            whole[[time]].join(table).to_csv(folder / f"{name}{suffix}.csv", index=False)


def train(run: str, family: str, data: Path) -> None:
    """Trains a run unless it is finished."""
    if (runs.ROOT / run / "report.json").is_file():
        return
    sizes = {} if family == "linear" else SIZES
    options = ["--config", CONFIG, "--data", data, "--model", family, "--run", run]
    options += [part for name, size in sizes.items() for part in (f"--{family}.{name}", size)]
    subprocess.run([sys.executable, "-m", "tfmodels", "fit", "forecasting", *map(str, options)], check=True)


def error(run_name: str, whole_name: str) -> float:
    """Mean absolute error against the complete test split, in standard deviations of the complete training split."""
    run, whole = runs.load(run_name), runs.load(whole_name)
    windows = series_data.windows(run.config, run, "test")
    served = predictor.to_score(run, task.forecaster(run.config, run).endpoints())
    found = window_forecasts.forecast(served, windows)
    truth = series_data.windows(whole.config, whole, "test").read(np.arange(len(windows)))
    return float(np.nanmean(np.abs(truth["targets"] - found.median) / truth["scale"]))


def main() -> None:
    """Trains and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="ETTh1.csv, plain or .gz")
    parser.add_argument("--time", default="date", help="its timestamp column")
    parser.add_argument("--families", nargs="+", choices=FAMILIES, default=FAMILIES)
    arguments = parser.parse_args()
    folder = runs.ROOT / "deleted-tables"
    write_tables(arguments.data, arguments.time, folder)
    table = Table("family", *VARIANTS, title="scaled MAE on the complete test split (increase)", title_justify="left")
    for family in arguments.families:
        names = {variant: f"deleted-{family}-{variant}" for variant in VARIANTS}
        for variant, name in names.items():
            train(name, family, folder / f"{variant}.csv")
        errors = {variant: error(name, names["whole"]) for variant, name in names.items()}
        cells = (f"{score:.4f} ({100 * (score / errors['whole'] - 1):+.1f} %)" for score in errors.values())
        table.add_row(family, *cells)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
