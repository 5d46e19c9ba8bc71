"""Ranks all items for many histories, a piece of them at a time."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from tfmodels.metrics.next_items.histories import Histories
from tfmodels.metrics.ranked_items import mean_ranks

Scorer = Callable[[Histories], np.ndarray]
_NUMBERS = 1 << 24  # scores in memory at a time


class Ranking(NamedTuple):
    """How a model ranks the items.

    Attributes:
        ranks: float64 `[histories]`, the rank of the right item, see `mean_ranks`.
        best: int32 `[histories, k]`, the items with the highest scores; -1 where there are
            fewer. Which of equal ones are at the end is open.
    """

    ranks: np.ndarray
    best: np.ndarray


def rank(
    scorer: Scorer, histories: Histories, targets: np.ndarray, size: int, k: int = 20, exclude_seen: bool = True
) -> Ranking:
    """Ranks the items for each history.

    Args:
        scorer: From histories to scores float `[histories, items]`, the higher the better.
        histories: The histories.
        targets: int `[histories]`, the right item of each; -1 of one that is not known, which is a miss.
        size: Number of items.
        k: Length of the lists.
        exclude_seen: Whether items of a history are no candidates; a target among them is a miss.

    Returns:
        The ranking.

    Raises:
        ValueError: A score is NaN.

    Example:
        `rank(most_popular(items, size).scores, histories, targets, size).ranks`
    """
    step, k = max(1, _NUMBERS // size), min(k, size)
    ranks, best = [], []
    for first in range(0, len(targets), step):
        piece = histories.part(first, first + step)
        scores = np.array(scorer(piece), np.float32)
        if exclude_seen:
            seen = np.repeat(np.arange(len(piece.ends)), piece.ends - piece.starts)
            places = np.concatenate([np.arange(*ends) for ends in zip(piece.starts, piece.ends, strict=True)] or [[]])
            items = piece.items[places.astype(np.int64)]
            scores[seen[items >= 0], items[items >= 0]] = -np.inf
        ranks.append(mean_ranks(scores, targets[first : first + step]))
        best.append(_best(scores, k))
    return Ranking(np.concatenate(ranks), np.concatenate(best))


def _best(scores: np.ndarray, k: int) -> np.ndarray:
    """The items with the highest scores."""
    chosen = np.argpartition(scores, scores.shape[1] - k, axis=1)[:, scores.shape[1] - k :]
    chosen.sort(axis=1)
    order = np.argsort(-np.take_along_axis(scores, chosen, axis=1), axis=1, kind="stable")
    best = np.take_along_axis(chosen, order, axis=1)
    return np.where(np.take_along_axis(scores, best, axis=1) > -np.inf, best, -1).astype(np.int32)
