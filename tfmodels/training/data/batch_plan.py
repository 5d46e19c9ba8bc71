"""Assignment of token rows to batches, in an order that depends on seed and epoch only."""

import functools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

ROWS_MULTIPLE = 8  # of the rows of a full batch, which thus divide evenly over 2, 4 or 8 replicas
_STEPS_PER_OCTAVE = 16


class Epoch(NamedTuple):
    """The batches of an epoch, in order.

    Attributes:
        order: All row numbers, those of a batch next to each other.
        starts: Start of each batch's rows in `order`, int64 `[batches]`.
        counts: Number of rows of each batch.
        source: Padded length of each batch's sources.
        target: Padded length of each batch's targets.
    """

    order: np.ndarray
    starts: np.ndarray
    counts: np.ndarray
    source: np.ndarray
    target: np.ndarray

    def batch(self, index: int) -> tuple[np.ndarray, int, int]:
        """Row numbers of a batch, and the lengths that its source and target are padded to."""
        start = self.starts[index]
        rows = self.order[start : start + self.counts[index]]
        return rows, int(self.source[index]), int(self.target[index])


class BatchPlan:
    """Sorts rows by their padded lengths, shuffles rows of equal lengths, and cuts batches that fill a token budget.

    Where to cut depends only on the number of rows with each pair of padded lengths, so it is the same in all epochs.
    The plan holds 2 bytes per row, and 4 more for each of the two most recent epochs; computing one takes another 22.

    Args:
        source: Lengths of the sources, int `[rows]`.
        target: Lengths of the targets, int `[rows]`.
        budget: Maximum number of tokens in a batch, padding included, counted on the longer side. A single row that is
            longer is a batch of its own.
        seed: Seed of the order.

    Attributes:
        counts: Number of rows of each batch, int64 `[batches]`, in sorted order.
        source: Padded length of each batch's sources.
        target: Padded length of each batch's targets.

    Example:
        `BatchPlan(np.array([3, 5]), np.array([4, 4]), budget=4096, seed=1).epoch(0).batch(0)` -> `([1, 0], 6, 4)`
    """

    def __init__(self, source: np.ndarray, target: np.ndarray, budget: int, seed: int) -> None:
        self._seed = seed
        (sources, source), (targets, target) = _buckets(source), _buckets(target)
        # Snake order: from one target bucket to the next the source lengths run in the opposite direction, instead of
        # jumping from the longest to the shortest. There are at most 225 buckets, so that a cell number has 16 bits.
        width = len(sources)
        self._cells = target * np.uint16(width) + np.where(target % 2, width - 1 - source, source).astype(np.uint16)
        sizes = np.bincount(self._cells, minlength=width * len(targets))
        there = np.flatnonzero(sizes)
        row, column = np.divmod(there, width)
        longest = sources[np.where(row % 2, width - 1 - column, column)].tolist(), targets[row].tolist()
        cut = list(_cut(np.cumsum(sizes[there]).tolist(), *longest, budget))
        self.counts, self.source, self.target = np.array(cut, np.int64).T
        self.epoch = functools.lru_cache(maxsize=2)(self._epoch)

    def _epoch(self, number: int) -> Epoch:
        random = np.random.default_rng([self._seed, number])
        order = np.arange(len(self._cells), dtype=np.uint32)
        random.shuffle(order)
        order = order[np.argsort(self._cells[order], kind="stable")]  # keys of 16 bits: a radix sort
        starts = np.cumsum(self.counts) - self.counts
        batches = random.permutation(len(starts))
        return Epoch(order, *(values[batches] for values in (starts, self.counts, self.source, self.target)))


def padded_length(lengths: np.ndarray) -> np.ndarray:
    """Rounds lengths up to one of a few: multiples of 2 up to 32, of 4 up to 64, of 8 up to 128, and so on."""
    octave = np.ceil(np.log2(np.maximum(lengths, 2 * _STEPS_PER_OCTAVE)))
    step = (2**octave / _STEPS_PER_OCTAVE).astype(np.int64)
    return -(-lengths // step) * step


def full(rows: int) -> int:
    """Number of rows of a full batch where `rows` would fit."""
    return rows - rows % ROWS_MULTIPLE if rows > ROWS_MULTIPLE else rows


def _buckets(lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The padded lengths that occur, ascending, and the index of each row's, uint16 `[rows]`."""
    there = np.flatnonzero(np.bincount(lengths))
    padded, bucket = np.unique(padded_length(there), return_inverse=True)
    table = np.zeros(there[-1] + 1, np.uint16)
    table[there] = bucket
    return padded, table[lengths]


def _cut(ends: list[int], sources: list[int], targets: list[int], budget: int) -> Iterator[tuple[int, int, int]]:
    """Yields number of rows, padded source and padded target length of each batch; a cell holds rows of equal lengths.

    Args:
        ends: End of each cell in the sorted rows.
        sources: Padded length of the sources of each cell.
        targets: Padded length of the targets of each cell.
        budget: See `BatchPlan`.
    """
    start = first = 0
    while start < ends[-1]:
        stop, longest, cell = start, 1, first
        while cell < len(ends):  # as many rows as fit, all padded to the longest of them
            longest = max(longest, sources[cell], targets[cell])
            stop = max(stop, min(ends[cell], start + budget // longest))
            if stop < ends[cell]:
                break
            cell += 1
        end = start + full(max(stop - start, 1))
        last = first
        while ends[last] < end:
            last += 1
        yield end - start, max(sources[first : last + 1]), max(targets[first : last + 1])
        start, first = end, last + (ends[last] == end)
