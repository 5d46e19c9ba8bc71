"""Baselines of classification: the majority class, and the strongest linear models on tf-idf of n-grams."""

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import FeatureUnion
    from sklearn.svm import LinearSVC

    Machine = LogisticRegression | LinearSVC | OneVsRestClassifier

_STRENGTHS = (
    0.3,
    1.0,
    3.0,
    10.0,
    30.0,
    100.0,
)  # of C, the inverse strength of the regularization, of logistic regression
_MARGINS = (0.03, 0.1, 0.3, 1.0, 3.0)  # of C of the support vector machine
_MOST_CHARACTERS = 20_000_000  # of training texts whose n-grams are counted
_MOST_WEIGHTS = 20_000_000


class LinearBaseline(NamedTuple):
    """Predictions of a linear model.

    Attributes:
        name: Name of the baseline.
        decided: int `[rows]`, the predicted classes; or bool `[rows, classes]`, the predicted labels.
        probabilities: `[rows, classes]`; None where the model has none.
        strength: What was chosen on the validation data; of the fitted models the inverse regularization strength `C`.
    """

    name: str
    decided: np.ndarray
    probabilities: np.ndarray | None
    strength: float


def majority_class(train_labels: np.ndarray, rows: int, classes: int) -> np.ndarray:
    """Predicts the frequency of each class, or label, in the training data, whatever the text.

    Args:
        train_labels: int `[train_rows]`, or 0 or 1 `[train_rows, classes]`.
        rows: Number of predictions.
        classes: Number of classes.

    Returns:
        Probabilities, `[rows, classes]`: the most frequent class is the most probable.

    Raises:
        ValueError: There are no training labels.

    Example:
        `majority_class(np.array([0, 1, 1]), rows=1, classes=2)` -> `[[0.33, 0.67]]`
    """
    labels = np.asarray(train_labels)
    if not len(labels):
        raise ValueError("Expected at least one training label. Received: none")
    shares = labels.mean(axis=0) if labels.ndim == 2 else np.bincount(labels, minlength=classes) / len(labels)
    return np.broadcast_to(shares, [rows, len(shares)])


def linear_models(
    texts: Sequence[str],
    train: tuple[Sequence[str], np.ndarray],
    validation: tuple[Sequence[str], np.ndarray],
    classes: int,
) -> list[LinearBaseline]:
    """Fits logistic regression and a linear support vector machine to the tf-idf of words and characters.

    Each is fitted to the n-grams of 1 and 2 words alone, and to those of 1 to 3 words with those of 2 to 5 characters
    within words; n-grams and strength of the regularization are those that decide best on the validation data. Of very
    much training text, evenly spread rows are used; with very many classes, the most frequent n-grams.

    Args:
        texts: Texts to classify.
        train: Texts and labels to fit; labels are int `[train_rows]`, or 0 or 1 `[train_rows, classes]`, where each
            label has a model of its own.
        validation: Texts and labels to choose on, by the share of correct decisions.
        classes: Number of classes. A class without training data gets probability 0.

    Returns:
        The predictions of logistic regression and of the support vector machine.

    Raises:
        ValueError: The training data has fewer than two classes, or no word.

    Example:
        `linear_models(test_texts, (train_texts, train_labels), (valid_texts, valid_labels), classes=2)`
    """
    labels, validation_labels = np.asarray(train[1]), np.asarray(validation[1])
    every = max(1, -(-sum(map(len, train[0])) // _MOST_CHARACTERS))
    train_texts, labels = list(train[0])[::every], labels[::every]
    columns = np.arange(classes) if labels.ndim == 2 else np.unique(labels)
    if labels.ndim == 1 and len(columns) < 2:
        raise ValueError(f"Expected training labels of at least two classes. Received: {columns.tolist()}")
    several = labels.ndim == 2 or len(columns) > 2
    found: dict[str, tuple[float, LinearBaseline]] = {}
    for vectorizer in _vectorizers(classes):
        features = vectorizer.fit_transform(train_texts)
        known, asked = (vectorizer.transform(rows) if len(rows) else None for rows in (validation[0], texts))
        for name, strength, machine in _machines(several):
            _fit(machine, features, labels)
            score = -1.0 if known is None else float(np.mean(_decided(machine, known, labels) == validation_labels))
            if name not in found or score > found[name][0]:  # of equals the first, the simplest
                decided = labels[:0] if asked is None else _decided(machine, asked, labels)
                probabilities = _probabilities(machine, asked, columns, classes)
                found[name] = score, LinearBaseline(name, decided, probabilities, strength)
    return [baseline for _, baseline in found.values()]


def _vectorizers(classes: int) -> "list[FeatureUnion]":
    """What makes features of texts: pairs of words; triples of words, and characters."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_union

    most = max(_MOST_WEIGHTS // max(classes, 1) // 2, 1_000)
    pairs, triples = (
        TfidfVectorizer(ngram_range=(1, length), sublinear_tf=True, token_pattern=r"\w+|[^\w\s]", max_features=most)
        for length in (2, 3)
    )
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, max_features=most)
    return [make_union(pairs), make_union(triples, characters)]


def _machines(several: bool) -> "list[tuple[str, float, Machine]]":
    """Name, strength and the model to fit: one for each class where there are several."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.svm import LinearSVC

    dual: dict[str, Any] = {"solver": "liblinear", "dual": True}  # fast where there are more n-grams than texts
    machines = [
        *(("logistic regression", one, LogisticRegression(C=one, random_state=0, **dual)) for one in _STRENGTHS),
        *(("linear SVM", one, LinearSVC(C=one, random_state=0)) for one in _MARGINS),
    ]
    return [
        (f"{name} on words and characters", strength, OneVsRestClassifier(machine) if several else machine)
        for name, strength, machine in machines
    ]


def _fit(machine: "Machine", features: object, labels: np.ndarray) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Label .* is present in all training examples")
        warnings.filterwarnings("ignore", message="Label not .* is present in all training examples")
        warnings.filterwarnings("ignore", message="Liblinear failed to converge")
        machine.fit(features, labels)


def _decided(machine: "Machine", features: object, labels: np.ndarray) -> np.ndarray:
    """The decisions for texts, in the form of `LinearBaseline`."""
    found = np.asarray(machine.predict(features))
    return found.reshape(-1, labels.shape[1]).astype(bool) if labels.ndim == 2 else found  # of one label [rows]


def _probabilities(machine: "Machine", features: object | None, columns: np.ndarray, classes: int) -> np.ndarray | None:
    """The probabilities of texts, if there are any."""
    if not hasattr(machine, "predict_proba"):
        return None
    found = np.zeros([0, classes]) if features is None else np.asarray(machine.predict_proba(features))
    probabilities = np.zeros([len(found), classes])
    probabilities[:, columns] = found[:, -len(columns) :]  # the negative class of a single label comes first
    return probabilities
