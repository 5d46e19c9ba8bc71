"""A logistic regression over candidate spans (as in Rajpurkar et al., 2016, without parse trees)."""

import random
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from pipelines.question_answering.baselines.context_tokens import terms
from pipelines.question_answering.baselines.span_features import SpanFeatures, Spans

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfVectorizer

    from pipelines.sources.questions.question import Question

_QUESTIONS = 5_000  # of the training data, at most
_ANYWHERE, _NEAR = 8, 6  # wrong spans of each question, and of these that overlap the answer
_ASKING = 60  # terms of questions that are told apart
_SLOTS = 4  # of them in one question
_LEAST, _RATIO = 0.003, 3.0  # share of the questions that have such a term, and how much rarer it is in contexts
_LOOKED_AT = 2_000  # contexts, for that
_STRENGTH, _STEPS = 0.3, 60  # of regularisation, inverse; of the solver


class SpanRegression:
    """Answers questions with the most probable candidate.

    What it reads of a span counts by itself, and once more together with each term that is typical of questions, such
    as `who` or `how many`, which are found in the training data.

    Args:
        train: Questions with answers; of more than 5,000 a random part.
        vectors: Of `sentence_match.vectorizer`.

    Example:
        `SpanRegression(train, vectors).answer("Who left?", "It rained. They left.")`
    """

    def __init__(self, train: "Sequence[Question]", vectors: "TfidfVectorizer") -> None:
        self._features = SpanFeatures(vectors, list(dict.fromkeys(one.context for one in train)))
        self._asking = _asking_terms(train)
        draw = random.Random(0)
        known = [one for one in train if one.answers and one.answers[0].start >= 0]
        if len(known) > _QUESTIONS:
            known = draw.sample(known, _QUESTIONS)
        self._weights = self._fit(sorted(known, key=lambda one: one.context), np.random.default_rng(0))

    def answer(self, question: str, context: str) -> str:
        """The most probable span; empty if the context has no word.

        Args:
            question: The question.
            context: The context.

        Returns:
            A piece of the context.
        """
        spans = self._features.spans(question, context)
        if not len(spans.first):
            return ""
        weights = self._weights[self._slots(question)].sum(axis=0)
        of_classes, of_numbers = np.split(weights, [self._features.numbers_from])
        best = int(np.argmax(of_classes[spans.classes].sum(axis=1) + spans.numbers @ of_numbers))
        start, end = self._features.place(context, (int(spans.first[best]), int(spans.last[best])))
        return context[start:end]

    def _slots(self, question: str) -> list[int]:
        """The blocks of weights for a question: the common one, and those of its rarest typical terms."""
        return [0, *sorted({self._asking[term] for term in terms(question) if term in self._asking})[-_SLOTS:]]

    def _fit(self, train: "Sequence[Question]", draw: np.random.Generator) -> np.ndarray:
        from scipy.sparse import vstack
        from sklearn.linear_model import LogisticRegression

        rows, labels = [], []
        shape = (len(self._asking) + 1, self._features.columns)
        for one in train:
            spans = self._features.spans(one.question, one.context)
            picked, right = self._pick(one, spans, draw)
            if right:
                rows.append(self._row(one.question, spans, picked))
                labels.append(np.arange(len(picked)) == 0)
        if not rows:
            return np.zeros(shape, np.float32)
        model = LogisticRegression(C=_STRENGTH, max_iter=_STEPS, tol=1e-3)
        model.fit(vstack(rows, format="csr"), np.concatenate(labels))
        return model.coef_.reshape(shape).astype(np.float32)

    def _pick(self, one: "Question", spans: Spans, draw: np.random.Generator) -> tuple[np.ndarray, bool]:
        """The right span and wrong ones; whether the right one is a candidate."""
        answer = one.answers[0]
        first, last = self._features.covering(one.context, answer.start, answer.start + len(answer.text))
        right = (spans.first == first) & (spans.last == last)
        near = np.flatnonzero(~right & (spans.first <= last) & (spans.last >= first))
        anywhere = np.flatnonzero(~right)
        wrong = [draw.permutation(of)[:most] for of, most in ((anywhere, _ANYWHERE), (near, _NEAR))]
        return np.concatenate([np.flatnonzero(right), *wrong]), bool(right.any()) and len(anywhere) > 0

    def _row(self, question: str, spans: Spans, picked: np.ndarray) -> "csr_matrix":
        from scipy.sparse import csr_matrix

        size, slots = self._features.columns, self._slots(question)
        classes, numbers = spans.classes[picked], spans.numbers[picked]
        places = np.broadcast_to(np.arange(self._features.numbers_from, size, dtype=np.int32), numbers.shape)
        columns = np.concatenate([classes, places], axis=1)
        values = np.concatenate([np.ones(classes.shape, np.float32), numbers], axis=1)
        columns = np.concatenate([columns + slot * size for slot in slots], axis=1)
        values = np.tile(values, len(slots))
        starts = np.arange(len(picked) + 1) * columns.shape[1]
        shape = (len(picked), (len(self._asking) + 1) * size)
        return csr_matrix((values.ravel(), columns.ravel(), starts), shape=shape)


def _asking_terms(train: "Sequence[Question]") -> dict[str, int]:
    """Terms that are more frequent in questions than in contexts, the most frequent first, numbered from 1."""
    contexts = list(dict.fromkeys(one.context for one in train))[:_LOOKED_AT]
    there = Counter(term for context in contexts for term in terms(context))
    asked = Counter(term for one in train for term in terms(one.question))
    ratio = _RATIO * asked.total() / max(there.total(), 1)
    typical = [
        term for term, count in asked.most_common() if count >= _LEAST * len(train) and count > ratio * there[term]
    ]
    return {term: place + 1 for place, term in enumerate(typical[:_ASKING])}
