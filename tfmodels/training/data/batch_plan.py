"""Which rows of tokens share a batch, in an order that is a function of the seed and the epoch."""

import functools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

ROWS_MULTIPLE = 8  # rows of a full batch: divides evenly over 2, 4 or 8 replicas
_STEPS_PER_OCTAVE = 16


class Epoch(NamedTuple):
    """The batches of an epoch in their order.

    Attributes:
        order: All rows, those of a batch side by side.
        starts: Where the rows of each batch begin in `order`, int64 `[batches]`.
        counts: How many there are.
        source: Their longest padded source.
        target: Their longest padded target.
    """

    order: np.ndarray
    starts: np.ndarray
    counts: np.ndarray
    source: np.ndarray
    target: np.ndarray

    def batch(self, index: int) -> tuple[np.ndarray, int, int]:
        """Its row numbers and the lengths that source and target are padded to."""
        start = self.starts[index]
        rows = self.order[start : start + self.counts[index]]
        return rows, int(self.source[index]), int(self.target[index])


class BatchPlan:
    """Sorts rows by their padded lengths, in a random order among equals, and cuts them where a budget is full.

    Where to cut follows from how many rows there are of each pair of padded lengths, so it is the same in all epochs.
    The plan keeps 2 bytes a row and 4 more for each of the two epochs last asked for; to make one takes 22 more.

    Args:
        source: Lengths, int `[rows]`.
        target: The same.
        budget: Most tokens of a batch, padding included, on the longer side. A single longer row is a batch.
        seed: Of the order.

    Attributes:
        counts: Rows of each batch, int64 `[batches]`, as sorted.
        source: Their longest padded source.
        target: Their longest padded target.

    Example:
        `BatchPlan(np.array([3, 5]), np.array([4, 4]), budget=4096, seed=1).epoch(0).batch(0)` -> `([1, 0], 6, 4)`
    """

    def __init__(self, source: np.ndarray, target: np.ndarray, budget: int, seed: int) -> None:
        self._seed = seed
        (sources, source), (targets, target) = _buckets(source), _buckets(target)
        # Snake order: where the target grows by one bucket, the source goes on from where it is, instead of
        # jumping from its longest to its shortest. There are at most 225 buckets, so a cell has 16 bits.
        width = len(sources)
        self._cells = target * np.uint16(width) + np.where(target % 2, width - 1 - source, source).astype(np.uint16)
        sizes = np.bincount(self._cells, minlength=width * len(targets))
        there = np.flatnonzero(sizes)
        row, column = np.divmod(there, width)
        lengths = sources[np.where(row % 2, width - 1 - column, column)], targets[row]
        cut = list(_cut(np.cumsum(sizes[there]).tolist(), *(side.tolist() for side in lengths), budget))
        self.counts, self.source, self.target = np.array(cut, np.int64).T
        self.epoch = functools.lru_cache(maxsize=2)(self._epoch)

    def _epoch(self, number: int) -> Epoch:
        random = np.random.default_rng([self._seed, number])
        order = np.arange(len(self._cells), dtype=np.uint32)
        random.shuffle(order)
        order = order[np.argsort(self._cells[order], kind="stable")]  # of 16 bits: a radix sort
        starts = np.cumsum(self.counts) - self.counts
        batches = random.permutation(len(starts))
        return Epoch(order, *(values[batches] for values in (starts, self.counts, self.source, self.target)))


def padded_length(lengths: np.ndarray) -> np.ndarray:
    """Rounds lengths up to one of a few: multiples of 2 up to 32, of 4 up to 64, of 8 up to 128 and so on."""
    octave = np.ceil(np.log2(np.maximum(lengths, 2 * _STEPS_PER_OCTAVE)))
    step = (2**octave / _STEPS_PER_OCTAVE).astype(np.int64)
    return -(-lengths // step) * step


def full(rows: int) -> int:
    """How many of so many rows that would fit make a full batch."""
    return rows - rows % ROWS_MULTIPLE if rows > ROWS_MULTIPLE else rows


def _buckets(lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The padded lengths that there are, ascending, and which of them each row has, uint16 `[rows]`."""
    there = np.flatnonzero(np.bincount(lengths))
    padded, bucket = np.unique(padded_length(there), return_inverse=True)
    table = np.zeros(there[-1] + 1, np.uint16)
    table[there] = bucket
    return padded, table[lengths]


def _cut(ends: list[int], sources: list[int], targets: list[int], budget: int) -> Iterator[tuple[int, int, int]]:
    """Rows, longest source and longest target of each batch, of rows that lie in cells of equal lengths.

    Args:
        ends: Where each cell ends.
        sources: Length of the source in it.
        targets: Length of the target.
        budget: See `BatchPlan`.
    """
    start = first = 0
    while start < ends[-1]:
        stop, longest, cell = start, 1, first
        while cell < len(ends):  # as many rows as the longest of them leaves room for
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
