"""The network of a run: made, given its initial weights, and loaded with the best of its training."""

from typing import TYPE_CHECKING, Any

from pipelines.question_answering import token_tables
from pipelines.question_answering.config import Config
from pipelines.runs import Run
from pipelines.text import token_vectors, vocabulary
from tfmodels import models, training

if TYPE_CHECKING:
    from tfmodels.models import Reader


def make(config: Config, vocabulary_size: int) -> "Reader":
    """Makes the network that a config describes, with random weights.

    Args:
        config: The options.
        vocabulary_size: Number of token ids.

    Returns:
        The network, not built.

    Example:
        `make(Config(model="lstm"), 8000)`
    """
    shared: dict[str, Any] = {
        "max_answer_length": config.max_answer_length,
        "window": config.window,
        "overlap": config.overlap,
        "word_dropout": config.word_dropout,
        "score_inside": config.score_inside,
        "dtype": training.dtype_policy(config.training.precision),
    }
    if config.model == "transformer":
        return models.TransformerReader(vocabulary_size, config.transformer, **shared)
    return models.LSTMReader(vocabulary_size, config.lstm, **shared)


def of_run(config: Config, run: Run) -> "Reader":
    """Makes the network of a prepared run, with random weights."""
    return make(config, vocabulary.read(run).size)


def initialise(config: Config, run: Run, network: "Reader") -> None:
    """Sets the weights that are not random: word vectors, those of another run, and what is known of the tokens.

    Args:
        config: The options.
        run: The run, prepared.
        network: Its network, built.
    """
    token_vectors.initialise(config, run, network)
    pieces = vocabulary.read(run).vocabulary()
    counts = training.TokenRows(run.assets / "train").counts(len(pieces), ["context"])
    token_tables.assign(network, pieces, counts)


def trained(config: Config, run: Run) -> "Reader":
    """The network of a run with the best weights of its training.

    Args:
        config: The options.
        run: The run, trained.

    Returns:
        The network.

    Raises:
        FileNotFoundError: The run has no checkpoint.
    """
    network = of_run(config, run)
    network.build()
    training.restore_best(run.checkpoints, network)
    return network
