"""Trains and evaluates the forecasters of the recipes.

If repeated, the command skips finished runs and resumes an interrupted one; each run is evaluated once on the test
split. It ends with one table per split. The data sets are folders under `--data`, named as below.

    python tests/benchmarks/forecasting_scores.py --data folder/of/data
    python tests/benchmarks/forecasting_scores.py --data folder/of/data --only etth1-96 i94 --without_test

Most are trained with the seeds 0, 1 and 2, each a run such as `i94-seed-0`; the table has their means and sample
standard deviations.
"""

import argparse
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from pipelines import runs
from pipelines.runs import report
from pipelines.runs.reports import several

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
_FUTURE = ("--center", "training", "--past", "", "--known", "DEWP,TEMP,PRES,cbwd,Iws,Is,Ir")


SEEDS = (0, 1, 2)


@dataclass(frozen=True)
class Benchmark:
    """One training, or several that differ in their seed alone.

    Attributes:
        run: Name of the run, or what the names of the runs begin with.
        config: Name of the recipe.
        data: Path of the data under `--data`.
        metrics: Metrics to show.
        options: Further options of `tfmodels fit forecasting`.
        seeds: Their seeds; empty for one run with that of the recipe.
    """

    run: str
    config: str
    data: str
    metrics: tuple[str, ...]
    options: tuple[str, ...] = ()
    seeds: tuple[int, ...] = ()

    @property
    def runs(self) -> list[str]:
        """The names of its runs."""
        return [f"{self.run}-seed-{seed}" for seed in self.seeds] or [self.run]


def seeded(name: str, config: str, data: str, metrics: tuple[str, ...], *options: str) -> Benchmark:
    """The same training with three seeds."""
    return Benchmark(name, config, data, metrics, options, SEEDS)


def report_file(run: str, split: str) -> Path:
    """The report of a run, which may not have been written."""
    return runs.ROOT / run / ("report.json" if split == "validation" else f"report.{split}.json")


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
    seeded("pems", "pems_flow", "pems_flow", ("rmse", "mae")),
    seeded("weather", "weather", "weather/weather.csv", ("mae",)),
    seeded("i94", "i94_traffic", I94, ("mae",)),
    seeded("pm25", "beijing_pm25", PM25, ("mae",)),
    seeded("pm25-future", "beijing_pm25", PM25, ("mae",), *_FUTURE),
    seeded("stocks", "stocks", STOCKS, DIRECTION),
    *etth1(96),
    *etth1(192),
    *etth1(336),
    *etth1(720),
    Benchmark("m4-hourly", "m4_hourly", "m4_hourly", ("mase", "smape", "msis_95", "coverage_95")),
    seeded("pjm", "pjm_electricity", "pjm_electricity", ("series_mape", "mape", "mae")),
    seeded("pjm-without-dayton", "pjm_electricity", "pjm_electricity", ("series_mape",), "--hold_out", "DAYTON_hourly"),
]


def train(benchmark: Benchmark, data: Path, with_test: bool) -> bool:
    """Trains and evaluates what is not finished, and returns whether that succeeded."""
    source = data / benchmark.data
    if benchmark.data == STOCKS:
        source = Path("acl18.csv")
        if not source.exists() and not _run([HERE / "stocks_table.py", data / STOCKS, source]):
            return False
    tfmodels = ["-m", "tfmodels"]
    fit = [*tfmodels, "fit", "forecasting", "--config", benchmark.config, "--data", source, "--run", benchmark.run]
    seeds = ["--seeds", ",".join(map(str, benchmark.seeds))] if benchmark.seeds else []
    untrained = [run for run in benchmark.runs if not report_file(run, "validation").is_file()]
    if untrained and not _run([*fit, *benchmark.options, *seeds]):
        return False
    unscored = [run for run in benchmark.runs if with_test and not report_file(run, "test").is_file()]
    return not unscored or _run([*tfmodels, "evaluate", *unscored, "--split", "test"])


def table(benchmarks: list[Benchmark], split: str) -> Table:
    """A row for each metric of each benchmark."""
    result = Table(title=f"{split} split", title_justify="left")
    for column in ("run", "model", "minutes", "metric", "score", "best baseline", *BASELINES):
        result.add_column(column, justify="left" if column in ("run", "model", "metric") else "right")
    for benchmark in benchmarks:
        files = {run: report_file(run, split) for run in benchmark.runs}
        reports = {run: report.read(file) for run, file in files.items() if file.is_file()}
        if len(reports) < len(files):
            result.add_row(benchmark.run, "-")
            continue
        found, first = several.summary(reports), next(iter(reports.values()))
        minutes = sum(one.train_seconds for one in reports.values()) / len(reports) / 60
        names = (benchmark.run, found["model"], f"{minutes:.1f}")
        for metric in benchmark.metrics:
            of_baselines = (found["baselines"].get(name) for name in (first.best_baseline, *BASELINES))
            scores = [found["metrics"].get(metric), *(one and one.get(metric) for one in of_baselines)]
            result.add_row(*names, metric, *map(_cell, scores))
            names = ("", "", "")
    return result


def _cell(score: dict[str, float | None] | None) -> str:
    """The mean, with the spread if there are several scores that differ."""
    if not score or score["mean"] is None:
        return "-"
    return f"{score['mean']:.4g}" + (f" ± {score['spread']:.2g}" if score["spread"] else "")


def _run(command: list) -> bool:
    command = [str(part) for part in command]
    print(f"$ {' '.join(command)}", flush=True)
    return subprocess.run([sys.executable, *command]).returncode == 0


def main() -> None:
    """Trains, evaluates and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    parser.add_argument("--only", nargs="+", metavar="RUN", help="only these, with all their seeds")
    parser.add_argument("--without_test", action="store_true", help="do not evaluate on the test split")
    arguments = parser.parse_args()
    names = [one.run for one in BENCHMARKS]
    if unknown := sorted(set(arguments.only or ()) - set(names)):
        parser.error(f"Expected runs of {', '.join(names)}. Received: {', '.join(unknown)}")
    chosen = [one for one in BENCHMARKS if not arguments.only or one.run in arguments.only]
    failed = [one.run for one in chosen if not train(one, arguments.data, not arguments.without_test)]
    for split in ("validation",) if arguments.without_test else ("validation", "test"):
        Console(width=140).print(table(chosen, split))
    if failed:
        sys.exit(f"Failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
