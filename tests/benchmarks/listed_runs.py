"""The time in which `tfmodels runs` lists a thousand runs, each with options, history, report and an export.

    python tests/benchmarks/listed_runs.py

Medians in seconds of the command as a process of its own, and of `tfmodels --version` beside it: of the clock and,
for a machine with other work, of the processor.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pipelines.runs import option_files, report
from pipelines.runs.report import Report
from tfmodels.export.card_file import write_card

_EVALUATIONS = 50
_METRICS = ("accuracy", "macro_f1", "ece", "loss", "ece_uncalibrated", "loss_uncalibrated")


def write_runs(folder: Path, count: int) -> None:
    """Writes runs of which nothing was trained, of the size that real ones have.

    Args:
        folder: Where `runs/` and `saved_models/` are made.
        count: Their number.

    Example:
        `write_runs(Path("many"), 1_000)`
    """
    family = dict.fromkeys(("dropout", "attention_dropout", "d_model", "num_layers", "num_heads", "share"), 0.1)
    training = {f"option_{number}": number for number in range(40)}
    for number in range(count):
        path = folder / "runs" / f"run-{number}"
        path.mkdir(parents=True)
        options = {"format": 2, "task": "classification", "data": "reviews", "model": "lstm", "lstm": family}
        option_files.write(path / "config.yaml", {**options, "training": {**training, "seed": number, "steps": 1000}})
        evaluation = {"epoch": 1.0, "train_loss": 1.0, "val_loss": 2.0, "seconds": 3.0}
        history = [{"step": 20 * (1 + step), **evaluation} for step in range(_EVALUATIONS)]
        (path / "history.json").write_text(json.dumps(history))
        scores = dict.fromkeys(_METRICS, number / count)
        classes = [[f"class {place}", 90.0, 90.0, 90.0, 100] for place in range(20)]
        example = {"kind": "best", "input": "A fine film. " * 20, "reference": "positive", "output": "positive"}
        found = Report(
            task="classification", model="LSTM", split="validation",
            primary={"metric": "accuracy", "higher_is_better": True}, metrics=scores,
            baselines=dict.fromkeys(("majority class", "linear", "linear on characters"), scores),
            tables=[{"title": "by class", "columns": ["class", "p", "r", "f1", "texts"], "rows": classes}] * 2,
            examples=[example] * 6, seed=number, parameters=1234, train_seconds=61.0, command="tfmodels fit",
            notes=["a note of a sentence or two"] * 8,
        )  # fmt: skip
        report.write(found, path)
        export = folder / "saved_models" / f"run-{number}" / "1"
        export.mkdir(parents=True)
        write_card(export, {"task": "classification", "run": {"name": path.name}, "columns": ["text"] * 50})


def seconds(arguments: list[str], folder: Path) -> tuple[float, float]:
    """The seconds of a command, of the clock and of the processor."""
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "tfmodels", *arguments]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - start, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        write_runs(Path(name), options.runs)
        for arguments in (["--version"], ["runs"], ["runs", "--json"]):
            times = [seconds(arguments, Path(name)) for _ in range(options.rounds)]
            clock, processor = map(statistics.median, zip(*times, strict=True))
            print(f"tfmodels {' '.join(arguments)}: {clock:.2f} s, of the processor {processor:.2f} s")


if __name__ == "__main__":
    main()
