"""Scores of groups of events, by history and by popularity, and what of the catalogue is recommended."""

import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from tfmodels import metrics

if TYPE_CHECKING:
    from pipelines.recommendation.data import Cases
    from tfmodels.metrics.next_items.item_ranking import Ranking

_LENGTHS = (0, 1, 3, 6, 11, 21, 51)  # the shortest histories of each group
_SHARES = (0.5, 0.8)  # of the training events that the head, and head and middle, have


def of_groups(
    metric: str, scores: Mapping[str, np.ndarray], cases: "Cases", counts: np.ndarray
) -> list[dict[str, Any]]:
    """Tables of groups of events.

    Args:
        metric: The metric.
        scores: Name -> score of each event.
        cases: The events.
        counts: int `[items]`, how often training has each item, the most popular first; 0 of those that it has not.

    Returns:
        The tables: by the length of the history, and by the popularity of the item.

    Example:
        `of_groups("ndcg@10", {"model": rows}, cases, counts)[0]["rows"]`
    """
    known = np.concatenate([[0], np.cumsum(cases.histories.items >= 0)])
    lengths = known[cases.histories.ends] - known[cases.histories.starts]
    names = [str(low) if high == low + 1 else f"{low}-{high - 1}" for low, high in itertools.pairwise(_LENGTHS)]
    by_length = np.searchsorted(_LENGTHS, lengths, side="right") - 1
    trained = int((counts > 0).sum())
    edges = np.searchsorted(np.cumsum(counts[:trained]) / counts.sum(), _SHARES) + 1
    by_popularity = np.where(cases.targets < 0, 4, np.searchsorted([*edges, trained], cases.targets, side="right"))
    sizes = np.diff([0, *np.minimum(edges, trained), trained])
    groups = [f"{name}: {size:,} items" for name, size in zip(("head", "middle", "tail"), sizes, strict=True)]
    return [
        _table(f"{metric} by known items of the history", [*names, f"{_LENGTHS[-1]} or more"], by_length, scores),
        _table(
            f"{metric} by popularity of the item (the head has half of the training events, the tail a fifth)",
            [*groups, "not in training, told by features", "not in training"], by_popularity, scores,
        ),
    ]  # fmt: skip


def of_catalogue(rankings: "Mapping[str, Ranking]", targets: np.ndarray, counts: np.ndarray, k: int) -> dict[str, Any]:
    """A table of what is recommended, and of what was consumed.

    Args:
        rankings: Name -> ranking.
        targets: int `[cases]`, the items that were consumed; -1 of those that training has not.
        counts: int `[items]`, how often training has each item.
        k: Items of each answer that count.

    Returns:
        The table.
    """
    lists = {**{name: one.best[:, :k] for name, one in rankings.items()}, "consumed": targets[:, np.newaxis]}
    rows = [[name, *metrics.catalogue_scores(one, counts)] for name, one in lists.items()]
    columns = ["", "coverage", "mean training events", "Gini", "novelty, bits"]
    return {"title": f"the first {k} items of each answer", "columns": columns, "rows": rows}


def _table(title: str, names: list[str], groups: np.ndarray, scores: Mapping[str, np.ndarray]) -> dict[str, Any]:
    rows = []
    for group, name in enumerate(names):
        there = groups == group
        if there.any():
            rows.append([name, int(there.sum()), *(float(one[there].mean()) for one in scores.values())])
    return {"title": title, "columns": ["group", "events", *scores], "rows": rows}
