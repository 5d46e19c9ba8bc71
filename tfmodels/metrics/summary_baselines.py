"""Summaries that need no training, or hardly any: what a model has to beat."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

# Up to a mark before blanks, an East Asian mark, or the end of a line or text.
_SENTENCE = re.compile(r"""\S.*?(?:[.!?…]+["'”’»)\]]*(?=\s|$)|[。！？]+[」』”’]*|$)""", re.MULTILINE)
_ROWS = 256  # texts compared at a time
_FEATURES = 200_000  # words of the vectors, so that their memory is bounded


def sentences(text: str) -> list[str]:
    """Splits a text into sentences by its marks and lines.

    Args:
        text: The text.

    Returns:
        Its sentences, without blanks around them.

    Example:
        `sentences("It rained. We left.")` -> `["It rained.", "We left."]`
    """
    return [found[0].strip() for found in _SENTENCE.finditer(text)]


def first_sentence(text: str) -> str:
    """The first sentence of a text; empty for a blank text."""
    return next(iter(sentences(text)), "")


def first_words(text: str, count: int) -> str:
    """The first words of a text.

    Example:
        `first_words("It rained for days.", 2)` -> `"It rained"`
    """
    return " ".join(text.split()[:count])


def most_similar(texts: Sequence[str], others: Sequence[str], answers: Sequence[str]) -> list[str]:
    """For each text the answer to the most similar other text, by the cosine of their tf-idf vectors of words.

    Args:
        texts: Texts to answer.
        others: Texts whose answers are known, such as the training data.
        answers: These answers.

    Returns:
        An answer for each text.

    Raises:
        ValueError: The other texts have no word.

    Example:
        `most_similar(test_documents, train_documents, train_summaries)`
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(
        sublinear_tf=True, token_pattern=r"\w+", max_features=_FEATURES, stop_words=None, dtype=np.float32
    )
    vectors: Any = vectorizer.fit_transform(others)
    known = vectors.T.tocsr()
    found: list[str] = []
    for start in range(0, len(texts), _ROWS):
        cosines = vectorizer.transform(texts[start : start + _ROWS]) @ known
        found += [answers[int(row)] for row in np.asarray(cosines.argmax(axis=1)).ravel()]
    return found


def best_sentence(text: str, score: Callable[[str], float], most: int = 100) -> str:
    """The sentence of a text with the best score: a ceiling of what copying one sentence reaches.

    Args:
        text: The text.
        score: The score of a sentence as the answer.
        most: Sentences that are looked at, the first of the text.

    Returns:
        The sentence; empty for a blank text.

    Example:
        `best_sentence(document, lambda sentence: rouge([sentence], [[summary]])[0, 2])`
    """
    return max(sentences(text)[:most], key=score, default="")
