"""The network of a run: made, given the counts of the items, and loaded with the best of its training."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from pipelines.recommendation import data
from pipelines.recommendation.config import Config
from pipelines.recommendation.items import item_features
from pipelines.runs import Run
from tfmodels import models, training

if TYPE_CHECKING:
    from tfmodels.models import Recommender


def make(
    config: Config, items: int, features: tuple[int, int, int] | None = None, sides: Sequence[int] = ()
) -> "Recommender":
    """Makes the network that a config describes, with random weights.

    Args:
        config: The options.
        items: Number of items.
        features: Sizes of what is known of them, see `item_features.sizes`; None = nothing.
        sides: How many ids each further input of a step has, see `event_sides.Sides.sizes`.

    Returns:
        The network, not built.

    Example:
        `make(Config(model="lstm"), 12_101)`
    """
    shared: dict[str, Any] = {
        "max_length": config.max_length,
        "negatives": 0 if config.loss == "full" else config.negatives,
        "sampling": config.sampling,
        "features": features and models.FeatureSizes(*features),
        "id_dropout": config.id_dropout,
        "sides": sides,
        "dtype": training.dtype_policy(config.training.precision),
    }
    if config.model == "transformer":
        return models.TransformerRecommender(items, config.transformer, **shared)
    return models.LSTMRecommender(items, config.lstm, **shared)


def of_run(config: Config, run: Run) -> "Recommender":
    """Makes the network of a prepared run, with random weights."""
    features = item_features.sizes(run) if config.item_table else None
    sides = data.sides(run)
    return make(config, len(data.items(run)), features, [] if sides is None else sides.sizes)


def initialise(run: Run, network: "Recommender") -> None:
    """Sets what is not random: how often training has each item, and its features."""
    network.counts.assign(tf.constant(data.counts(run), tf.float32))
    if network.tower is not None:
        network.set_features(*(array[: network.num_items] for array in item_features.arrays(run)))


def trained(config: Config, run: Run) -> "Recommender":
    """The network of a run with the best weights of its training.

    Raises:
        FileNotFoundError: The run has no checkpoint.
    """
    network = of_run(config, run)
    network.build()
    training.restore_best(run.checkpoints, network)
    return network


def of_catalogue(config: Config, run: Run, says: bool) -> "tuple[Recommender, list[str]]":
    """The network of a run with all items that may be recommended, and these; those of the option `items` are the last.

    Args:
        config: The options.
        run: The run.
        says: Whether to say how many new items there are.

    Raises:
        FileNotFoundError: The run has no checkpoint, or there is no such table.
        ValueError: The table is wrong.
    """
    network, names = trained(config, run), data.catalogue(run)
    if network.tower is None:
        return network, names
    further = [array[network.num_items :] for array in item_features.arrays(run)]
    if config.items:
        new, *features, said = item_features.of_new(config, run, names)
        if says:
            print(said)
        names = [*names, *new]
        further = [np.concatenate(both) for both in zip(further, features, strict=True)]
    return network.with_items(*further), names
