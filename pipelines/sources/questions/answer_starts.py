"""What the starts of answers count: characters, or bytes or units of another encoding, which all of them must fit."""

from collections.abc import Sequence
from dataclasses import replace

from pipelines.sources.questions.question import Answer
from pipelines.sources.questions.question_rows import Row

_ENCODINGS = {"bytes of UTF-8": ("utf-8", 1), "units of UTF-16": ("utf-16-le", 2)}  # with the bytes of a unit


def in_characters(rows: Sequence[Row]) -> tuple[list[Row], str]:
    """Turns starts into characters where all of them, and no other reading, fit bytes of UTF-8 or units of UTF-16.

    Args:
        rows: The questions of a split, their starts as written.

    Returns:
        The questions, and what their starts count if it is not characters, else an empty text. Where no reading fits
        all answers, the starts are left as they are.

    Example:
        `in_characters([Row(Question("Qui?", "Élan, Ève", (Answer("Ève", 7),)), "a.json")])[1]` -> `"bytes of UTF-8"`
    """
    if all(fits(row.question.context, answer) for row in rows for answer in row.question.answers):
        return list(rows), ""
    for name, (encoding, size) in _ENCODINGS.items():
        read: list[Row] = []
        for row in rows:
            if (converted := _converted(row, encoding, size)) is None:
                break
            read.append(converted)
        else:
            return read, name
    return list(rows), ""


def fits(context: str, answer: Answer) -> bool:
    """Whether an answer stands where it says, or does not say where."""
    return answer.start < 0 or context.startswith(answer.text, answer.start)


def _converted(row: Row, encoding: str, size: int) -> Row | None:
    """The row with starts in characters; None if one does not fit."""
    content = row.question.context.encode(encoding)
    answers = []
    for answer in row.question.answers:
        if answer.start >= 0 and not content.startswith(answer.text.encode(encoding), size * answer.start):
            return None
        try:
            before = content[: size * max(answer.start, 0)].decode(encoding)
        except UnicodeDecodeError:
            return None
        answers.append(Answer(answer.text, len(before) if answer.start >= 0 else -1))
    return row._replace(question=replace(row.question, answers=tuple(answers)))
