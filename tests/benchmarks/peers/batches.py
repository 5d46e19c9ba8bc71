"""Reads the batches of `our_batches.py`; works in the environment of every peer."""

from pathlib import Path
from typing import NamedTuple

import numpy as np


class Batch(NamedTuple):
    """Ids, int32 `[rows, time]`, padded with 0; `target` is `labels` shifted right by one step."""

    source: np.ndarray
    target: np.ndarray
    labels: np.ndarray


class Batches(NamedTuple):
    """The batches of the measured steps, the vocabulary size and the mean number of tokens per step."""

    steps: list[Batch]
    vocabulary_size: int
    tokens_per_step: float


def read(path: Path) -> Batches:
    """Reads `batches.npz`."""
    with np.load(path) as arrays:
        count = sum(name.endswith("/source") for name in arrays)
        steps = [Batch(*(arrays[f"{step}/{name}"] for name in Batch._fields)) for step in range(count)]
        return Batches(steps, int(arrays["vocabulary_size"]), float(arrays["tokens_per_step"]))
