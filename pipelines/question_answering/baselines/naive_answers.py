"""Answers of simple methods, to compare a model with."""

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipelines.question_answering.baselines import sentence_match
from pipelines.question_answering.baselines.span_regression import SpanRegression
from pipelines.question_answering.scores import NO_ANSWER

if TYPE_CHECKING:
    from pipelines.sources.questions.question import Question

SENTENCE, SPANS = "best sentence by tf-idf", "logistic regression over spans"
_CONTEXTS = 5_000  # of the training data, to learn from how rare words are


def of(questions: "Sequence[Question]", train: "Sequence[Question]") -> dict[str, list[str]]:
    """Answers by simple methods, which see nothing of the answers to these questions.

    Args:
        questions: The questions.
        train: The training data.

    Returns:
        Name of a method -> its answer to each question. Where a question of either has no answer, one method never
        answers; the others always do.

    Example:
        `of(questions, train)["best sentence by tf-idf"]`
    """
    known = list(dict.fromkeys(one.context for one in train))
    some = known if len(known) <= _CONTEXTS else random.Random(0).sample(known, _CONTEXTS)
    vectors = sentence_match.vectorizer(some)
    asked, contexts = [one.question for one in questions], [one.context for one in questions]
    regression = SpanRegression(train, vectors)
    found = {
        SENTENCE: sentence_match.best_sentences(asked, contexts, vectors),
        SPANS: [regression.answer(*both) for both in zip(asked, contexts, strict=True)],
    }
    if not all(one.answers for one in (*questions, *train)):
        found[NO_ANSWER] = [""] * len(questions)
    return found
