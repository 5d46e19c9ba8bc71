"""How all sides of the comparison of decoding are timed: the same sentences, ways and batches."""

import statistics
import time
from collections.abc import Callable
from typing import Any

BEAMS = {"greedy": 1, "beam 4": 4}
BATCHES = (1, 32)
STEPS = 50  # of the decoder, for each sentence


def milliseconds(answer: Callable[[str, list], Any], sentences: list, runs: int) -> dict[str, float]:
    """Times answers.

    Args:
        answer: Takes one of `BEAMS` and the sentences of a batch; waits until they are answered.
        sentences: As many as the largest batch or more.
        runs: Counted batches of each way and size, of other sentences each; one more goes before.

    Returns:
        `<way>, batch <size>` -> median milliseconds of a batch.
    """
    return {
        f"{way}, batch {size}": statistics.median(_times(answer, way, sentences, size, runs))
        for way in BEAMS
        for size in BATCHES
    }


def _times(answer: Callable[[str, list], Any], way: str, sentences: list, size: int, runs: int) -> list[float]:
    taken = []
    for run in range(runs + 1):
        first = run * size % (len(sentences) - size + 1)
        start = time.perf_counter()
        answer(way, sentences[first : first + size])
        taken.append(1e3 * (time.perf_counter() - start))
    return taken[1:]


def check_forced(lengths: list[int], expected: int) -> None:
    """Refuses answers that are shorter or longer than they were forced to be.

    Raises:
        ValueError: If one is.
    """
    if set(lengths) != {expected}:
        raise ValueError(f"Expected answers of {expected} tokens. Received: lengths={sorted(set(lengths))}")
