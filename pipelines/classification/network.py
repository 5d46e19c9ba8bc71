"""The network of a run: made, given its initial weights, and loaded with the best of its training."""

from typing import TYPE_CHECKING, Any

from pipelines.classification import data, linear_part, temperature, text_classifier
from pipelines.classification.config import Config
from pipelines.runs import Run
from pipelines.text import token_vectors, vocabulary
from tfmodels import models, preprocessing, training

if TYPE_CHECKING:
    from tfmodels.models import Classifier


def make(config: Config, vocabulary_size: int, classes: int) -> "Classifier":
    """Makes the network that a config describes, with random weights.

    Args:
        config: The options.
        vocabulary_size: Number of token ids.
        classes: Number of labels.

    Returns:
        The network, not built.

    Example:
        `make(Config(model="lstm"), 8000, 2)`
    """
    shared: dict[str, Any] = {
        "word_dropout": config.word_dropout,
        "embedding_dropout": config.embedding_dropout,
        "ngrams": config.ngrams,
        "spelling": config.spelling,
        "dtype": training.dtype_policy(config.training.precision),
    }
    if config.model == "transformer":
        return models.TransformerClassifier(
            vocabulary_size, classes, config.transformer, max_length=config.max_length, **shared
        )
    if config.model == "lstm":
        return models.LSTMClassifier(vocabulary_size, classes, config.lstm, **shared)
    return models.HierarchicalClassifier(vocabulary_size, classes, config.hierarchical, **shared)


def of_run(config: Config, run: Run) -> "Classifier":
    """Makes the network of a prepared run, with random weights."""
    return make(config, vocabulary.read(run).size, len(data.classes(run)))


def initialise(config: Config, run: Run, network: "Classifier") -> None:
    """Sets the weights that are not random: spellings of the tokens, word vectors, those of another run.

    Args:
        config: The options.
        run: The run, prepared.
        network: Its network, built.
    """
    if network.spelling is not None:
        tokens = vocabulary.read(run).vocabulary()
        spelling = network.spelling
        spelling.spellings.assign(preprocessing.character_ngrams(tokens, spelling.width, spelling.buckets))
    token_vectors.initialise(config, run, network)


def trained(config: Config, run: Run, calibrated: bool = True) -> text_classifier.TextClassifier:
    """Loads the classifier of a run.

    Args:
        config: The options.
        run: The run, trained.
        calibrated: False where temperature and share of the linear part are yet to be fitted.

    Returns:
        The classifier with the best weights of the run, and its temperature.

    Raises:
        FileNotFoundError: The run has no checkpoint.
    """
    network = of_run(config, run)
    network.build()
    training.restore_best(run.checkpoints, network)
    return text_classifier.TextClassifier(
        network,
        data.text_inputs(config, run),
        data.classes(run),
        temperature.read(config, run, calibrated),
        config.separator,
        config.decision.threshold,
        linear_part.read(config, run, calibrated),
    )
