"""Baselines that count: the most popular items, and those that share users with the items of the history."""

from typing import TYPE_CHECKING

import numpy as np

from tfmodels.metrics.next_items.histories import Histories, vectors
from tfmodels.metrics.next_items.next_item_model import NextItemModel

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_LONGEST = 500  # events of a history that are paired with each other


def most_popular(items: np.ndarray, size: int) -> NextItemModel:
    """The items with the most events.

    Args:
        items: int `[events]`, those to count.
        size: Number of items.

    Returns:
        The model.

    Example:
        `most_popular(np.array([2, 2, 0]), 3).constant` -> `[1, 0, 2]`
    """
    return NextItemModel(np.bincount(items[items >= 0], minlength=size).astype(np.float32))


def last_item_neighbours(training: Histories, size: int) -> NextItemModel:
    """The items that are most similar to the last one: by the cosine of the users who have them.

    Args:
        training: The histories of all users.
        size: Number of items.

    Returns:
        The model.

    Example:
        `last_item_neighbours(training, size).scores(histories)`
    """
    return item_neighbours(training, size, 0.0)


def item_neighbours(training: Histories, size: int, decay: float = 0.7) -> NextItemModel:
    """The items that are similar to those of the history (item-kNN; Sarwar et al., 2001).

    Args:
        training: The histories of all users.
        size: Number of items.
        decay: How much less each earlier item counts.

    Returns:
        The model.

    Example:
        `item_neighbours(training, size).scores(histories)`
    """
    return NextItemModel(np.zeros(size, np.float32), cosines(training, size), decay)


def cosines(training: Histories, size: int) -> "csr_array":
    """How many users two items share, divided by the square root of the numbers of their users; 0 of an item itself.

    Args:
        training: The histories of all users, of each of which the latest 500 events count.
        size: Number of items.

    Returns:
        float32 `[size, size]`, sparse.

    Example:
        `cosines(Histories(np.array([0, 1]), np.array([0]), np.array([2])), 2).toarray()` -> `[[0, 1], [1, 0]]`
    """
    from scipy.sparse import csr_array, diags_array

    had = had_by_users(training, size)
    norms = np.sqrt(np.maximum(had.sum(axis=0), 1))
    scale = diags_array((1 / norms).astype(np.float32))
    shared = csr_array(scale @ (had.T @ had) @ scale)
    shared.setdiag(0)
    shared.eliminate_zeros()
    return shared


def had_by_users(training: Histories, size: int) -> "csr_array":
    """Which user has had which item, 0 or 1 of float32 `[users, size]`, sparse."""
    had = vectors(training.latest(_LONGEST), size)
    had.data[:] = 1
    return had
