"""Trains and evaluates the forecasters of the recipes.

If repeated, the command skips finished runs and resumes an interrupted one; each run is evaluated once on the test
split. It ends with one table per split. The data sets are folders under `--data`, named as below.

    python tests/benchmarks/forecasting_scores.py --data folder/of/data
    python tests/benchmarks/forecasting_scores.py --data folder/of/data --only etth1-96 i94 --without_test

Most are trained with the seeds 0, 1 and 2, each a run such as `i94-0`; their mean and spread are printed below the
tables.
"""

import argparse
import itertools
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from pipelines import runs
from pipelines.runs import report
from pipelines.runs.report import Report

HERE = Path(__file__).parent
STOCKS = "stocks/acl18_stocknet_price.tar.gz"  # `stocks_table.py` converts it to a table
_PATCHES = ("--model", "transformer", "--transformer.d_model", "16")
_PATCHES += ("--transformer.num_layers", "3", "--transformer.patch", "16", "--transformer.dropout", "0.3")
_PATCHES += ("--context", "336", "--training.learning_rate", "1e-3", "--training.batch_tokens", "21504")
_ATTENTION = ("--model", "attention_lstm")
_ATTENTION += ("--attention_lstm.d_model", "32", "--attention_lstm.num_layers", "1", "--attention_lstm.patch", "24")
_ATTENTION += ("--attention_lstm.dropout", "0.3", "--context", "336")
_ATTENTION += ("--training.learning_rate", "2e-3", "--training.batch_tokens", "21504")
_HELD_OUT = ("--hold_out", "DAYTON_hourly")
_FUTURE = ("--past", "", "--known", "DEWP,TEMP,PRES,cbwd,Iws,Is,Ir")


@dataclass(frozen=True)
class Benchmark:
    """One training.

    Attributes:
        run: Name of the run.
        config: Name of the recipe.
        data: Path of the data under `--data`.
        metrics: Metrics to show.
        options: Further options of `tfmodels fit forecasting`.
        group: Name of those that differ in their seed alone; by default that of the run.
    """

    run: str
    config: str
    data: str
    metrics: tuple[str, ...]
    options: tuple[str, ...] = ()
    group: str = ""

    def report(self, split: str) -> Report | None:
        """The report of a split; None if it was not evaluated."""
        file = runs.ROOT / self.run / ("report.json" if split == "validation" else f"report.{split}.json")
        return report.read(file) if file.is_file() else None


def seeded(name: str, config: str, data: str, metrics: tuple[str, ...], *options: str) -> list[Benchmark]:
    """The same training with three seeds."""
    return [
        Benchmark(f"{name}-{seed}", config, data, metrics, (*options, "--training.seed", str(seed)), name)
        for seed in range(3)
    ]


def etth1(horizon: int) -> list[Benchmark]:
    """The linear model, the LSTM with attention and the Transformer over patches, for one horizon."""
    metrics, options = ("scaled_mse", "scaled_mae"), ("--horizon", str(horizon))
    data = "etth1/ETTh1.csv.gz"
    linear = ("--context", "336") if horizon >= 336 else ()  # better than 512 on validation; not tried for 96 and 192
    return [
        Benchmark(f"etth1-{horizon}", "etth1", data, metrics, (*options, *linear)),
        Benchmark(f"etth1-{horizon}-attention-lstm", "etth1", data, metrics, (*options, *_ATTENTION)),
        Benchmark(f"etth1-{horizon}-transformer", "etth1", data, metrics, (*options, *_PATCHES)),
    ]


I94 = "i94_traffic/Metro_Interstate_Traffic_Volume.csv.gz"
PM25 = "beijing_pm25/pollution.csv.gz"
BASELINES = ("seasonal naive", "ridge", "boosted trees")
DIRECTION = ("direction_accuracy", "direction_mcc")
BENCHMARKS = [
    *seeded("pems", "pems_flow", "pems_flow", ("rmse", "mae")),
    *seeded("weather", "weather", "weather/weather.csv", ("mae",)),
    *seeded("i94", "i94_traffic", I94, ("mae",)),
    *seeded("pm25", "beijing_pm25", PM25, ("mae",)),
    *seeded("pm25-future", "beijing_pm25", PM25, ("mae",), *_FUTURE),
    *seeded("stocks", "stocks", STOCKS, DIRECTION),
    *etth1(96),
    *etth1(192),
    *etth1(336),
    *etth1(720),
    Benchmark("m4-hourly", "m4_hourly", "m4_hourly", ("mase", "smape", "msis_95", "coverage_95")),
    *seeded("pjm", "pjm_electricity", "pjm_electricity", ("series_mape", "mape", "mae")),
    *seeded(
        "pjm-without-dayton", "pjm_electricity", "pjm_electricity", ("series_mape",), "--hold_out", "DAYTON_hourly"
    ),
]


def train(benchmark: Benchmark, data: Path, with_test: bool) -> bool:
    """Trains and evaluates a run unless it is finished, and returns whether that succeeded."""
    source = data / benchmark.data
    if benchmark.data == STOCKS:
        source = Path("acl18.csv")
        if not source.exists() and not _run([HERE / "stocks_table.py", data / STOCKS, source]):
            return False
    tfmodels = ["-m", "tfmodels"]
    fit = [*tfmodels, "fit", "forecasting", "--config", benchmark.config, "--data", source]
    if not benchmark.report("validation") and not _run([*fit, "--run", benchmark.run, *benchmark.options]):
        return False
    if not with_test or benchmark.report("test"):
        return True
    return _run([*tfmodels, "evaluate", benchmark.run, "--split", "test"])


def table(benchmarks: list[Benchmark], split: str) -> Table:
    """A row for each metric of each run."""
    result = Table(title=f"{split} split", title_justify="left")
    for column in ("run", "model", "minutes", "metric", "score", "best baseline", *BASELINES):
        result.add_column(column, justify="left" if column in ("run", "model", "metric") else "right")
    for benchmark in benchmarks:
        scored = benchmark.report(split)
        if not scored:
            result.add_row(benchmark.run, "-")
            continue
        names = (benchmark.run, scored.model, f"{scored.train_seconds / 60:.1f}")
        for metric in benchmark.metrics:
            baselines = [
                scored.baselines.get(name, {}).get(metric) for name in (scored.best_baseline or "", *BASELINES)
            ]
            result.add_row(*names, metric, *(_cell(value) for value in (scored.metrics.get(metric), *baselines)))
            names = ("", "", "")
    return result


def spread(group: list[Benchmark], split: str) -> str:
    """Mean and standard deviation over the seeds of one training; empty unless several are evaluated, and all."""
    reports = [scored for one in group if (scored := one.report(split))]
    if len(reports) < max(2, len(group)):
        return ""
    parts = []
    for metric in group[0].metrics:
        scores = [one.metrics[metric] or 0.0 for one in reports]  # never None there
        parts.append(f"{metric} {statistics.mean(scores):.4g} ± {statistics.stdev(scores):.2g}")
    return f"{group[0].group}, {split}, {len(reports)} seeds: {', '.join(parts)}"


def _cell(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _run(command: list) -> bool:
    command = [str(part) for part in command]
    print(f"$ {' '.join(command)}", flush=True)
    return subprocess.run([sys.executable, *command]).returncode == 0


def main() -> None:
    """Trains, evaluates and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    parser.add_argument("--only", nargs="+", metavar="RUN", help="only these runs, or these with all seeds")
    parser.add_argument("--without_test", action="store_true", help="do not evaluate on the test split")
    arguments = parser.parse_args()
    names = dict.fromkeys(name for one in BENCHMARKS for name in (one.group, one.run) if name)
    if unknown := sorted(set(arguments.only or ()) - set(names)):
        parser.error(f"Expected runs of {', '.join(names)}. Received: {', '.join(unknown)}")
    chosen = [one for one in BENCHMARKS if not arguments.only or {one.run, one.group} & set(arguments.only)]
    failed = [one.run for one in chosen if not train(one, arguments.data, not arguments.without_test)]
    for split in ("validation",) if arguments.without_test else ("validation", "test"):
        Console(width=140).print(table(chosen, split))
        for _, group in itertools.groupby(chosen, lambda one: one.group or one.run):
            if line := spread(list(group), split):
                print(line)
    if failed:
        sys.exit(f"Failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
