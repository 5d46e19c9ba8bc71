"""The row that every source of questions yields."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: a piece of the context, `context[start : start + len(text)] == text`.

    Attributes:
        text: The answer.
        start: Where it starts in the raw context, in characters. -1: it has no place in the context, such as an answer
            of words that do not stand side by side. Training data has none of these; others are scored by their text.

    Example:
        `Answer("a river", 14)`
    """

    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Question:
    """A question and a context.

    Attributes:
        question: The question.
        context: The raw text that it is asked of.
        answers: The answers of all annotators, the first of which is trained on; none if the context has no answer.
        id: Its name in files of predictions; empty if the data has none.
        title: The article of the context, by which splits are made and scores are bootstrapped; empty if the data has
            none, so that the context stands for it.
        kind: The kind of question, for the tables of a report; never an input.

    Example:
        `Question("What is the Elbe?", "The Elbe is a river.", (Answer("a river", 12),), id="1")`
    """

    question: str
    context: str
    answers: tuple[Answer, ...] = ()
    id: str = ""
    title: str = ""
    kind: str = ""
