"""Starting values of token vectors: those of another run, or word vectors."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.runs import Run, warm_start
from pipelines.text import vocabulary

if TYPE_CHECKING:
    import keras
    import numpy as np

_TABLE = "embedding/vectors"  # the weight that has a row for each token
_HASHED = "ngrams/weight"  # the weight whose rows stand for hashes of the tokens' numbers
_SPELLINGS = "spelling/spellings"  # of the tokens of each run
_BLANK = "▁"  # stands for a blank in subwords


def check(config: Any, run: Run, model: "Callable[[Any, Run], keras.Model]", width: int) -> None:
    """Finds, before any work, what would keep a run from starting from another run or from word vectors.

    Args:
        config: With `start_from` and `vectors`.
        run: The run that is to start. One that has been trained already needs neither the other run nor the file.
        model: Makes the network of a config and of the run whose tokens it has.
        width: Of the token vectors.

    Raises:
        FileNotFoundError: There is no such run or file, or the run has no checkpoint or no tokens.
        ValueError: The networks have no weight in common, or the word vectors have another width.

    Example:
        `check(config, run, model, width=256)`
    """
    from tfmodels import preprocessing, training

    if config.vectors and not training.is_started(run.checkpoints):
        preprocessing.WordVectors(Path(config.vectors), width)
    warm_start.check_origin(config, run, model)


def initialise(config: Any, run: Run, network: "keras.Model") -> None:
    """Sets the weights that another run or word vectors provide, and prints which.

    The weights of the other run replace word vectors: only tokens that it does not have start from word vectors.

    Args:
        config: With `start_from` and `vectors`.
        run: The run that starts, prepared.
        network: Built.

    Raises:
        ValueError: A line of the word vectors is malformed.

    Example:
        `training.fit(..., initialise=partial(token_vectors.initialise, config, run))`
    """
    if config.vectors:
        _set_vectors(config, run, network)
    if config.start_from:
        _copy_tokens(warm_start.origin(config, run), run, network)


def notes(config: Any) -> list[str]:
    """What a report says of the start.

    Args:
        config: With `start_from`, `keep_tokens` and `vectors`.

    Returns:
        Sentences, none for random weights.

    Example:
        `notes(config)` -> `["started from the weights of general"]`
    """
    kept = " and its tokens" if config.keep_tokens else ""
    return [
        *([f"started from the weights of {config.start_from}{kept}"] if config.start_from else []),
        *([f"token vectors started from {config.vectors}"] if config.vectors else []),
    ]


def matching_rows(pieces: Sequence[str], others: Sequence[str]) -> "np.ndarray":
    """The row of each of `pieces` among `others`, int64 `[pieces]`; -1 if it is not among them.

    Args:
        pieces: Distinct.
        others: Distinct.

    Returns:
        The rows.

    Example:
        `matching_rows(["a", "b"], ["b", "c"])` -> `[-1, 0]`
    """
    import numpy as np

    places = {piece: place for place, piece in enumerate(others)}
    return np.array([places.get(piece, -1) for piece in pieces])


def _copy_tokens(origin: Run, run: Run, network: "keras.Model") -> None:
    import numpy as np

    from tfmodels import training

    old, new = (vocabulary.read(one).vocabulary() for one in (origin, run))
    rows = matching_rows(new, old)
    taken = {_TABLE: rows}
    weights = training.weights_by_name(network)
    if new != old:
        taken |= {name: np.full(weights[name].shape[0], -1) for name in (_HASHED, _SPELLINGS) if name in weights}
    copied = training.copy_weights(warm_start.best_network(origin), network, taken)
    kept = int((rows >= 0).sum()) if _TABLE in copied.variables else 0
    pieces = f"  pieces: {kept:,} kept, {len(new) - kept:,} new, {len(old) - kept:,} gone"
    warm_start.print_copied(origin, copied, pieces)


def _set_vectors(config: Any, run: Run, network: "keras.Model") -> None:
    """Writes word vectors, scaled to the standard deviation of the random ones, to the rows of their tokens."""
    import numpy as np

    from tfmodels import preprocessing, training

    words = [piece.removeprefix(_BLANK) for piece in vocabulary.read(run).vocabulary()]
    table = training.weights_by_name(network)[_TABLE]
    found = preprocessing.WordVectors(Path(config.vectors), table.shape[1]).find(set(words) - {""})
    known = np.array([word in found for word in words])
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
