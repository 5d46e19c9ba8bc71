"""The network of a run: made, given the counts of the items, and loaded with the best of its training."""

from typing import TYPE_CHECKING, Any

import tensorflow as tf

from pipelines.recommendation import data
from pipelines.recommendation.config import Config
from pipelines.runs import Run
from tfmodels import models, training

if TYPE_CHECKING:
    from tfmodels.models import Recommender


def make(config: Config, items: int) -> "Recommender":
    """Makes the network that a config describes, with random weights.

    Args:
        config: The options.
        items: Number of items.

    Returns:
        The network, not built.

    Example:
        `make(Config(model="lstm"), 12_101)`
    """
    shared: dict[str, Any] = {
        "max_length": config.max_length,
        "negatives": 0 if config.loss == "full" else config.negatives,
        "sampling": config.sampling,
        "dtype": training.dtype_policy(config.training.precision),
    }
    if config.model == "transformer":
        return models.TransformerRecommender(items, config.transformer, **shared)
    return models.LSTMRecommender(items, config.lstm, **shared)


def of_run(config: Config, run: Run) -> "Recommender":
    """Makes the network of a prepared run, with random weights."""
    return make(config, len(data.items(run)))


def initialise(run: Run, network: "Recommender") -> None:
    """Sets what is not random: how often training has each item."""
    network.counts.assign(tf.constant(data.counts(run), tf.float32))


def trained(config: Config, run: Run) -> "Recommender":
    """The network of a run with the best weights of its training.

    Raises:
        FileNotFoundError: The run has no checkpoint.
    """
    network = of_run(config, run)
    network.build()
    training.restore_best(run.checkpoints, network)
    return network
