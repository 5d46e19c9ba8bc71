"""What a regression reads of candidate spans: where the question's words stand around them, and their shape."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pipelines.question_answering.baselines.context_tokens import LETTERS, SHAPES, sentence_of_each, terms, tokens

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import TfidfVectorizer

MOST_TOKENS = 10  # of a span
_SENTENCES = 30  # whose spans are candidates, those that match the question best
_FREQUENT = 150  # tokens that are told apart
_WINDOWS = ((0, 1), (1, 3), (3, 8))  # tokens beside a span
_NUMBERS = 2 * len(_WINDOWS) + 6
_LOOKED_AT = 2_000  # contexts, for frequent tokens


class Spans(NamedTuple):
    """Candidate spans of a context, and what is read of them.

    Attributes:
        first: int `[spans]`, the first token.
        last: int `[spans]`, the last one.
        classes: int32 `[spans, classes]`, columns of what is there: length, shapes and frequent tokens at both ends and
            beside them.
        numbers: float32 `[spans, numbers]`, how much of the question stands before, in and after, and in the sentence.
    """

    first: np.ndarray
    last: np.ndarray
    classes: np.ndarray
    numbers: np.ndarray


class _Context(NamedTuple):
    """What is read of a context whatever is asked."""

    starts: np.ndarray
    ends: np.ndarray
    shapes: np.ndarray
    frequent: np.ndarray
    terms: list[list[tuple[str, float]]]
    sentence: np.ndarray
    vectors: Any


class SpanFeatures:
    """Makes features of candidate spans.

    Args:
        vectors: Of `sentence_match.vectorizer`.
        contexts: Of the training data.

    Attributes:
        columns: The number of columns that `classes` and `numbers` have together, as indicators.

    Example:
        `SpanFeatures(vectors, contexts).spans("Who left?", "It rained. They left.").numbers`
    """

    def __init__(self, vectors: "TfidfVectorizer", contexts: Sequence[str]) -> None:
        self._vectors = vectors
        self._rarity = dict(zip(vectors.get_feature_names_out(), vectors.idf_.tolist(), strict=True))
        self._rarest = max(self._rarity.values())
        counts = Counter(token.text.lower() for context in contexts[:_LOOKED_AT] for token in tokens(context))
        self._frequent = {token: place + 1 for place, (token, _) in enumerate(counts.most_common(_FREQUENT))}
        sizes = [MOST_TOKENS, *[len(SHAPES)] * 4, *[_FREQUENT + 1] * 4]
        self._offsets = np.cumsum([0, *sizes[:-1]])
        self.numbers_from = sum(sizes)
        self.columns = self.numbers_from + _NUMBERS
        self._known: dict[str, _Context] = {}

    def spans(self, question: str, context: str) -> Spans:
        """The candidates of a context: up to ten tokens of one sentence, without marks at either end.

        Args:
            question: The question.
            context: The context.

        Returns:
            The spans; none if the context has only marks.
        """
        read = self._read(context)
        asked: Any = self._vectors.transform([question])
        matches = (read.vectors @ asked.T).toarray()[:, 0]
        chosen = np.argsort(-matches, kind="stable")[:_SENTENCES]
        starts = np.flatnonzero((read.shapes >= LETTERS) & np.isin(read.sentence, chosen))
        first = np.repeat(starts, MOST_TOKENS)
        last = first + np.tile(np.arange(MOST_TOKENS), len(starts))
        inside = last < len(read.starts)
        first, last = first[inside], last[inside]
        whole = (read.sentence[first] == read.sentence[last]) & (read.shapes[last] >= LETTERS)
        first, last = first[whole], last[whole]
        return Spans(first, last, self._classes(read, first, last), self._numbers(read, question, matches, first, last))

    def place(self, context: str, span: tuple[int, int]) -> tuple[int, int]:
        """Start and end of a span of tokens in characters."""
        read = self._read(context)
        return int(read.starts[span[0]]), int(read.ends[span[1]])

    def covering(self, context: str, start: int, end: int) -> tuple[int, int]:
        """The tokens that lie in a piece of a context at least in part, without marks at either end.

        Args:
            context: The context.
            start: Of the piece, in characters.
            end: Of the piece.

        Returns:
            The first and the last token; the last is before the first if there is none.
        """
        read = self._read(context)
        inside = np.flatnonzero((read.ends > start) & (read.starts < end) & (read.shapes >= LETTERS))
        return (int(inside[0]), int(inside[-1])) if len(inside) else (0, -1)

    def _read(self, context: str) -> _Context:
        if context not in self._known:
            self._known = {context: self._context(context)}  # the questions of a context stand together
        return self._known[context]

    def _context(self, context: str) -> _Context:
        found = tokens(context)
        starts = np.array([token.start for token in found], np.int64)
        parts, sentence = sentence_of_each(context, starts)
        return _Context(
            starts,
            starts + np.array([len(token.text) for token in found], np.int64),
            np.array([token.shape for token in found], np.int64),
            np.array([self._frequent.get(token.text.lower(), 0) for token in found], np.int64),
            [[(term, self._rare(term)) for term in token.terms] for token in found],
            sentence,
            self._vectors.transform(parts),
        )

    def _classes(self, read: _Context, first: np.ndarray, last: np.ndarray) -> np.ndarray:
        shapes, frequent = (np.concatenate([[0], of, [0]]) for of in (read.shapes, read.frequent))
        places = [first, first + 1, last + 1, last + 2]  # one before, both ends, one after, of what has borders
        columns = [last - first, *(shapes[place] for place in places), *(frequent[place] for place in places)]
        return (np.stack(columns, axis=1) + self._offsets).astype(np.int32)

    def _numbers(
        self, read: _Context, question: str, matches: np.ndarray, first: np.ndarray, last: np.ndarray
    ) -> np.ndarray:
        asked = set(terms(question))
        matched = [sum(rare for term, rare in one if term in asked) for one in read.terms]
        total = max(sum(self._rare(term) for term in asked), 1.0)
        overlap = np.concatenate([[0.0], np.cumsum(matched)]) / total
        rare = np.concatenate([[0.0], np.cumsum([sum(rare for _, rare in one) for one in read.terms])])

        def between(sums: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
            return sums[np.clip(high, 0, len(read.starts))] - sums[np.clip(low, 0, len(read.starts))]

        inside, weight = between(overlap, first, last + 1), between(rare, first, last + 1)
        of_sentence = matches[read.sentence[first]]
        sentence_size = np.bincount(read.sentence, minlength=len(matches))[read.sentence[first]]
        sentence_start = np.searchsorted(read.sentence, read.sentence[first])
        columns = [
            *(between(overlap, first - far, first - near) for near, far in _WINDOWS),
            *(between(overlap, last + 1 + near, last + 1 + far) for near, far in _WINDOWS),
            inside,
            inside * total / np.maximum(weight, 1e-6),
            weight / ((last - first + 1) * self._rarest),
            of_sentence,
            of_sentence - matches.max(),
            (first - sentence_start) / sentence_size,
        ]
        return np.stack(columns, axis=1).astype(np.float32)

    def _rare(self, term: str) -> float:
        return self._rarity.get(term, self._rarest)
