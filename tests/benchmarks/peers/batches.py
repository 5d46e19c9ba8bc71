"""The batches that `our_batches.py` wrote, for peers in any environment."""

from pathlib import Path
from typing import NamedTuple

import numpy as np


class Batch(NamedTuple):
    """Ids, int32 `[rows, time]`, padded with 0; `target` is `labels` one step late."""

    source: np.ndarray
    target: np.ndarray
    labels: np.ndarray


class Batches(NamedTuple):
    """The batches of some steps, with what is counted by."""

    steps: list[Batch]
    vocabulary_size: int
    tokens_per_step: float


def read(path: Path) -> Batches:
    """Reads `batches.npz`."""
    with np.load(path) as arrays:
        count = sum(name.endswith("/source") for name in arrays)
        steps = [Batch(*(arrays[f"{step}/{name}"] for name in Batch._fields)) for step in range(count)]
        return Batches(steps, int(arrays["vocabulary_size"]), float(arrays["tokens_per_step"]))
