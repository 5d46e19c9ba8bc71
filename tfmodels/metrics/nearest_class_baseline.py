"""A linear baseline of classification for any number of classes, in little time and memory."""

from collections.abc import Sequence

import numpy as np

from tfmodels.metrics.classification_baselines import LinearBaseline

_SHARPNESS = (3.0, 10.0, 30.0, 100.0)  # what cosines are multiplied by before the softmax
_ROWS, _MOST = 256, 1000  # texts compared at a time; validation texts that the choice is made on
_THRESHOLDS = np.linspace(0.05, 0.95, 19)  # of the cosine from which on a text has a label


def nearest_class(
    texts: Sequence[str],
    train: tuple[Sequence[str], np.ndarray],
    validation: tuple[Sequence[str], np.ndarray],
    classes: int,
) -> LinearBaseline:
    """Compares texts with the mean tf-idf vector of each class (Rocchio, 1971), over words and word pairs.

    Vectors stay sparse: time and memory grow with the words of the texts, not with classes times words, as those of
    `linear_models` do.

    Args:
        texts: Texts to classify.
        train: Texts and labels to fit; labels are int `[train_rows]`, or 0 or 1 `[train_rows, classes]`.
        validation: Texts and labels on which the sharpness of probabilities is chosen; where a text may have several
            labels, the cosine from which on it has one.
        classes: Number of classes. A class without training data gets a probability near 0.

    Returns:
        The predictions; the most probable class of a text is the one whose vector has the largest cosine.

    Raises:
        ValueError: The training data has no word.

    Example:
        `nearest_class(test_texts, (train_texts, train_labels), (valid_texts, valid_labels), classes=3000)`
    """
    from scipy import sparse
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import normalize

    (train_texts, labels), (validation_texts, validation_labels) = train, validation
    labels, validation_labels = np.asarray(labels), np.asarray(validation_labels)
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\w+|[^\w\s]", dtype=np.float32)
    vectors = vectorizer.fit_transform(train_texts)
    rows, columns = np.nonzero(labels) if labels.ndim == 2 else (np.arange(len(labels)), labels)
    members = sparse.csr_array((np.ones(len(rows), np.float32), (columns, rows)), shape=(classes, len(labels)))
    means = normalize(members @ vectors)

    def cosines(of: Sequence[str]) -> np.ndarray:
        found = np.zeros([len(of), classes], np.float32)
        for start in range(0, len(of), _ROWS):
            found[start : start + _ROWS] = (vectorizer.transform(of[start : start + _ROWS]) @ means.T).toarray()
        return found

    several = labels.ndim == 2
    chosen = np.unique(np.linspace(0, len(validation_texts) - 1, min(_MOST, len(validation_texts))).astype(int))
    known = cosines([validation_texts[row] for row in chosen])
    strength = (_threshold if several else _sharpness)(known, validation_labels[chosen])
    found = cosines(texts)
    probabilities = _clipped(found, strength) if several else _softmax(found, strength)
    decided = probabilities >= 0.5 if several else probabilities.argmax(axis=1)
    return LinearBaseline("nearest class by 1-2-grams", decided, probabilities, strength)


def _sharpness(cosines: np.ndarray, labels: np.ndarray) -> float:
    """The sharpness with the highest likelihood."""

    def likelihood(sharpness: float) -> float:
        chosen = np.take_along_axis(_softmax(cosines.copy(), sharpness), labels[:, np.newaxis], axis=1)
        return float(np.log(np.maximum(chosen, 1e-9)).sum())

    return max(_SHARPNESS, key=likelihood)


def _threshold(cosines: np.ndarray, labels: np.ndarray) -> float:
    """The threshold with the highest micro F1."""

    def micro_f1(threshold: float) -> float:
        decided = cosines >= threshold
        return 2 * float((decided & (labels > 0)).sum()) / max(float(decided.sum() + labels.sum()), 1)

    return float(max(_THRESHOLDS, key=micro_f1))


def _clipped(cosines: np.ndarray, threshold: float) -> np.ndarray:
    """Probabilities that are one half at the threshold; `cosines` is overwritten."""
    cosines /= 2 * threshold
    return np.clip(cosines, 0, 1, out=cosines)


def _softmax(cosines: np.ndarray, sharpness: float) -> np.ndarray:
    """Probabilities that sum to 1; `cosines` is overwritten."""
    cosines *= sharpness
    cosines -= cosines.max(axis=1, keepdims=True)
    np.exp(cosines, out=cosines)
    cosines /= cosines.sum(axis=1, keepdims=True)
    return cosines
