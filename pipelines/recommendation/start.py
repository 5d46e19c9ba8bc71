"""Starting values of a recommender: those of another run, item by item."""

from typing import TYPE_CHECKING

import numpy as np

from pipelines.recommendation import data, network
from pipelines.recommendation.config import Config
from pipelines.recommendation.items import item_features
from pipelines.runs import Run, warm_start
from pipelines.text.token_vectors import matching_rows

if TYPE_CHECKING:
    from tfmodels.models import Recommender


def check(config: Config, run: Run) -> None:
    """Finds, before any work, what would keep a run from starting from another.

    Args:
        config: The options.
        run: The run that is to start.

    Raises:
        FileNotFoundError: There is no such run, or it has no checkpoint.
        ValueError: It is of another task, or the networks have no weight in common.
    """

    def model(config: Config, origin: Run) -> "Recommender":
        if origin.task != run.task:
            raise ValueError(f"Expected a run of {run.task}. Received: {origin.path}, of {origin.task}")
        return network.make(config, len(data.items(origin)))

    warm_start.check_origin(config, run, model)


def initialise(config: Config, run: Run, made: "Recommender") -> None:
    """Sets the weights that another run provides, and those that are not random.

    Args:
        config: The options.
        run: The run, prepared.
        made: Its network, built.
    """
    if config.start_from:
        from tfmodels import training

        origin = warm_start.origin(config, run)
        old, new = data.items(origin), data.items(run)
        rows = _behind_none(matching_rows(new, old))
        taken = {"embedding/vectors": rows, **_words(origin, run), **_sides(origin, run)}
        copied = training.copy_weights(warm_start.best_network(origin), made, taken)
        kept = int((rows > 0).sum())
        items = f"  items: {kept:,} kept, {len(new) - kept:,} new, {len(old) - kept:,} gone"
        warm_start.print_copied(origin, copied, items)
    network.initialise(run, made)


def _words(origin: Run, run: Run) -> dict[str, np.ndarray]:
    """The rows of the vectors of words and categories of item tables."""
    if not (run.config.item_table and origin.config.item_table):
        return {}
    old, new = (item_features.rules(one) for one in (origin, run))
    spoken = ([_named(rules, word) for word in rules.words] for rules in (new, old))
    return {"feature_tower/vectors": _behind_none(matching_rows(*spoken))}


def _named(rules: item_features.Rules, word: str) -> str:
    """A word behind the name of its column."""
    number, _, text = word.partition(" ")
    columns = [name for name, kind in rules.kinds.items() if kind != "number"]
    return f"{columns[int(number)]}\0{text}"


def _sides(origin: Run, run: Run) -> dict[str, np.ndarray]:
    """The rows of the vectors of what is known of events, which are of the same column only in the same place."""
    old, new = data.sides(origin), data.sides(run)
    if old is None or new is None:
        return {}
    known = list(zip(old.inputs, old.words(), strict=True))
    found = {}
    for number, (name, words) in enumerate(zip(new.inputs, new.words(), strict=True)):
        there = number < len(known) and known[number][0] == name
        rows = _behind_none(matching_rows(words, known[number][1])) if there else np.full(len(words) + 1, -1)
        found[f"side_{number}/vectors"] = rows
    return found


def _behind_none(rows: np.ndarray) -> np.ndarray:
    """Rows of ids from 1 on, behind that of 0."""
    return np.concatenate([[0], np.where(rows < 0, -1, rows + 1)])
