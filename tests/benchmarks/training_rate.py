"""Compares our training throughput with peers': Multi30k en-de, a 7.59 M parameter Transformer, on the CPU.

The sides alternate, each in a separate process on the same cores, so that other load affects all of them; only the
ratios of one call are comparable. Our side is `fit` with its input pipeline. Peers:

    opennmt         OpenNMT-tf, its own runner, subwords and batches (needs peers/make_opennmt_environment.sh)
    keras           stock Keras layers and Keras' fit, on our batches
    torch           PyTorch's nn.Transformer, eager, on our batches (needs the extra `peers`)
    torch-compiled  the same with torch.compile: the first steps take minutes (needs a C++ compiler)
    keras-hub       KerasHub's layers and Keras' fit, on our batches (needs peers/make_keras_hub_environment.sh)

Example:
    python tests/benchmarks/training_rate.py --data /data/multi30k --steps 30 --pairs 3
    python tests/benchmarks/training_rate.py --data /data/multi30k --steps 30 --pairs 3 --peers torch torch-compiled
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import paired_runs
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent
PEERS = HERE / "peers"
SIDES = ("opennmt", "keras", "torch", "torch-compiled", "keras-hub")
CHEAP = ("opennmt", "keras", "torch")


def commands(arguments: argparse.Namespace, work: Path) -> dict[str, list[str | Path]]:
    """The measurement commands of all sides.

    Args:
        arguments: The command line.
        work: Folder of tokens and batches.
    """
    steps = ["--steps", str(arguments.steps)]
    precision = ["--precision", arguments.precision]
    on_batches = ["--batches", work / "batches.npz", *precision]
    torch = [sys.executable, PEERS / "torch_training_rate.py", *on_batches]
    opennmt = [arguments.opennmt_python, "-W", "ignore", PEERS / "opennmt_training_rate.py", *steps]
    return {
        "ours": [
            *(sys.executable, HERE / "our_training_rate.py", "--data", arguments.data, "--work", work),
            *(*steps, *precision),
        ],
        "opennmt": [*opennmt, "--data", arguments.data, "--work", work / "opennmt_subwords"],
        "keras": [sys.executable, PEERS / "keras_training_rate.py", *on_batches],
        "torch": torch,
        "torch-compiled": [*torch, "--compile"],
        "keras-hub": [arguments.keras_hub_python, PEERS / "keras_hub_training_rate.py", *on_batches],
    }


def table(measured: Sequence[paired_runs.Round], peers: Sequence[str]) -> Table:
    """A row for each peer and round, and a row of medians for each peer."""
    result = Table("peer", "round")
    for name in ("ours, tokens/s", "peer, tokens/s", "ratio", "ours, peak MiB", "peer, peak MiB"):
        result.add_column(name, justify="right")
    for peer in peers:
        for number, round_ in enumerate(measured, start=1):
            result.add_row(peer, str(number), *_cells([round_], peer))
        result.add_row(peer, "median", *_cells(measured, peer), end_section=True)
    return result


def _cells(measured: Sequence[paired_runs.Round], peer: str) -> list[str]:
    rates = [f"{paired_runs.median(measured, side, 'tokens_per_second'):,.0f}" for side in ("ours", peer)]
    peaks = [f"{paired_runs.median(measured, side, 'peak_memory_bytes') / 2**20:,.0f}" for side in ("ours", peer)]
    return [*rates, f"{paired_runs.median_ratio(measured, 'ours', peer, 'tokens_per_second'):.2f}", *peaks]


def main() -> None:
    """Runs the rounds and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of Multi30k, with tok/train*.gz")
    parser.add_argument("--peers", nargs="+", choices=SIDES, default=CHEAP, help=f"default: {' '.join(CHEAP)}")
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="float32", help="not for opennmt")
    parser.add_argument("--steps", type=int, default=60, help="training steps per run; the first 10 are a warm-up")
    parser.add_argument("--pairs", type=int, default=3, help="rounds, each with one run of every side")
    parser.add_argument("--cores", type=int, default=2, help="number of CPU cores of every side")
    parser.add_argument("--work", type=Path, help="folder that keeps subwords and tokens for further calls")
    parser.add_argument("--opennmt_python", type=Path, default=HERE / ".peer-venv" / "bin" / "python")
    parser.add_argument("--keras_hub_python", type=Path, default=HERE / ".keras-hub-venv" / "bin" / "python")
    arguments = parser.parse_args()
    for peer, option in {"opennmt": arguments.opennmt_python, "keras-hub": arguments.keras_hub_python}.items():
        if peer in arguments.peers and not option.exists():
            name = peer.replace("-", "_")
            script = PEERS / f"make_{name}_environment.sh"
            parser.error(f"Expected an interpreter. Received: --{name}_python={option}. Make it with {script}")

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    paired_runs.limit_cores(arguments.cores)
    with tempfile.TemporaryDirectory() as folder:
        work = arguments.work or Path(folder)
        writer = HERE / "our_batches.py"
        steps = str(arguments.steps)
        paired_runs.run([sys.executable, writer, "--data", arguments.data, "--steps", steps, "--work", work])
        scripts = commands(arguments, work)
        measured = paired_runs.rounds({side: scripts[side] for side in ("ours", *arguments.peers)}, arguments.pairs)
    console = Console()
    console.print(table(measured, arguments.peers))
    # At the end, since the peak memory of a child process starts at the memory of its parent.
    from pipelines.benchmarks.matrix_peak import matrix_peak

    peak = matrix_peak(arguments.precision)
    console.print(f"Matrix-product peak of these cores in {arguments.precision}: {peak / 1e9:,.0f} GFLOP/s")
    parameters = (f"{measured[0][side]['parameters']:,} {side}" for side in measured[0])
    console.print(f"Parameters: {', '.join(parameters)}")


if __name__ == "__main__":
    main()
