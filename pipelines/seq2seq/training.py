"""Data, network and training of a task from text to text; its `Config` inherits from `seq2seq.Config`."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from pipelines.seq2seq import data
from pipelines.seq2seq.config import Config
from pipelines.sources.text.mixture import Component

if TYPE_CHECKING:
    import keras

    from pipelines.runs import Run
    from pipelines.runs.report import Report
    from pipelines.seq2seq.data import Reader, Sources
    from pipelines.seq2seq.generator import Generator
    from tfmodels.training import Objective, SubwordResampling, TokenBatches, TokenRows

_Config = TypeVar("_Config", bound=Config)  # that of the task


def one_source(name: str, read: "Reader") -> "Sources":
    """The data of a task that reads it itself, for `prepare`.

    Args:
        name: What it is called in messages.
        read: From `train`, `validation` or `test` to that split's tuples, which start with source and target.

    Returns:
        The one source, each pair once in an epoch.

    Example:
        `prepare(config, run, one_source("numbers", pairs))`
    """
    return [(Component(name), read)]


def prepare(config: Config, run: "Run", sources: "Sources") -> None:
    """Checks options and data, learns the subwords and tokenises all splits, each only once.

    Args:
        config: Options.
        run: Whose assets are prepared.
        sources: The data, with a reader of each source.

    Raises:
        ValueError: An option or a file has a fault, or there are too few texts for that many subwords.
        FileNotFoundError: There is no run to start from, or no file of vectors.

    Example:
        `prepare(config, run, one_source("numbers", pairs))`
    """
    from pipelines.text import start_checks

    start_checks.check(config, run, model)
    if sources:
        print(f"Preparing {', '.join(source.name for source, _ in sources)}")
    data.prepare(config, run, sources)
    config.decoding.check_vocabulary(data.subwords(run).size)


def datasets(config: Config, run: "Run") -> "dict[str, TokenBatches]":
    """The batches of a prepared run.

    Args:
        config: Options.
        run: The run.

    Returns:
        Batches of `({"source", "target"}, targets, weights)` by split.

    Example:
        `datasets(config, run)["train"].steps_per_epoch`
    """
    from pipelines.sources.split_names import SPLITS
    from pipelines.text import regularization
    from tfmodels import training

    limits = {"source": config.max_source_length, "target": config.max_target_length}
    rows = {split: training.TokenRows(run.assets / split) for split in SPLITS}
    resampling = regularization.resampling(config, run, limits)
    train = batches(config, rows.pop("train"), config.training.accumulate, resampling)
    return {"train": train, **{split: batches(config, one) for split, one in rows.items()}}


def batches(
    config: Config, rows: "TokenRows", accumulate: int = 1, resampling: "SubwordResampling | None" = None
) -> "TokenBatches":
    """The batches of rows of tokens, as `datasets` has them."""
    from pipelines.text import token_splits

    return token_splits.batches(config, rows, data.teacher_forced, accumulate, resampling)


def sample_sources(config: Config, run: "Run", count: int = 4) -> list[str]:
    """The first sources of the validation split, made from their tokens.

    Args:
        config: Options.
        run: Prepared.
        count: Most sources.

    Returns:
        The sources, cut as the model reads them.

    Example:
        `servable(config, run, "Translates.", sample_sources(config, run))`
    """
    import numpy as np
    import tensorflow as tf

    from tfmodels import training

    if not (run.assets / "validation").is_dir():  # not prepared to its end, as will be said for its weights
        return []
    rows = training.TokenRows(run.assets / "validation")
    ids = rows.padded("source", np.arange(min(count, len(rows))), config.max_source_length)
    return [text.decode() for text in data.subwords(run).text(tf.constant(ids)).numpy()]


def model(config: Config, run: "Run") -> "keras.Model":
    """The network that options describe.

    Args:
        config: Options.
        run: Prepared: its subwords are the network's.

    Returns:
        The network, with random weights.

    Example:
        `model(config, run).count_params()`
    """
    from tfmodels import models, training

    size = data.subwords(run).size
    shared: dict[str, Any] = {
        "word_dropout": config.word_dropout,
        "embedding_dropout": config.embedding_dropout,
        "copy": config.copy,
        "dtype": training.dtype_policy(config.training.precision),
    }
    if config.model == "lstm":
        return models.LSTMSeq2Seq(size, config.lstm, **shared)
    longest = max(config.max_source_length, config.max_target_length)
    return models.TransformerSeq2Seq(size, config.transformer, max_length=longest, **shared)


def fit(
    config: _Config,
    run: "Run",
    evaluate: "Callable[[_Config, Run, str], Report]",
    *,
    objective: "Objective | None" = None,
    callbacks: "Sequence[keras.callbacks.Callback]" = (),
) -> None:
    """Trains, draws the curves and reports on the validation split.

    Args:
        config: Options.
        run: Prepared.
        evaluate: That of the task.
        objective: What to minimise and measure. Default: the cross-entropy of tokens. A task that has the function
            `objective(config, run)`, which searches use, gives what it returns here.
        callbacks: Of Keras, see `training.fit`.

    Example:
        `fit(config, run, evaluate)`
    """
    from pipelines.runs import fitting
    from pipelines.text import token_vectors

    batches = datasets(config, run)
    train = batches["train"]
    print(
        f"{train.tokens_per_epoch:,} tokens in {train.steps_per_epoch:,} steps an epoch, "
        f"{train.waste:.1%} of the batches padding or filler"
    )
    start = partial(token_vectors.initialise, config, run)
    fitting.train(run, partial(model, config, run), batches, config.training, start, objective, callbacks)
    fitting.publish(evaluate(config, run, "validation"), run)


def load_generator(config: Config, run: "Run") -> "Generator":
    """The trained model of a run as functions from text to text.

    Args:
        config: Options; those of `decoding` may differ from the run's.
        run: Trained.

    Returns:
        The generator, with the best weights.

    Raises:
        FileNotFoundError: The run has no checkpoint.
        OptionError: The beam is wider than the vocabulary.

    Example:
        `load_generator(config, run).answer(tf.constant(["May 5, 2024"]))["text"]`
    """
    from pipelines.seq2seq.generator import Generator
    from tfmodels import training

    subwords = data.subwords(run)
    config.decoding.check_vocabulary(subwords.size)
    network = model(config, run)
    network.build()
    training.restore_best(run.checkpoints, network)
    generator = Generator(network, subwords, config.max_source_length, config.max_answer_length, config.decoding)
    generator.served = run.served
    return generator
