"""CTranslate2's side of `decoding_against_peers.py`, with the weights converted by `opennmt_decoding.py make`.

Runs in the environment of OpenNMT-tf, on all cores available to the process.

    .peer-venv/bin/python peers/ctranslate2_decoding.py --work /tmp/work --type int8
"""

import argparse
import json
import os
from pathlib import Path

import ctranslate2
from decoding_times import BEAMS, STEPS, check_forced, milliseconds
from opennmt_decoding import QUANTIZATIONS, read


def measure(work: Path, kind: str, runs: int) -> dict[str, float]:
    """Milliseconds by decoding mode and batch size."""
    cores = len(os.sched_getaffinity(0))
    translator = ctranslate2.Translator(
        str(work / "ctranslate2" / kind), compute_type=kind, inter_threads=1, intra_threads=cores
    )

    def decode(mode: str, batch: list[list[str]]) -> None:
        outputs = translator.translate_batch(
            batch, beam_size=BEAMS[mode], min_decoding_length=STEPS, max_decoding_length=STEPS
        )
        check_forced([len(each.hypotheses[0]) for each in outputs], STEPS)

    return milliseconds(decode, read(work), runs)


def main() -> None:
    """Measures and prints the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--work", type=Path, required=True, help="folder of the output of opennmt_decoding.py make")
    parser.add_argument("--type", choices=QUANTIZATIONS, default="float32")
    parser.add_argument("--runs", type=int, default=10, help="measured batches of each mode and size")
    arguments = parser.parse_args()
    print(json.dumps(measure(arguments.work, arguments.type, arguments.runs)))


if __name__ == "__main__":
    main()
