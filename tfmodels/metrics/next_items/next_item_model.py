"""Models of the next item that are linear in the history, all of one form."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Union

import numpy as np

from tfmodels.metrics.next_items.histories import Histories, vectors

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True)
class NextItemModel:
    """Scores items by `constant + history @ weights`, where older items of the history count less.

    Attributes:
        constant: float32 `[items]`, the same for all histories.
        weights: float32 `[items, items]`, from an item of the history to the next one; None if histories do not count.
        decay: See `vectors`.
    """

    constant: np.ndarray
    weights: Union["csr_array", np.ndarray, None] = None
    decay: float = 1.0

    def scores(self, histories: Histories) -> np.ndarray:
        """The scores of all items for each history, float32 `[histories, items]`."""
        size = len(self.constant)
        if self.weights is None:
            return np.tile(self.constant, [len(histories.starts), 1])
        found = vectors(histories, size, self.decay) @ self.weights
        return self.constant + (found if isinstance(found, np.ndarray) else found.toarray())


def pruned(weights: np.ndarray, most: int) -> "csr_array":
    """The largest weights from each item on, by their size.

    Args:
        weights: `[items, items]`.
        most: How many of each row are kept.

    Returns:
        float32 `[items, items]`, sparse.

    Example:
        `pruned(np.array([[1.0, -3.0], [2.0, 0.0]]), 1).toarray()` -> `[[0.0, -3.0], [2.0, 0.0]]`
    """
    from scipy.sparse import csr_array

    size = len(weights)
    most = min(most, size)
    columns = np.stack([np.sort(np.argpartition(-np.abs(row), most - 1)[:most]) for row in weights])
    values = np.take_along_axis(weights, columns, axis=1).astype(np.float32)
    found = csr_array((values.ravel(), columns.ravel(), np.arange(size + 1) * most), shape=weights.shape)
    found.eliminate_zeros()
    return found
