"""Baselines that are ridge regressions on items: EASE, and the next item from the decayed history before it."""

import numpy as np

from tfmodels.metrics.next_items.histories import Histories, vectors
from tfmodels.metrics.next_items.item_counts import had_by_users
from tfmodels.metrics.next_items.next_item_model import NextItemModel, pruned

MOST_ITEMS = 30_000  # whose matrices fit into some gigabytes
_ROWS = 200_000  # of histories that are vectors at a time


def ease(training: Histories, size: int, penalty: float = 50.0, decay: float = 0.7) -> NextItemModel:
    """Each item from all others of a user (EASE; Steck, 2019), scored from histories in which older items count less.

    Args:
        training: The histories of all users.
        size: Number of items.
        penalty: Of the ridge regression.
        decay: How much less each earlier item counts.

    Returns:
        The model; its weights are dense.

    Example:
        `ease(training, size).scores(histories)`
    """
    return NextItemModel(np.zeros(size, np.float32), ease_weights(training, size, penalty), decay)


def linear_next_item(
    training: Histories,
    size: int,
    penalty: float = 100.0,
    decay: float = 0.7,
    ease_share: float = 0.3,
    ease_penalty: float = 50.0,
    most: int = 50,
) -> NextItemModel:
    """The next item from the decayed history before it, plus a share of EASE, pruned.

    Args:
        training: The histories of all users.
        size: Number of items.
        penalty: Of the ridge regression.
        decay: How much less each earlier item counts.
        ease_share: Share of the weights of EASE that is added.
        ease_penalty: Its penalty.
        most: Weights from each item on that are kept; 0 keeps all.

    Returns:
        The model.

    Example:
        `linear_next_item(training, size).weights.nnz`
    """
    weights = next_item_weights(training, size, penalty, decay)
    if ease_share:
        weights += ease_share * ease_weights(training, size, ease_penalty)
    return NextItemModel(np.zeros(size, np.float32), pruned(weights, most) if most else weights, decay)


def ease_weights(training: Histories, size: int, penalty: float) -> np.ndarray:
    """The weights of EASE, float32 `[size, size]`, 0 on the diagonal; the penalty is above 0."""
    from scipy.linalg import get_lapack_funcs

    had = had_by_users(training, size)
    factor = _factor((had.T @ had).toarray(), penalty)
    (invert,) = get_lapack_funcs(("potri",), (factor,))
    inverse = np.tril(invert(factor, lower=1, overwrite_c=1)[0])
    inverse += np.tril(inverse, -1).T
    inverse /= -np.diag(inverse)
    np.fill_diagonal(inverse, 0)
    return inverse


def next_item_weights(training: Histories, size: int, penalty: float, decay: float) -> np.ndarray:
    """Ridge regression from the decayed history before each event to its item, float32 `[size, size]`."""
    from scipy.linalg import cho_solve

    gram, cross = np.zeros([2, size, size], np.float32)
    for before, after in _steps(training):
        history = vectors(before, size, decay)
        known = np.flatnonzero(after >= 0)
        target = vectors(Histories(after[known], np.arange(len(known)), np.arange(1, len(known) + 1)), size)
        gram += (history.T @ history).toarray()
        cross += (history[known].T @ target).toarray()
    return cho_solve((_factor(gram, penalty), True), cross, overwrite_b=True, check_finite=False)


def _steps(training: Histories) -> list[tuple[Histories, np.ndarray]]:
    """What is before each event but the first ones, and the event, in pieces."""
    lengths = np.maximum(training.ends - training.starts - 1, 0)
    starts = np.repeat(training.starts, lengths)
    ends = starts + np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths) + 1
    whole = Histories(training.items, starts, ends)
    pieces = [whole.part(first, first + _ROWS) for first in range(0, len(starts), _ROWS)]
    return [(piece, training.items[piece.ends]) for piece in pieces]


def _factor(gram: np.ndarray, penalty: float) -> np.ndarray:
    """The lower Cholesky factor of a matrix with a penalty on its diagonal."""
    from scipy.linalg import cho_factor

    gram[np.diag_indices_from(gram)] += penalty
    return cho_factor(gram, lower=True, overwrite_a=True, check_finite=False)[0]
