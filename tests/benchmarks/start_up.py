"""How long a user waits for the first step of `fit`, and for the answer of `predict`.

    python tests/benchmarks/start_up.py --data /data/multi30k

Seconds from the command, each in a process of its own, medians of the runs, beside what `import tensorflow` takes
alone. One run of each goes before, uncounted: it prepares the data, and Python compiles its modules.
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
    """Runs `tfmodels` with these arguments and says when a step of training has ended; there the process ends."""
    from pipelines.cli import main
    from tfmodels.training.callbacks.progress import ProgressBar

    def ended(bar: ProgressBar, batch: int, logs: dict | None = None) -> None:
        print(f"ended {time.time()}", flush=True)
        raise KeyboardInterrupt

    ProgressBar.on_train_batch_end = ended
    main.main(arguments)


def seconds_to_first_step(arguments: list[str], folder: Path) -> float:
    """Starts training in a folder of its own and waits for its first step."""
    start = time.time()
    command = [sys.executable, __file__, "--first_step", *arguments]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    ends = [line.split()[1] for line in result.stdout.splitlines() if line.startswith("ended ")]
    if not ends:
        raise RuntimeError(f"Expected a step of training. Received: {result.stderr[-2000:]}")
    return float(ends[0]) - start


def seconds(command: list[str | Path], folder: Path) -> float:
    """Runs a command."""
    start = time.time()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.time() - start


def main() -> None:
    """Reads the command line, measures, prints the table."""
    if sys.argv[1:2] == ["--first_step"]:
        first_step(sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of Multi30k")
    parser.add_argument("--runs", type=int, default=3, help="counted runs of each")
    arguments = parser.parse_args()
    tfmodels = [sys.executable, "-m", "tfmodels"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fit = ["fit", "translation", "--data", str(arguments.data.resolve())]
        few = ["--training.steps", "2", "--training.interval", "2"]
        seconds([*tfmodels, *fit, "--run", "short", *few], folder)
        seconds([*tfmodels, "export", "short", "--to", "exported"], folder)
        measures = {
            "import tensorflow": lambda run: seconds([sys.executable, "-c", "import tensorflow"], folder),
            "predict, an export, one text": lambda run: seconds([*tfmodels, "predict", "exported", TEXT], folder),
            **{
                f"fit, first step, {model}": lambda run, model=model: seconds_to_first_step(
                    [*fit, "--model", model, "--run", f"{model}-{run}"], folder
                )
                for model in ("transformer", "lstm")
            },
        }
        table = Table("until", "seconds")
        for what, measure in measures.items():
            _, *counted = [measure(run) for run in range(arguments.runs + 1)]
            table.add_row(what, f"{statistics.median(counted):.1f}")
            print(what, [round(taken, 1) for taken in counted], flush=True)
    Console().print(table)


if __name__ == "__main__":
    main()
