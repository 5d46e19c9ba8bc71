"""The baselines of recommendation, fitted one after the other."""

from collections.abc import Iterator

import numpy as np

from tfmodels.metrics.next_items import item_counts, item_regressions
from tfmodels.metrics.next_items.histories import Histories
from tfmodels.metrics.next_items.next_item_model import NextItemModel

POPULAR = "most popular"
LINEAR = "linear next-item"
_LATELY = 0.1  # share of the training events that are late


def fit(
    training: Histories,
    size: int,
    time: np.ndarray | None = None,
    regressions: bool = True,
    linear: NextItemModel | None = None,
) -> Iterator[tuple[str, NextItemModel]]:
    """Fits the baselines to the histories of all users.

    Args:
        training: The histories.
        size: Number of items.
        time: Time of each event of `training.items`. Without it the last event of each user is late.
        regressions: Whether EASE and the linear model are wanted, too; with 12,000 items they take minutes.
        linear: The linear model, where it is fitted already.

    Yields:
        Name and model, one at a time, since some need gigabytes: most popular, popular lately (the last tenth of the
        events), last-item neighbours, item-kNN with decay, and where there are at most 30,000 items EASE and the linear
        next-item model.

    Example:
        `dict(fit(training, size))`
    """
    events = _places(training)
    items = training.items[events]
    yield POPULAR, item_counts.most_popular(items, size)
    if time is None:
        late = training.items[training.ends[training.ends > training.starts] - 1]
    else:
        late = items[time[events] >= np.quantile(time[events], 1 - _LATELY)]
    yield "popular lately", item_counts.most_popular(late, size)
    yield "last-item neighbours", item_counts.last_item_neighbours(training, size)
    yield "item-kNN with decay", item_counts.item_neighbours(training, size)
    if regressions and size <= item_regressions.MOST_ITEMS:
        yield "EASE", item_regressions.ease(training, size)
        linear = linear or item_regressions.linear_next_item(training, size)
    if linear is not None:
        yield LINEAR, linear


def _places(training: Histories) -> np.ndarray:
    lengths = training.ends - training.starts
    return np.repeat(training.ends - np.cumsum(lengths), lengths) + np.arange(lengths.sum())
