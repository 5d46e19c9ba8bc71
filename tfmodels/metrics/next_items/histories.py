"""Histories of items, many of them in a few arrays, and as vectors in which older items count less."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_LEAST = 1e-4  # a weight below it is left out


class Histories(NamedTuple):
    """Histories, each a piece of one array.

    Attributes:
        items: int `[events]`; -1 for an item that is not known.
        starts: int `[histories]`, where each begins.
        ends: int `[histories]`, where each ends.
    """

    items: np.ndarray
    starts: np.ndarray
    ends: np.ndarray

    def part(self, first: int, last: int) -> "Histories":
        """The histories from `first` up to `last`."""
        return Histories(self.items, self.starts[first:last], self.ends[first:last])

    def latest(self, most: int) -> "Histories":
        """The same, at most so many events of each."""
        return Histories(self.items, np.maximum(self.starts, self.ends - most), self.ends)


def vectors(histories: Histories, size: int, decay: float = 1.0) -> "csr_array":
    """Each history as a vector: an item has the weight `decay` to the power of the number of events after it.

    Args:
        histories: The histories.
        size: Number of items.
        decay: From 0 (the last item alone) to 1 (all alike). Repeated items add up.

    Returns:
        float32 `[histories, size]`, sparse.

    Example:
        `vectors(Histories(np.array([2, 0]), np.array([0]), np.array([2])), 3, 0.5).toarray()` -> `[[1.0, 0.0, 0.5]]`
    """
    from scipy.sparse import csr_array

    if decay < 1:
        histories = histories.latest(1 if decay == 0 else 1 + int(np.log(_LEAST) / np.log(decay)))
    lengths = histories.ends - histories.starts
    row = np.repeat(np.arange(len(lengths)), lengths)
    within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    items = histories.items[histories.starts[row] + within]
    weights = np.power(decay, lengths[row] - 1 - within, dtype=np.float32)
    known = items >= 0
    shape = (len(lengths), size)
    found = csr_array((weights[known], (row[known], items[known])), shape=shape, dtype=np.float32)
    found.sum_duplicates()
    return found
