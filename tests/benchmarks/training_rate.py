"""Compares our training rate with OpenNMT-tf's: Multi30k en-de, a 7.59 M parameter Transformer, float32, on the CPU.

The two sides run in turn, each in a process of its own on the same cores, so that what else the machine does hits both;
only the ratios of one call are comparable. Make the peer's environment first:

    tests/benchmarks/peers/make_opennmt_environment.sh

Example:
    python tests/benchmarks/training_rate.py --data /data/multi30k --steps 60 --pairs 3
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent


def measure(command: list[str | Path]) -> dict[str, float]:
    """Runs a measuring script, shows and returns the JSON object of its last line of output.

    Args:
        command: The interpreter, the script and its arguments.

    Raises:
        subprocess.CalledProcessError: The script failed; its messages are on standard error.
    """
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    result = output.splitlines()[-1]
    print(result, flush=True)  # at once: a later run may fail or be cut off
    return json.loads(result)


def ours(steps: int, data: Path) -> dict[str, float]:
    """Returns our `tokens_per_second`, `peak_memory_bytes` and `parameters`, measured in a child process."""
    return measure([sys.executable, HERE / "our_training_rate.py", "--data", data, "--steps", str(steps)])


def opennmt(steps: int, data: Path, python: Path, work: Path) -> dict[str, float]:
    """Returns the same numbers of OpenNMT-tf, measured in its own environment.

    Args:
        steps: Training steps.
        data: Folder of Multi30k.
        python: The interpreter of the peer's environment.
        work: Folder that keeps the peer's subwords between calls.
    """
    script = HERE / "peers" / "opennmt_training_rate.py"
    return measure([python, "-W", "ignore", script, "--data", data, "--steps", str(steps), "--work", work])


def table(pairs: list[tuple[dict[str, float], dict[str, float]]]) -> Table:
    """Returns one row for each pair (ours, OpenNMT-tf) and a last one of medians."""
    rows = [
        (
            our["tokens_per_second"],
            peer["tokens_per_second"],
            our["tokens_per_second"] / peer["tokens_per_second"],
            our["peak_memory_bytes"] / 2**20,
            peer["peak_memory_bytes"] / 2**20,
        )
        for our, peer in pairs
    ]
    medians = [statistics.median(column) for column in zip(*rows, strict=True)]
    result = Table("pair")
    for name in ("ours, tokens/s", "OpenNMT-tf, tokens/s", "ratio", "ours, peak MiB", "OpenNMT-tf, peak MiB"):
        result.add_column(name, justify="right")
    for label, (our, peer, ratio, *peaks) in [*enumerate(rows, start=1), ("median", medians)]:
        result.add_row(str(label), f"{our:,.0f}", f"{peer:,.0f}", f"{ratio:.2f}", *(f"{peak:,.0f}" for peak in peaks))
    return result


def main() -> None:
    """Reads the command line, runs the pairs, prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of Multi30k, with tok/train*.gz")
    parser.add_argument("--steps", type=int, default=60, help="training steps a run")
    parser.add_argument("--pairs", type=int, default=3, help="runs of each side")
    parser.add_argument("--cores", type=int, default=2, help="CPU cores both sides are held to")
    parser.add_argument("--peer-python", type=Path, default=HERE / ".peer-venv" / "bin" / "python")
    arguments = parser.parse_args()
    if not arguments.peer_python.exists():
        script = HERE / "peers" / "make_opennmt_environment.sh"
        parser.error(f"Expected an interpreter. Received: --peer-python={arguments.peer_python}. Make it with {script}")

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: arguments.cores])  # child processes inherit it
    with tempfile.TemporaryDirectory() as folder:
        pairs = [
            (
                ours(arguments.steps, arguments.data),
                opennmt(arguments.steps, arguments.data, arguments.peer_python, Path(folder)),
            )
            for _ in range(arguments.pairs)
        ]
    console = Console()
    console.print(table(pairs))
    # Last: a child's peak memory starts at what its parent held when it was started.
    from pipelines.benchmarks.matrix_peak import matrix_peak

    peak = matrix_peak()
    console.print(f"Products of float32 matrices on these cores: {peak / 1e9:,.0f} GFLOP/s")
    console.print(f"Parameters: {pairs[0][0]['parameters']:,} ours, {pairs[0][1]['parameters']:,} OpenNMT-tf")


if __name__ == "__main__":
    main()
