"""Compares our decoding speed with peers': Transformers of 7.59 M random parameters, 50 forced steps, on the CPU.

Batches of 1 and 32 sentences of Multi30k, greedy search and a beam of 4, in process: our export and that of OpenNMT-tf
in a session as in a server, CTranslate2 in its own engine. Our export takes and returns raw text, the peers take and
return tokens. The sides alternate, each in a separate process on the same cores; only the ratios of one call are
comparable.

    opennmt              OpenNMT-tf's SavedModel with its own TensorFlow 2.12
    opennmt-new          the same SavedModel with our TensorFlow
    ctranslate2          CTranslate2, float32, weights converted from OpenNMT-tf
    ctranslate2-int8     the same in int8

Make the peers' environment first:

    tests/benchmarks/peers/make_opennmt_environment.sh

Example:
    python tests/benchmarks/decoding_against_peers.py --data /data/multi30k --pairs 3
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
OURS, OPENNMT, CTRANSLATE2 = HERE / "our_decoding.py", PEERS / "opennmt_decoding.py", PEERS / "ctranslate2_decoding.py"
SIDES = ("opennmt", "opennmt-new", "ctranslate2", "ctranslate2-int8")


def commands(arguments: argparse.Namespace, work: Path) -> dict[str, list[str | Path]]:
    """The measurement commands of all sides.

    Args:
        arguments: The command line.
        work: Folder of the exports.
    """
    python, runs = arguments.opennmt_python, ["--work", work, "--runs", str(arguments.runs)]
    return {
        "ours": [sys.executable, OURS, "measure", *runs],
        "opennmt": [python, OPENNMT, "measure", *runs],
        "opennmt-new": [sys.executable, OPENNMT, "measure", *runs],
        "ctranslate2": [python, CTRANSLATE2, *runs],
        "ctranslate2-int8": [python, CTRANSLATE2, *runs, "--type", "int8"],
    }


def table(measured: Sequence[paired_runs.Round]) -> Table:
    """A row for each decoding mode, batch size and peer: medians of the times and of our speed-up."""
    result = Table("decoding", "peer")
    for name in ("ours, ms", "peer, ms", "speed-up"):
        result.add_column(name, justify="right")
    peers = [side for side in measured[0] if side != "ours"]
    for name in measured[0]["ours"]:
        for peer in peers:
            ours, other = (f"{paired_runs.median(measured, side, name):,.0f}" for side in ("ours", peer))
            faster = paired_runs.median_ratio(measured, peer, "ours", name)
            result.add_row(name, peer, ours, other, f"{faster:.2f}", end_section=peer == peers[-1])
    return result


def main() -> None:
    """Makes the exports, runs the rounds and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of Multi30k, with tok/train*.gz")
    parser.add_argument("--peers", nargs="+", choices=SIDES, default=SIDES, help="default: all")
    parser.add_argument("--runs", type=int, default=10, help="measured batches of each mode, size and round")
    parser.add_argument("--pairs", type=int, default=3, help="rounds, each with one run of every side")
    parser.add_argument("--cores", type=int, default=2, help="number of CPU cores of every side")
    parser.add_argument("--work", type=Path, help="folder that keeps the exports for the next call")
    parser.add_argument("--opennmt_python", type=Path, default=HERE / ".peer-venv" / "bin" / "python")
    arguments = parser.parse_args()
    if not arguments.opennmt_python.exists():
        script = PEERS / "make_opennmt_environment.sh"
        parser.error(
            f"Expected an interpreter. Received: --opennmt_python={arguments.opennmt_python}. Make it with {script}"
        )

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    paired_runs.limit_cores(arguments.cores)
    with tempfile.TemporaryDirectory() as folder:
        work = arguments.work or Path(folder)
        if not (work / "ours" / "beam 4").is_dir():
            paired_runs.run([sys.executable, OURS, "make", "--data", arguments.data, "--work", work])
        if not (work / "ctranslate2" / "int8").is_dir():
            paired_runs.run([arguments.opennmt_python, "-W", "ignore", OPENNMT, "make", "--work", work])
        scripts = commands(arguments, work)
        measured = paired_runs.rounds({side: scripts[side] for side in ("ours", *arguments.peers)}, arguments.pairs)
    Console().print(table(measured))


if __name__ == "__main__":
    main()
