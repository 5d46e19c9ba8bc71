"""Where answers stand in their contexts: checked where it is said, else found by search."""

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipelines.sources.faults import Faults
from pipelines.sources.questions import answer_starts, spaced_matches
from pipelines.sources.questions.question import Answer
from pipelines.sources.questions.question_form import Search
from pipelines.sources.questions.question_rows import LEFT_OUT, Row
from tfmodels.unspaced_letters import UNSPACED

_NEAR = 10  # characters by which a start may miss the answer that it means
_SHOWN = 60  # characters in a message
_FOUND = "answers without a start were found in their contexts"
_FIRST = "answers without a start are in their context more than once; the first place of each is taken"
_SEVERAL = "answers without a start are in their context more than once; they are scored by their text"
_APART = "answers are words that do not stand side by side; they are scored by their text"


def locate(rows: Sequence[Row], split: str, search: Search, faults: Faults) -> tuple[list[Row], list[str]]:
    """Finds the places of all answers.

    An answer that does not stand where it says is a fault; so is one without a start that is not in its context. Of
    training data, where each answer needs one place, so are answers that are there several times, if `search` does not
    choose, and answers of words that do not stand side by side. In other splits these stay, with the start -1.

    Args:
        rows: The questions of a split.
        split: Its name.
        search: See `Form`.
        faults: Collects faulty answers. One that is near its start is moved there, others are left out, and with the
            last answer of a question the question.

    Returns:
        The questions, and what is to be said.

    Raises:
        ValueError: A fault is an error.

    Example:
        `locate([Row(Question("What is the Elbe?", "The Elbe is a river.", (Answer("a river", -1),)), "a.csv, line 2")],
        "train", "once", Faults("error"))`
    """
    counts: Counter[str] = Counter()
    kept = []
    for row in rows:
        placed = (_placed(answer, row, split, search, faults, counts) for answer in row.question.answers)
        answers = tuple(answer for answer in placed if answer)
        if answers or not row.question.answers:
            kept.append(row._replace(question=replace(row.question, answers=answers)))
    return kept, [f"{split}: {count:,} {what}" for what, count in counts.items()]


def _placed(
    answer: Answer, row: Row, split: str, search: Search, faults: Faults, counts: Counter[str]
) -> Answer | None:
    """The answer with its place; None if it is left out."""
    context, where = row.question.context, f"{answer.text[:_SHOWN]!r}, {row.place}"
    if answer.start >= 0:
        return answer if answer_starts.fits(context, answer) else _moved(answer, row, faults)
    found = list(itertools.islice(_occurrences(context, answer.text), 2))
    trained = split == "train"
    apart = not found and _in_order(context, answer.text.split())
    if len(found) == 1 or (found and search == "first"):
        counts[_FOUND if len(found) == 1 else _FIRST] += 1
        return found[0]
    if (found or apart) and not trained:
        counts[_APART if apart else _SEVERAL] += 1
        return answer
    if found:
        expected = "answers without a start to be in their context once (--search first takes the first place)"
    elif apart:
        expected = "answers of training data to be one piece of their context, not words that stand apart"
    else:
        expected = "answers to be in their context"
    faults.found(expected, where, LEFT_OUT)
    return None


def _moved(answer: Answer, row: Row, faults: Faults) -> Answer | None:
    """The place of an answer near its start; None if there is none."""
    context, start = row.question.context, answer.start
    low = max(0, start - _NEAR)
    window = context[low : start + len(answer.text) + _NEAR]
    near = min(_matches(window, answer.text), key=lambda one: abs(low + one.start - start), default=None)
    there = context[start : start + len(answer.text)][:_SHOWN]
    received = f"{answer.text[:_SHOWN]!r}, with {there!r} at {start:,}, {row.place}"
    if start >= len(context):
        received = f"{answer.text[:_SHOWN]!r} at {start:,}, in a context of {len(context):,} characters, {row.place}"
    if near is None:
        faults.found("answers to stand at their answer_start, in characters", received, LEFT_OUT)
        return None
    faults.found(
        "answers to stand at their answer_start, in characters",
        received, f"where it is at most {_NEAR} characters away, that place is taken",
    )  # fmt: skip
    return Answer(near.text, low + near.start)


def _occurrences(context: str, text: str) -> Iterator[Answer]:
    """The places of a text, those within longer words only if there are no others."""
    whole = (one for one in _matches(context, text) if _is_whole(context, one))
    first = next(whole, None)
    return _matches(context, text) if first is None else itertools.chain([first], whole)


def _matches(context: str, text: str) -> Iterator[Answer]:
    """The places of a text; if it is nowhere, those with other blanks between its words."""
    if text in context:
        return (Answer(text, one.start()) for one in re.finditer(re.escape(text), context))
    return spaced_matches.find(context, text.split())


def _is_whole(context: str, answer: Answer) -> bool:
    """Whether an answer begins and ends where words do."""
    end = answer.start + len(answer.text)
    borders = (context[max(0, place - 1) : place + 1] for place in (answer.start, end))
    return not any(len(two) == 2 and two.isalnum() and not UNSPACED.search(two) for two in borders)


def _in_order(context: str, words: Sequence[str]) -> bool:
    """Whether several words are all in a context, one after the other."""
    place = 0
    for word in words:
        found = context.find(word, place)
        if found < 0:
            return False
        place = found + len(word)
    return len(words) > 1
