"""A baseline that needs no event of an item: those whose features are like those of the history."""

from typing import TYPE_CHECKING

import numpy as np

from pipelines.recommendation.config import Config
from pipelines.recommendation.items import item_features
from pipelines.runs import Run
from tfmodels.metrics.next_items.histories import Histories, vectors
from tfmodels.metrics.next_items.item_ranking import Scorer

if TYPE_CHECKING:
    from pipelines.recommendation.item_recommender import ItemRecommender

NAME, _DECAY = "content neighbours", 0.7


def scorers(config: Config, run: Run, recommender: "ItemRecommender") -> dict[str, Scorer]:
    """The baseline of a run whose items have features; none where they have not.

    Args:
        config: The options.
        run: The run.
        recommender: Its recommender, with all items that are ranked.

    Returns:
        Its name -> what scores all items by the cosines of their features, rare ones counting more (TF-IDF), with those
        of the history, in which older ones count less.
    """
    if not config.item_table:
        return {}
    from scipy.sparse import csr_array, diags_array

    ids, _ = item_features.arrays(run)
    if config.items:
        ids = np.concatenate([ids, item_features.of_new(config, run, recommender.items[: len(ids)])[1]])
    row, place = np.nonzero(ids)
    size, words = len(ids), max(int(ids.max(initial=0)), 1)
    had = csr_array((np.ones(len(row)), (row, ids[row, place] - 1)), shape=(size, words))
    rarity = np.log(size / np.maximum(had.sum(axis=0), 1))
    weighted = csr_array(had @ diags_array(rarity))
    norms = np.sqrt(np.maximum(weighted.multiply(weighted).sum(axis=1), 1e-12))
    unit = csr_array(diags_array(1 / norms) @ weighted).astype(np.float32)

    def scores(histories: Histories) -> np.ndarray:
        return (vectors(histories, size, _DECAY) @ unit @ unit.T).toarray()

    return {NAME: scores}
