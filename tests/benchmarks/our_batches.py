"""Writes the first batches of our training to a NumPy file, for peers that train on the same batches.

    python tests/benchmarks/our_batches.py --data multi30k --steps 60 --work /tmp/work

The tokens are shared with `our_training_rate.py` by the same `--work` folder.
"""

import argparse
import itertools
import os
from pathlib import Path
from typing import Any

from our_training_rate import peers_config, prepared


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of Multi30k, or its tok sub-folder")
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--work", type=Path, required=True, help="folder of the tokens and of batches.npz")
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    write(arguments.data, arguments.steps, arguments.work)


def write(data: Path, steps: int, work: Path) -> None:
    """Writes `batches.npz`: `<step>/source`, `<step>/target` (it starts with `<s>`) and `<step>/labels` of each step.

    It also has `vocabulary_size` and `tokens_per_step`, the mean of an epoch without padding. The throughput of every
    side is computed from it, so that ratios of throughput are ratios of step times.
    """
    import numpy as np

    from pipelines.seq2seq.data import subwords
    from pipelines.translation import task as translation

    run = prepared(peers_config(data), work)
    batches = translation.datasets(run.config, run)["train"]
    arrays: dict[str, Any] = {
        "vocabulary_size": subwords(run).size,
        "tokens_per_step": batches.tokens_per_epoch / batches.steps_per_epoch,
    }
    for step, (inputs, labels, _) in enumerate(itertools.islice(batches.dataset().as_numpy_iterator(), steps)):
        arrays |= {f"{step}/source": inputs["source"], f"{step}/target": inputs["target"], f"{step}/labels": labels}
    np.savez(work / "batches.npz", **arrays)


if __name__ == "__main__":
    main()
