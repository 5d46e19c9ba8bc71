"""Measurement of all sides of `decoding_against_peers.py`, with the same sentences, decoding modes and batches."""

import statistics
import time
from collections.abc import Callable
from typing import Any

BEAMS = {"greedy": 1, "beam 4": 4}
BATCHES = (1, 32)
STEPS = 50  # decoding steps of each sentence


def milliseconds(decode: Callable[[str, list], Any], sentences: list, runs: int) -> dict[str, float]:
    """Measures decoding times.

    Args:
        decode: Takes a decoding mode of `BEAMS` and the sentences of a batch; returns when they are decoded.
        sentences: At least as many as the largest batch.
        runs: Measured batches of each mode and size, with different sentences, after one warm-up.

    Returns:
        `<mode>, batch <size>` -> median milliseconds of a batch.
    """
    return {
        f"{mode}, batch {size}": statistics.median(_times(decode, mode, sentences, size, runs))
        for mode in BEAMS
        for size in BATCHES
    }


def _times(decode: Callable[[str, list], Any], mode: str, sentences: list, size: int, runs: int) -> list[float]:
    durations = []
    for run in range(runs + 1):
        first = run * size % (len(sentences) - size + 1)
        start = time.perf_counter()
        decode(mode, sentences[first : first + size])
        durations.append(1e3 * (time.perf_counter() - start))
    return durations[1:]


def check_forced(lengths: list[int], expected: int) -> None:
    """Checks that all outputs have the forced length.

    Raises:
        ValueError: If one does not.
    """
    if set(lengths) != {expected}:
        raise ValueError(f"Expected outputs of {expected} tokens. Received: lengths={sorted(set(lengths))}")
