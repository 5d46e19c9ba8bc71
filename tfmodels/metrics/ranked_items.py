"""Scores of ranked items: hit rate, recall, precision, MAP, NDCG, MRR; coverage, popularity, concentration, novelty."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

CUTOFFS = (1, 5, 10, 20)


class CatalogueScores(NamedTuple):
    """What of a catalogue was recommended.

    Attributes:
        coverage: Share of the items that were recommended at all.
        popularity: Mean number of training events of a recommended item.
        gini: How unequally the recommendations fall on the items: 0 alike, near 1 all on one.
        novelty: Mean surprise of a recommended item, `-log2` of its share of the training events, bits.
    """

    coverage: float
    popularity: float
    gini: float
    novelty: float


def mean_ranks(scores: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """The rank of a target among all items, those with its score counted half: the mean over all orders of a tie.

    Args:
        scores: `[cases, items]`, the higher the better; `-inf` for items that are no candidates.
        targets: int `[cases]`, the item to find; -1 of one that is not among them.

    Returns:
        float64 `[cases]`, from 1 on; `inf` where the target is not among the candidates.

    Raises:
        ValueError: A score is NaN.

    Example:
        `mean_ranks(np.array([[3.0, 1.0, 1.0, 0.0]]), np.array([2]))` -> `[2.5]`
    """
    if np.isnan(scores).any():
        raise ValueError("Expected scores that are numbers. Received: NaN")
    own = np.take_along_axis(scores, np.maximum(targets, 0)[:, np.newaxis], axis=1)
    ranks = (scores > own).sum(axis=1) + ((scores == own).sum(axis=1) + 1) / 2
    return np.where((targets >= 0) & (own[:, 0] > -np.inf), ranks, np.inf)


def ranking_scores(
    ranks: np.ndarray, queries: np.ndarray | None = None, cutoffs: Sequence[int] = CUTOFFS
) -> dict[str, np.ndarray]:
    """Scores each query by the ranks of its relevant items (Järvelin and Kekäläinen, 2002, for NDCG).

    Args:
        ranks: float `[relevant]`, the rank of each relevant item, from 1 on; `inf` if it is not ranked.
        queries: int `[relevant]`, the query of each, from 0 on. By default each is a query of its own; then recall is
            the hit rate, and MAP is MRR.
        cutoffs: Numbers of items that are looked at.

    Returns:
        Name -> `[queries]`: `hr@k` (whether a relevant item is among the first k), `recall@k`, `precision@k`, `map@k`
        (average precision, of at most k relevant items), `ndcg@k`, `mrr@k` (one divided by the first relevant rank).

    Example:
        `ranking_scores(np.array([1.0, 30.0]))["hr@10"]` -> `[1.0, 0.0]`
    """
    ranks = np.asarray(ranks, np.float64)
    queries = np.arange(len(ranks)) if queries is None else np.asarray(queries)
    order = np.lexsort([ranks, queries])
    ranks, queries = ranks[order], queries[order]
    count = int(queries[-1]) + 1 if len(queries) else 0
    relevant = np.bincount(queries, minlength=count)
    if count and not relevant.all():
        raise ValueError(f"Expected a relevant item of each query. Received: none of query {int(np.argmin(relevant))}")
    nth = np.arange(len(ranks)) - np.repeat(np.cumsum(relevant) - relevant, relevant) + 1  # of its query
    gains = 1 / np.log2(1 + ranks)
    found: dict[str, np.ndarray] = {}
    for k in cutoffs:
        within = ranks <= k

        def total(values: np.ndarray, within: np.ndarray = within) -> np.ndarray:
            return np.bincount(queries, np.where(within, values, 0.0), minlength=count)

        hits = total(np.ones(len(ranks)))
        most = np.minimum(relevant, k)
        ideal = np.concatenate([[0.0], np.cumsum(1 / np.log2(1 + np.arange(1, k + 1)))])
        found |= {
            f"hr@{k}": (hits > 0).astype(np.float64),
            f"recall@{k}": hits / np.maximum(relevant, 1),
            f"precision@{k}": hits / k,
            f"map@{k}": total(nth / ranks) / np.maximum(most, 1),
            f"ndcg@{k}": total(gains) / np.where(most, ideal[most], 1.0),
            f"mrr@{k}": total(np.where(nth == 1, 1 / ranks, 0.0)),
        }
    return found


def catalogue_scores(recommended: np.ndarray, counts: np.ndarray) -> CatalogueScores:
    """Scores lists of items by what of the catalogue they have.

    Args:
        recommended: int `[lists, k]`, the items; -1 where a list is shorter.
        counts: int `[items]`, training events of each item.

    Returns:
        The scores; NaN where nothing was recommended.

    Example:
        `catalogue_scores(np.array([[0, 1], [0, 2]]), np.array([9, 3, 1, 1])).coverage` -> `0.75`
    """
    items = np.asarray(recommended)[np.asarray(recommended) >= 0]
    if not len(items):
        return CatalogueScores(*[float("nan")] * 4)
    often = np.bincount(items, minlength=len(counts))
    shares = np.maximum(counts, 1) / max(int(counts.sum()), 1)  # an item without events is as rare as one with one
    return CatalogueScores(
        float((often > 0).mean()), float(counts[items].mean()), gini(often), float(-np.log2(shares[items]).mean())
    )


def gini(amounts: np.ndarray) -> float:
    """How unequal amounts are (Gini, 1912): 0 if all are the same, `1 - 1 / n` if one has all.

    Args:
        amounts: `[n]`, at least 0, not all 0.

    Returns:
        The coefficient.

    Example:
        `gini(np.array([0, 0, 0, 4]))` -> `0.75`
    """
    ordered = np.sort(np.asarray(amounts, np.float64))
    places = np.arange(1, len(ordered) + 1)
    return float((2 * places - len(ordered) - 1) @ ordered / (len(ordered) * ordered.sum()))
