"""How soon the command answers: the time to import the package, to help, and to refuse what is wrong.

    python tests/benchmarks/first_answers.py

Each is a process of its own, in a folder without runs. Medians, also as multiples of `python -c pass` in the same
round: a busy machine slows both.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[2]
PYTHON = {"python -c pass": "pass", "import tensorflow": "import tensorflow", "import tfmodels": "import tfmodels"}
COMMANDS = (
    "--version",
    "--help",
    "fit translation --help",
    "completion words fit translation --training.",
    "fit translation --lr 0.1",
    "fit translation --config nowhere",
    "fit translation --data nowhere",
    "fit translation --data cldr --source xx",
    "fit translation --teacher nowhere",
    "fit classification --data nowhere",
    "fit forecasting --data nowhere",
    "evaluate nowhere",
    "export nowhere",
    "check nowhere",
    "predict nowhere text",
    "serve nowhere",
    "predict --url http://localhost:1/v1/models/demo text",
    "predict --url grpc://localhost:1/v1/models/demo text",
    "predict --url http://nowhere.invalid/v1/models/demo text",
)


def seconds(words: list[str], folder: str) -> float:
    """The seconds of a Python process, whatever its exit status."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    start = time.perf_counter()
    subprocess.run([sys.executable, *words], cwd=folder, env=environment, capture_output=True, check=False)
    return time.perf_counter() - start


def main() -> None:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="measured rounds, after one that is not")
    parser.add_argument("--without_tensorflow", action="store_true", help="leave out `import tensorflow`")
    options = parser.parse_args()
    processes = {name: ["-c", code] for name, code in PYTHON.items()}
    processes |= {f"tfmodels {words}": ["-m", "tfmodels", *words.split()] for words in COMMANDS}
    if options.without_tensorflow:
        del processes["import tensorflow"]
    rounds = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.rounds + 1):  # the first lets Python compile modules
            measured = {name: seconds(words, folder) for name, words in processes.items()}
            rounds += [measured] if number else []
    table = Table("process", "seconds", "times `python -c pass`")
    for name in processes:
        ratios = [one[name] / one["python -c pass"] for one in rounds]
        middle = statistics.median(one[name] for one in rounds)
        table.add_row(name, f"{middle:.2f}", f"{statistics.median(ratios):.1f}")
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
