"""Baselines of classification: the majority class, and linear models on tf-idf of words and characters."""

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier

_STRENGTHS = (0.1, 1.0, 10.0, 100.0)  # of C, the inverse strength of the regularization


_MARGINS = (0.03, 0.1, 0.3, 1.0, 3.0)  # of C of the support vector machine
_MOST_CHARACTERS = 20_000_000  # of training texts whose character n-grams are counted
_MOST_WEIGHTS = 20_000_000


class LinearBaseline(NamedTuple):
    """Predictions of a linear model.

    Attributes:
        probabilities: `[rows, classes]`.
        strength: What was chosen on the validation data; of logistic regression the inverse regularization strength
            `C`.
        name: Name of the baseline.
    """

    probabilities: np.ndarray
    strength: float
    name: str = "logistic regression on 1-2-grams"


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


def logistic_regression(
    texts: Sequence[str],
    train: tuple[Sequence[str], np.ndarray],
    validation: tuple[Sequence[str], np.ndarray],
    classes: int,
) -> LinearBaseline:
    """Fits logistic regression on the tf-idf of words and word pairs.

    Args:
        texts: Texts to classify.
        train: Texts and labels to fit; labels are int `[train_rows]`, or 0 or 1 `[train_rows, classes]`, where each
            label has a regression of its own.
        validation: Texts and labels on which the regularization is chosen, by the share of correct decisions.
        classes: Number of classes. A class without training data gets probability 0.

    Returns:
        The predictions.

    Raises:
        ValueError: The training data has fewer than two classes, or no word.

    Example:
        `logistic_regression(test_texts, (train_texts, train_labels), (valid_texts, valid_labels), classes=2)`
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier

    (train_texts, labels), (validation_texts, validation_labels) = train, validation
    labels, validation_labels = np.asarray(labels), np.asarray(validation_labels)
    multi_label = labels.ndim == 2
    columns = np.arange(classes) if multi_label else np.unique(labels)
    if not multi_label and len(columns) < 2:
        raise ValueError(f"Expected training labels of at least two classes. Received: {columns.tolist()}")
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\w+|[^\w\s]")
    features = vectorizer.fit_transform(train_texts)

    def predict(model: "LogisticRegression | OneVsRestClassifier", rows: Sequence[str]) -> np.ndarray:
        probabilities = np.zeros([len(rows), classes])
        if len(rows):
            found = model.predict_proba(vectorizer.transform(rows))
            probabilities[:, columns] = found[:, -len(columns) :]  # the negative class of a single label comes first
        return probabilities

    def accuracy(model: "LogisticRegression | OneVsRestClassifier") -> float:
        probabilities = predict(model, validation_texts)
        return float(
            np.mean((probabilities > 0.5 if multi_label else probabilities.argmax(axis=1)) == validation_labels)
        )

    models = {}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Label .* is present in all training examples")
        warnings.filterwarnings("ignore", message="Label not .* is present in all training examples")
        for strength in _STRENGTHS:
            regression = LogisticRegression(C=strength, max_iter=1_000)
            models[strength] = (OneVsRestClassifier(regression) if multi_label else regression).fit(features, labels)
    best = max(_STRENGTHS, key=lambda strength: accuracy(models[strength]))  # of equals the first, the simplest
    return LinearBaseline(predict(models[best], texts), best)


def linear_svm(
    texts: Sequence[str],
    train: tuple[Sequence[str], np.ndarray],
    validation: tuple[Sequence[str], np.ndarray],
    classes: int,
) -> np.ndarray:
    """Fits a linear support vector machine on the tf-idf of words, word pairs and n-grams of 2 to 5 characters.

    Of very much training text, evenly spread rows are used; with very many classes, the most frequent n-grams.

    Args:
        texts: Texts to classify.
        train: See `logistic_regression`.
        validation: See `logistic_regression`.
        classes: Number of classes.

    Returns:
        int `[rows]`, the predicted classes; or bool `[rows, classes]`, the predicted labels.

    Example:
        `linear_svm(test_texts, (train_texts, train_labels), (valid_texts, valid_labels), classes=2)`
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_union
    from sklearn.svm import LinearSVC

    labels, validation_labels = np.asarray(train[1]), np.asarray(validation[1])
    every = max(1, -(-sum(map(len, train[0])) // _MOST_CHARACTERS))
    train_texts, labels = list(train[0])[::every], labels[::every]
    most = max(_MOST_WEIGHTS // max(classes, 1) // 2, 1_000)
    vectorizer = make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\w+|[^\w\s]", max_features=most),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, max_features=most),
    )
    features = vectorizer.fit_transform(train_texts)
    validation_features = vectorizer.transform(validation[0]) if len(validation[0]) else None
    machines: dict[float, LinearSVC | OneVsRestClassifier] = {}

    def accuracy(strength: float) -> float:
        if validation_features is None:
            return 0.0
        return float(np.mean(machines[strength].predict(validation_features) == validation_labels))

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Label .* is present in all training examples")
        warnings.filterwarnings("ignore", message="Label not .* is present in all training examples")
        warnings.filterwarnings("ignore", message="Liblinear failed to converge")
        for strength in _MARGINS:
            machine = LinearSVC(C=strength, random_state=0)
            machines[strength] = (OneVsRestClassifier(machine) if labels.ndim == 2 else machine).fit(features, labels)
    best = machines[max(_MARGINS, key=accuracy)]  # of equals the first, the simplest
    predicted = np.asarray(best.predict(vectorizer.transform(texts)))
    return predicted.astype(bool) if labels.ndim == 2 else predicted
