"""Fits the linear part of a run: logistic regression on the tf-idf of n-grams."""

import warnings
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import tensorflow as tf

from pipelines.classification.linear_part import ARRAYS, FOLDER
from pipelines.runs import Run
from pipelines.text import vocabulary
from tfmodels import preprocessing, whole_files

if TYPE_CHECKING:
    from scipy import sparse

    from pipelines.classification.config import Config

_STRENGTHS = (0.3, 1.0, 3.0, 10.0, 30.0)  # of C, the inverse strength of the regularization
_MOST_BYTES = 64 * 2**20  # of the tables
_BITS = 31  # of a hash
_MOST_CHARACTERS = 10_000_000  # of training texts whose n-grams are counted
_MOST_CELLS = 2_000_000  # texts x classes that are fitted
_ROWS = 256  # texts hashed at a time
_PAIR = 2  # words of an n-gram of the shorter list
_CERTAIN = 10.0  # the logit of a label that all or none of the training texts have


class _Hashes(NamedTuple):
    """The n-grams of one kind of some texts, all `[ngrams]`: the row of the text, the hash, and for words how many."""

    row: np.ndarray
    hashed: np.ndarray
    length: np.ndarray
    rows: int


def learn(
    config: "Config",
    run: Run,
    train: tuple[Sequence[str], np.ndarray],
    validation: tuple[Sequence[str], np.ndarray],
    weights: Sequence[float],
) -> list[str]:
    """Fits the linear model and writes it into the assets of a run.

    It is logistic regression, one for each class, on the tf-idf of words and pairs of words, or of n-grams of up to 3
    words and of characters that at least two training texts have; of very many the most frequent. The n-grams and the
    strength of the regularization are chosen by the share of correct decisions for the validation split. Of very much
    text, evenly spread rows are used.

    Args:
        config: The options.
        run: Whose assets are prepared.
        train: Texts and labels, int `[rows]` or 0 or 1 `[rows, classes]`.
        validation: Those that the strength is chosen on.
        weights: Weight of each class in training.

    Returns:
        What a report says of it.

    Raises:
        ValueError: There are too many texts and classes.
    """
    normalize, classes = vocabulary.is_normalized(config), len(weights)
    _check(len(train[0]), classes)
    every = max(1, -(-sum(map(len, train[0])) // _MOST_CHARACTERS))
    texts, labels = list(train[0])[::every], np.asarray(train[1])[::every]
    kinds, asked = _hashes(texts, normalize), _hashes(validation[0], normalize)
    scored = []
    for known, frequencies, strengths in _lists(kinds, len(texts), classes):
        features, asked_features = (
            _features([_counted(kind, known) for kind in of], frequencies) for of in (kinds, asked)
        )
        for strength in strengths:
            weight, bias = _fit(features, labels, np.asarray(weights), strength)
            score = _correct(asked_features @ weight + bias, validation[1])
            scored.append((score, strength, known, frequencies, weight, bias))
    score, strength, known, frequencies, weight, bias = max(scored, key=lambda one: one[0])  # of equals the first
    (run.assets / FOLDER).mkdir(parents=True, exist_ok=True)
    arrays = (known.astype(np.int32), *(of.astype(np.float32) for of in (frequencies, weight, bias)))
    for name, array in zip(ARRAYS, arrays, strict=True):
        with whole_files.replacing(run.assets / FOLDER / f"{name}.npy") as unfinished:
            np.save(unfinished, array)
    return [
        f"linear part: logistic regression of {len(known):,} n-grams, strength {strength:g}, chosen on the validation "
        f"split, of whose decisions it has {100 * score:.1f} % right alone"
    ]


def _check(texts: int, classes: int) -> None:
    """Refuses a linear part that would take hours."""
    if texts * classes > _MOST_CELLS and classes > 2:
        raise ValueError(
            f"Expected `wide` to be left out with so many texts and classes: a linear model is fitted for each class, "
            f"to {_MOST_CELLS:,} texts times classes at most. Received: {texts:,} texts, {classes:,} classes"
        )


def _lists(
    kinds: "list[_Hashes]", texts: int, classes: int
) -> Iterator[tuple[np.ndarray, np.ndarray, tuple[float, ...]]]:
    """Lists of n-grams that may be kept: their hashes and document frequencies, and the strengths to try."""
    words, characters = kinds
    short = words.length <= _PAIR
    pairs = _Hashes(words.row[short], words.hashed[short], words.length[short], words.rows)
    for chosen, least, strengths in (([pairs], 1, (*_STRENGTHS, 100.0)), ([words, characters], 2, _STRENGTHS)):
        keys = (np.unique((of.row.astype(np.int64) << _BITS) + of.hashed) % (1 << _BITS) for of in chosen)
        known, documents = np.unique(np.concatenate([*keys]), return_counts=True)
        often = np.flatnonzero(documents >= min(least, documents.max(initial=1)))
        most = max(_MOST_BYTES // (4 * (2 + classes)), 1)
        kept = np.sort(often[np.argsort(-documents[often], kind="stable")[:most]])
        known, documents = (known[kept], documents[kept]) if len(kept) else (np.zeros(1, int), np.zeros(1))
        yield known, np.log((1 + texts) / (1 + documents)) + 1, strengths  # as scikit-learn has it


def _hashes(texts: Sequence[str], normalize: bool) -> "list[_Hashes]":
    """The n-grams of texts, of words and of characters."""
    found: list[list[_Hashes]] = [[], []]
    for start in range(0, len(texts), _ROWS):
        hashed = preprocessing.hashed_ngrams(tf.constant(texts[start : start + _ROWS]), normalize)
        for kind, hashes in zip(found, (of.numpy() for of in hashed), strict=True):
            row, place = np.nonzero(hashes >= 0)
            # Words: of n of them, n - 1 pairs and n - 2 triples follow.
            single = (np.bincount(row, minlength=len(hashes)) + 3) // 3
            length = 1 + (place >= single[row]) + (place >= 2 * single[row] - 1)
            kind.append(
                _Hashes((row + start).astype(np.int32), hashes[row, place], length.astype(np.int8), len(hashes))
            )
    return [
        _Hashes(
            np.concatenate([np.zeros(0, np.int32), *(part.row for part in kind)]),
            np.concatenate([np.zeros(0, np.int32), *(part.hashed for part in kind)]),
            np.concatenate([np.zeros(0, np.int8), *(part.length for part in kind)]),
            len(texts),
        )
        for kind in found
    ]


def _counted(kind: "_Hashes", known: np.ndarray) -> "sparse.csr_matrix":
    from scipy import sparse

    places = np.minimum(np.searchsorted(known, kind.hashed), len(known) - 1)
    found = known[places] == kind.hashed
    cells = (kind.row[found], places[found])
    # Not an array: its indices may have 64 bits, which liblinear does not take.
    return sparse.csr_matrix((np.ones(len(cells[0]), np.float32), cells), shape=(kind.rows, len(known)))


def _features(counts: "Sequence[sparse.csr_matrix]", frequencies: np.ndarray) -> "sparse.csr_matrix":
    """The tf-idf of all kinds of n-grams, each kind of length 1."""
    from sklearn.preprocessing import normalize

    for kind in counts:
        kind.data = (1 + np.log(kind.data)) * frequencies[kind.indices]
    words, characters = map(normalize, counts)
    return words + characters


def _fit(
    features: "sparse.csr_matrix", labels: np.ndarray, weights: np.ndarray, strength: float
) -> tuple[np.ndarray, np.ndarray]:
    """The weights `[ngrams, classes]` and biases of a regression for each class."""
    from sklearn.linear_model import LogisticRegression

    classes = len(weights)
    weight, bias = np.zeros([features.shape[1], classes], np.float32), np.zeros(classes, np.float32)
    for one, target, row_weights in _targets(labels, weights):
        if target.all() or not target.any():
            bias[one] = _CERTAIN if target.any() else -_CERTAIN
            continue
        model = LogisticRegression(C=strength, solver="liblinear", dual=True, random_state=0)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Liblinear failed to converge")
            model.fit(features, target, sample_weight=row_weights)
        weight[:, one], bias[one] = model.coef_[0], model.intercept_[0]
    if labels.ndim == 1 and classes == 2:  # one model tells two classes apart
        weight, bias = np.stack([-weight[:, 1], weight[:, 1]], axis=1) / 2, np.array([-bias[1], bias[1]]) / 2
    return weight, bias


def _targets(labels: np.ndarray, weights: np.ndarray) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """For each class that is fitted: its number, which rows have it, and the weights of the rows."""
    for one in range(len(weights)):
        if labels.ndim == 2:
            yield one, labels[:, one] > 0, np.full(len(labels), max(weights[one], 1e-6))
        elif one or len(weights) != 2:
            yield one, labels == one, np.maximum(weights[labels], 1e-6)


def _correct(logits: np.ndarray, labels: np.ndarray) -> float:
    """The share of correct decisions."""
    return float(np.mean((logits >= 0 if labels.ndim == 2 else logits.argmax(axis=1)) == labels))
