"""What a network starts from in place of random weights: those of another run, or word vectors."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines import runs
from pipelines.runs import Run, registry
from pipelines.text import vocabulary

if TYPE_CHECKING:
    import keras
    import numpy as np

    from tfmodels.training.copy_weights_by_name import Copied

_TABLE = "embedding/vectors"  # the weight that has a row for each piece
_HASHED = "ngrams/weight"  # the weight whose rows stand for hashes of the pieces' numbers
_SPELLINGS = "spelling/spellings"  # of the pieces of each run
_BLANK = "▁"  # what stands for a blank in pieces


def check(config: Any, run: Run, model: "Callable[[Any, Run], keras.Model]") -> None:
    """Finds, before any work, what would keep a run from starting so.

    Args:
        config: With `start_from`, `vectors` and `d_model`.
        run: The run that is to start. One that has been trained already needs neither the other run nor the file.
        model: Makes the network of a config and of the run whose subwords it has.

    Raises:
        FileNotFoundError: There is no such run or file, or the run has no checkpoint or no subwords.
        ValueError: The networks have no weight in common, or the word vectors have another width.

    Example:
        `check(config, run, model)`
    """
    from tfmodels import preprocessing, training

    if config.vectors and not training.is_started(run.checkpoints):
        preprocessing.WordVectors(Path(config.vectors), config.d_model)
    check_origin(config, run, model)


def check_origin(config: Any, run: Run, model: "Callable[[Any, Run], keras.Model]") -> None:
    """The part of `check` that knows nothing of tokens.

    Args:
        config: With `start_from`.
        run: The run that is to start.
        model: Makes the network of a config and of the run that is started from.

    Raises:
        FileNotFoundError: There is no such run, or it has no checkpoint.
        ValueError: The networks have no weight in common.

    Example:
        `check_origin(config, run, model)`
    """
    from tfmodels import training

    if not config.start_from or training.is_started(run.checkpoints):
        return
    origin = runs.load(config.start_from)
    network = model(config, origin)
    network.build()
    training.copy_weights(_trained(origin), network)


def initialise(config: Any, run: Run, network: "keras.Model") -> None:
    """Sets the weights that are known better than at random, and prints which.

    Word vectors come first, then the weights of the other run. So a piece that both know has the vector of the run, and
    only those new to it have word vectors.

    Args:
        config: With `start_from`, `vectors` and `d_model`.
        run: The run that starts, prepared.
        network: Built.

    Raises:
        ValueError: A line of the word vectors is malformed.

    Example:
        `training.fit(..., initialise=partial(starting_weights.initialise, config, run))`
    """
    if config.vectors:
        _set_vectors(config, run, network)
    if config.start_from:
        _copy_tokens(runs.load(config.start_from), run, network)


def copy_origin(config: Any, network: "keras.Model") -> None:
    """The part of `initialise` that knows nothing of tokens.

    Args:
        config: With `start_from`, which may be empty.
        network: Built.

    Example:
        `training.fit(..., initialise=partial(starting_weights.copy_origin, config))`
    """
    from tfmodels import training

    if config.start_from:
        origin = runs.load(config.start_from)
        _print_copied(origin, training.copy_weights(_trained(origin), network))


def notes(config: Any) -> list[str]:
    """What a report says of it.

    Args:
        config: With `start_from`, `keep_subwords` and `vectors`.

    Returns:
        Sentences, none for random weights.

    Example:
        `notes(translation.Config(start_from="general"))` -> `["started from the weights of general"]`
    """
    kept = " and its subwords" if config.keep_subwords else ""
    return [
        *([f"started from the weights of {config.start_from}{kept}"] if config.start_from else []),
        *([f"token vectors started from {config.vectors}"] if config.vectors else []),
    ]


def matching_rows(pieces: Sequence[str], others: Sequence[str]) -> "np.ndarray":
    """Where each of `pieces` stands among `others`, int64 `[pieces]`; -1 if it does not.

    Args:
        pieces: Distinct.
        others: Distinct.

    Example:
        `matching_rows(["a", "b"], ["b", "c"])` -> `[-1, 0]`
    """
    import numpy as np

    places = {piece: place for place, piece in enumerate(others)}
    return np.array([places.get(piece, -1) for piece in pieces])


def _trained(run: Run) -> "keras.Model":
    from tfmodels import training

    network = registry.find(run.task).model(run.config, run)
    network.build()
    training.restore_best(run.checkpoints, network)
    return network


def _copy_tokens(origin: Run, run: Run, network: "keras.Model") -> None:
    import numpy as np

    from tfmodels import training

    old, new = (vocabulary.read(one).vocabulary() for one in (origin, run))
    rows = matching_rows(new, old)
    taken = {_TABLE: rows}
    weights = training.weights_by_name(network)
    if new != old:
        taken |= {name: np.full(weights[name].shape[0], -1) for name in (_HASHED, _SPELLINGS) if name in weights}
    copied = training.copy_weights(_trained(origin), network, taken)
    kept = int((rows >= 0).sum()) if _TABLE in copied.variables else 0
    pieces = f"  pieces: {kept:,} kept, {len(new) - kept:,} new, {len(old) - kept:,} gone"
    _print_copied(origin, copied, pieces)


def _print_copied(origin: Run, copied: "Copied", *lines: str) -> None:
    fresh = copied.fresh
    print(f"Starting from {origin.path}:", *lines, sep="\n")
    print(f"  variables: {len(copied.variables):,} copied, {len(fresh):,} left fresh")
    for reason in dict.fromkeys(fresh.values()):
        print(f"    {reason}: {', '.join(name for name in fresh if fresh[name] == reason)}")


def _set_vectors(config: Any, run: Run, network: "keras.Model") -> None:
    """Scaled to the spread of the table's random vectors, whose rows they take."""
    import numpy as np

    from tfmodels import preprocessing, training

    words = [piece.removeprefix(_BLANK) for piece in vocabulary.read(run).vocabulary()]
    found = preprocessing.WordVectors(Path(config.vectors), config.d_model).find(set(words) - {""})
    known = np.array([word in found for word in words])
    table = training.weights_by_name(network)[_TABLE]
    values = table.numpy()
    if known.any():
        vectors = np.stack([found[word] for word in words if word in found])
        values[known] = vectors * (values.std() / vectors.std())
        table.assign(values)
    rows = training.TokenRows(run.assets / "train")
    counts = rows.counts(len(words), [column for column in rows.columns if column != vocabulary.LABELS])
    print(
        f"Word vectors of {config.vectors}: for {known.sum():,} of {len(words):,} pieces ({known.mean():.1%}), "
        f"{counts[known].sum() / counts.sum():.1%} of the running tokens of the training data"
    )
