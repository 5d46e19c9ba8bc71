"""Scores the baselines of the forecasting recipes on validation and test; no network is trained.

The data sets are folders under `--data`, named as in `forecasting_scores.py`, whose runs are prepared or opened.

    python tests/benchmarks/forecast_baselines.py --data folder/of/data
    python tests/benchmarks/forecast_baselines.py --data folder/of/data --only i94 pjm
"""

import argparse
import resource
import time
from pathlib import Path

import numpy as np
from forecasting_scores import BENCHMARKS, Benchmark
from rich.console import Console
from rich.table import Table

from pipelines import runs
from pipelines.forecasting import series_data, task, window_scores
from pipelines.forecasting.baselines import window_baselines
from pipelines.forecasting.window_forecasts import Forecasts, last_values, pieces
from pipelines.runs import registry, settings
from pipelines.runs.rows import quantile_levels
from pipelines.runs.starting import preparation

RECIPES = ("pems", "weather", "i94", "pm25", "pm25-future", "etth1-96", "m4-hourly", "pjm", "pjm-without-dayton")
SHOWN = ("seasonal naive", "ridge", "least absolute errors", window_baselines.TREES)


def prepared(benchmark: Benchmark, data: Path) -> runs.Run:
    """The run of a recipe, with its data read; of several seeds the first, since no baseline has one."""
    arguments = ["--config", benchmark.config, "--data", str(data / benchmark.data), *benchmark.options]
    arguments += ["--training.seed", str(benchmark.seeds[0])] if benchmark.seeds else []
    parser = settings.parser(task.Config, prog="forecasting")
    config = settings.build(task.Config, settings.parse(parser, task.Config, arguments, "forecasting"))
    return preparation.prepare(task, runs.create(registry.full_name("forecasting"), config, benchmark.runs[0]))


def scores(run: runs.Run, split: str) -> dict[str, dict[str, float]]:
    """Baseline -> metric -> score, of all series or of those that are held out."""
    config = run.config
    held_out = config.hold_out and split == "test"
    windows = (series_data.held_out_windows if held_out else series_data.windows)(config, run, split)
    read = [part for _, part in pieces(windows)]
    values, targets, times, scale = (
        np.concatenate([part[name] for part in read]) for name in ("values", "targets", "time", "scale")
    )
    found = window_baselines.forecasts(config, run, windows)
    naive = found["seasonal naive"]
    error = window_scores.seasonal_errors(windows.rows, series_data.season(config, run), split)
    series, _ = windows.locate(np.arange(len(windows)))
    result = {}
    for name, mean in found.items():
        forecasts = Forecasts(
            series=series,
            time=times[:, windows.context :],
            last=last_values(values),
            targets=targets,
            scale=scale,
            mean=mean,
            median=mean,
            quantiles=mean[..., np.newaxis][..., :0],
        )
        result[name] = window_scores.scores(forecasts, quantile_levels.parse(config.levels), error, naive)
    return result


def main() -> None:
    """Prepares the runs, and prints a table of each split."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    parser.add_argument("--only", nargs="+", metavar="RUN", choices=RECIPES, default=RECIPES)
    parser.add_argument("--without_test", action="store_true", help="do not score the test split")
    arguments = parser.parse_args()
    for split in ("validation",) if arguments.without_test else ("validation", "test"):
        table = Table("run", "metric", *SHOWN, title=f"{split} split", title_justify="left")
        for benchmark in (one for one in BENCHMARKS if one.run in arguments.only):
            run = prepared(benchmark, arguments.data)
            start, used = time.perf_counter(), time.process_time()
            found = scores(run, split)
            took = time.perf_counter() - start, time.process_time() - used
            for metric in (metric for metric in benchmark.metrics if metric in found["seasonal naive"]):
                cells = (f"{found[name][metric]:.4g}" if name in found else "" for name in SHOWN)
                table.add_row(benchmark.run, metric, *cells)
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
            print(
                f"{benchmark.run}, {split}: {took[0]:.0f} s, {took[1]:.0f} of processors, peak so far {memory:.1f} GB"
            )
        Console(width=160).print(table)


if __name__ == "__main__":
    main()
