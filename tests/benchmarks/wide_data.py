"""Memory and time of a training and its report on wide data: thousands of classes, or of series.

    python tests/benchmarks/wide_data.py classes 3000 --rows 10
    python tests/benchmarks/wide_data.py series 10000 --rows 600

Makes the data, trains a small model for a few steps and reports on the validation split again, each in a process of its
own, and prints the size of the data, the peak memory and seconds of each process, and the sizes of report and figures.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

_SHORT = ["--training.steps", "20", "--training.interval", "10", "--training.warmup_steps", "5"]


def write_classes(path: Path, classes: int, rows: int) -> list[str]:
    """Writes texts whose class two words tell, which other classes have too; returns the options to fit them."""
    random = np.random.default_rng(1)
    own = random.integers(0, 4000, [classes, 6])
    with path.open("w") as file:
        file.write("text,label\n")
        for number in range(rows):
            for label in random.permutation(classes):
                words = [*(random.zipf(1.3, 8) % 4000), *random.choice(own[label], 2)]
                file.write(f"{' '.join(f'w{word}' for word in words)} {number},intent {label}\n")
    network = ["--model", "lstm", "--lstm.num_layers", "1", "--lstm.d_model", "32", "--max_length", "24"]
    return ["classification", "--validation_share", "0.2", *network]


def write_series(path: Path, series: int, rows: int) -> list[str]:
    """Writes hourly series with a day's season, a third of them shorter; returns the options to fit them."""
    random = np.random.default_rng(1)
    hours = np.datetime64("2024-01-01T00", "h") + np.arange(rows)
    with path.open("w") as file:
        file.write("site,hour,load,holiday\n")
        for number in range(series):
            begin = 0 if number % 3 else rows // 3
            load = 10 ** random.uniform(0, 6) * (2 + np.sin(np.arange(rows) * np.pi / 12) + random.normal(0, 0.1, rows))
            file.writelines(
                f"site {number},{hours[step]},{load[step]:.3f},{step // 24 % 7 == 6:d}\n" for step in range(begin, rows)
            )
    columns = ["--time", "hour", "--target", "load", "--series", "site", "--known", "holiday"]
    return ["forecasting", *columns, "--context", "72", "--horizon", "12", "--model", "linear"]


def measured(command: Sequence[str], folder: Path) -> tuple[float, float]:
    """Runs `tfmodels` in a process of its own; its seconds, and its peak memory in MiB."""
    begin = time.perf_counter()
    with (folder / "printed.txt").open("a") as printed:
        process = subprocess.Popen(
            [sys.executable, "-m", "tfmodels", *command], cwd=folder, stdout=printed, stderr=printed
        )
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit((folder / "printed.txt").read_text()[-2000:])
    return time.perf_counter() - begin, usage.ru_maxrss / 1024


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["classes", "series"])
    parser.add_argument("count", type=int)
    parser.add_argument("--rows", type=int, default=10, help="texts of each class, or steps of each series")
    options = parser.parse_args()
    write = {"classes": write_classes, "series": write_series}[options.kind]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        task = write(folder / "data.csv", options.count, options.rows)
        print(f"data: {(folder / 'data.csv').stat().st_size / 2**20:,.0f} MiB")
        seconds, peak = measured(["fit", *task, "--run", "wide", "--data", "data.csv", *_SHORT], folder)
        print(f"fit: {seconds:.0f} s, at most {peak:,.0f} MiB", flush=True)
        seconds, peak = measured(["evaluate", "wide"], folder)
        print(f"evaluate: {seconds:.0f} s, at most {peak:,.0f} MiB", flush=True)
        for file in sorted(folder.glob("runs/wide/*.*")):
            if file.suffix in (".png", ".json"):
                print(f"{file.name}: {file.stat().st_size / 1024:,.0f} KiB")


if __name__ == "__main__":
    main()
