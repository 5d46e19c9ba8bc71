"""Questions as a source has them: each is checked for what it says by itself."""

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from pipelines.sources.faults import Faults
from pipelines.sources.questions.question import Answer, Question

LEFT_OUT = "it is left out"
_SHOWN = 60  # characters in a message
_LARGEST = 1 << 53  # of ids and starts that are numbers
_UNSEEN = ("Zs", "Zl", "Zp", "Cc", "Cf")  # of Unicode's categories


class Row(NamedTuple):
    """A question and where it is.

    Attributes:
        question: The question; the starts of its answers are as written, -1 where there are none.
        place: Its place in the data, for messages: "squad/train.json, id '5733be28'".

    Example:
        `Row(Question("What is the Elbe?", "The Elbe is a river."), "squad/train.json, id '1'")`
    """

    question: Question
    place: str


class Fields(NamedTuple):
    """What a source has of a question, of any type.

    Attributes:
        question: The question.
        context: The context.
        answers: Text and start of each answer; None for a start that is not there.
        id: The id.
        title: The title of the article.
        kind: The kind of question.
    """

    question: Any
    context: Any
    answers: Sequence[tuple[Any, Any]] = ()
    id: Any = None
    title: Any = None
    kind: Any = None


def row(fields: Fields, place: str, faults: Faults) -> Iterator[Row]:
    """Makes a row, or none if it is faulty.

    Args:
        fields: What the source has. A blank answer without a start is none; numbers in place of texts are written as
            texts.
        place: Its place in the data.
        faults: Collects the row if something in it is missing or of a wrong type.

    Yields:
        The row.

    Raises:
        ValueError: A fault is an error.

    Example:
        `next(row(Fields("What is the Elbe?", "The Elbe is a river."), "rivers.csv, line 2", Faults("error")))`
    """
    if not (is_text("question", fields.question, place, faults) and is_text("context", fields.context, place, faults)):
        return
    names = [_text(value) for value in (fields.id, fields.title, fields.kind)]
    for name, value, found in zip(("id", "title", "kind"), fields[3:], names, strict=True):
        if found is None:
            faults.found(f"a text or a whole number as {name}", f"{_shown(value)}, {place}", LEFT_OUT)
            return
    answers = []
    for text, start in fields.answers:
        answer, number = _text(text), _start(start)
        if answer is None or "\0" in answer:
            faults.found("texts without NUL bytes as answers", f"{_shown(text)}, {place}", LEFT_OUT)
            return
        if number is None:
            faults.found("a whole number as answer_start", f"{_shown(start)}, {place}", LEFT_OUT)
            return
        if not is_blank(answer):
            answers.append(Answer(answer, number))
        elif number >= 0:
            faults.found("a text of each answer with a start", f"{_shown(text)} at {number:,}, {place}", LEFT_OUT)
            return
    yield Row(Question(fields.question, fields.context, tuple(answers), *map(str, names)), place)


def is_text(name: str, value: Any, place: str, faults: Faults, count: int = 1) -> bool:
    """Whether a value is a text that can be read; if not, it is a fault.

    Args:
        name: What it is, for the message.
        value: The value.
        place: Its place in the data.
        faults: Collects it.
        count: Number of questions that it is part of.

    Raises:
        ValueError: The fault is an error.

    Example:
        `is_text("context", "", "squad/train.json, article 1", Faults("drop"))` -> `False`
    """
    if not isinstance(value, str) or not value.strip():
        faults.found(f"a text as {name} in each row", f"{_shown(value)}, {place}", LEFT_OUT, count)
        return False
    if "\0" in value:
        faults.found(f"a {name} without NUL bytes", f"{_shown(value)}, {place}", LEFT_OUT, count)
        return False
    return True


def is_blank(text: str) -> bool:
    """Whether nothing of a text is seen: it has only blanks, and signs of control and format.

    Example:
        `is_blank("\\u200b ")` -> `True`
    """
    return all(unicodedata.category(sign) in _UNSEEN for sign in text)


def _text(value: Any) -> str | None:
    """A text, or a number as text; empty if it is missing, None if it is of another type."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return value if isinstance(value, str) else f"{value:.15g}" if isinstance(value, float) else str(value)


def _start(value: Any) -> int | None:
    """A start; -1 if there is none, None if it is something else."""
    if isinstance(value, str):
        digits = value.strip().removesuffix(".0")
        value = int(digits) if digits.removeprefix("-").isdecimal() and len(digits) < 16 else value or None
    if value is None:
        return -1
    whole = isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1
    return int(value) if whole and -1 <= value < _LARGEST else None


def _shown(value: Any) -> str:
    return "none" if value is None else repr(value)[:_SHOWN]
