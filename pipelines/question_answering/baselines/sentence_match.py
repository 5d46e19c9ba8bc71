"""How well sentences match questions: the cosine of their tf-idf vectors."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from pipelines.question_answering.baselines.context_tokens import terms
from tfmodels.metrics.summary_baselines import sentences

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfVectorizer

_FEATURES = 200_000  # terms, so that memory is bounded


def vectorizer(contexts: Sequence[str]) -> "TfidfVectorizer":
    """Learns how rare terms are.

    Args:
        contexts: Of the training data; at least one that is not blank.

    Returns:
        What makes vectors of sentences and questions.

    Example:
        `vectorizer(contexts).transform(["Who left?"])`
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    made = TfidfVectorizer(analyzer=terms, sublinear_tf=True, max_features=_FEATURES, dtype=np.float32)
    return made.fit([part for context in contexts for part in sentences(context)])


def best_sentences(questions: Sequence[str], contexts: Sequence[str], vectors: "TfidfVectorizer") -> list[str]:
    """The sentence of each context that matches its question best, whole.

    Args:
        questions: The questions.
        contexts: The context of each.
        vectors: Of `vectorizer`.

    Returns:
        The sentences; of several alike the first.

    Example:
        `best_sentences(["Who left?"], ["It rained. They left."], vectors)` -> `["They left."]`
    """
    known: dict[str, tuple[list[str], Any]] = {}
    found, asked = [], cast("csr_matrix", vectors.transform(questions))
    for question, context in zip(asked, contexts, strict=True):
        if context not in known:
            parts = sentences(context) or [""]
            known = {context: (parts, vectors.transform(parts))}  # the questions of a context stand together
        parts, of_parts = known[context]
        found.append(parts[int(np.argmax((of_parts @ question.T).toarray()))])
    return found
