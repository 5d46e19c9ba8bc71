"""Start-up time: from the command to the first step of `fit`, and to the output of `predict`.

    python tests/benchmarks/start_up.py --data /data/multi30k

Medians in seconds, each run in a separate process, with the time of `import tensorflow` for comparison. A warm-up run
of each prepares the data and lets Python compile its modules.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

TEXT = "A dog runs through the snow."


def first_step(arguments: list[str]) -> None:
    """Runs `tfmodels`, prints the time at which the first training step ends, and ends the process."""
    from pipelines.cli import main
    from tfmodels.training.callbacks.progress import ProgressBar

    def ended(self: ProgressBar, batch: int, logs: dict | None = None) -> None:
        print(f"ended {time.time()}", flush=True)
        raise KeyboardInterrupt

    ProgressBar.on_train_batch_end = ended
    main.main(arguments)


def seconds_to_first_step(arguments: list[str], folder: Path) -> float:
    """Starts a training and waits for its first step."""
    start = time.time()
    command = [sys.executable, __file__, "--first_step", *arguments]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    ends = [line.split()[1] for line in result.stdout.splitlines() if line.startswith("ended ")]
    if not ends:
        raise RuntimeError(f"Expected a training step. Received: {result.stderr[-2000:]}")
    return float(ends[0]) - start


def seconds(command: list[str | Path], folder: Path) -> float:
    """The seconds of a command."""
    start = time.time()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.time() - start


def main() -> None:
    """Measures and prints the table."""
    if sys.argv[1:2] == ["--first_step"]:
        first_step(sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of Multi30k")
    parser.add_argument("--runs", type=int, default=3, help="measured runs of each command")
    arguments = parser.parse_args()
    tfmodels = [sys.executable, "-m", "tfmodels"]
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        fit = ["fit", "translation", "--data", str(arguments.data.resolve())]
        few = ["--training.steps", "2", "--training.interval", "2"]
        seconds([*tfmodels, *fit, "--run", "short", *few], folder)
        seconds([*tfmodels, "export", "short", "--to", "exported"], folder)
        measures = {
            "import tensorflow": lambda run: seconds([sys.executable, "-c", "import tensorflow"], folder),
            "predict, one text with an export": lambda run: seconds([*tfmodels, "predict", "exported", TEXT], folder),
            **{
                f"fit, first step, {model}": lambda run, model=model: seconds_to_first_step(
                    [*fit, "--model", model, "--run", f"{model}-{run}"], folder
                )
                for model in ("transformer", "lstm")
            },
        }
        table = Table("command", "seconds")
        for name, measure in measures.items():
            _, *measured = [measure(run) for run in range(arguments.runs + 1)]  # the first is a warm-up
            table.add_row(name, f"{statistics.median(measured):.1f}")
            print(name, [round(duration, 1) for duration in measured], flush=True)
    Console().print(table)


if __name__ == "__main__":
    main()
