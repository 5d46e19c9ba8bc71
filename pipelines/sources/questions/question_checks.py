"""What is wrong with questions together: repeats, ids of two, articles in two splits, contexts that are much alike."""

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from pipelines.sources.faults import Faults
from pipelines.sources.questions.question import Question
from pipelines.sources.questions.question_rows import Row
from pipelines.sources.split_names import SPLITS
from pipelines.sources.text.pair_survey import digest

_CLAUSE = re.compile(r"[^\w\s]+|\n+")
_SHORTEST = 10  # characters of a clause that counts
_ALIKE = 0.5  # share of the characters of a context in such clauses
_SHOWN = 60  # characters in a message


def merge(rows: Iterable[Row], faults: Faults) -> tuple[list[Row], int]:
    """Makes one of the questions that are the same on the same context.

    Args:
        rows: The questions.
        faults: Collects those that have an answer once, and once none.

    Returns:
        The questions, each with all answers of those like it, and the number of those that are no more.

    Raises:
        ValueError: A fault is an error.

    Example:
        `merge(rows, Faults("error"))[1]` -> `0`
    """
    first: dict[tuple[str, str], Row] = {}
    count = 0
    for row in rows:
        key = (" ".join(row.question.question.split()), row.question.context)
        known = first.get(key)
        if known and bool(known.question.answers) != bool(row.question.answers):
            answered, other = (known, row) if known.question.answers else (row, known)
            received = f"{key[0][:_SHOWN]!r} with an answer, {answered.place}, and without one, {other.place}"
            repair = "the one without an answer is left out"
            faults.found("a question on a context to have an answer or none", received, repair)
            row = answered
        elif known:
            count += 1
            answers = known.question.answers + row.question.answers
            row = known._replace(question=replace(known.question, answers=answers))
        first[key] = row
    return list(first.values()), count


def with_own_ids(rows: Iterable[Row], faults: Faults) -> list[Row]:
    """Leaves out questions with the id of another.

    Args:
        rows: The questions of a split.
        faults: Collects them.

    Returns:
        The others.

    Raises:
        ValueError: A fault is an error.
    """
    first: dict[str, Row] = {}
    kept = []
    for row in rows:
        name = row.question.id
        if name and name in first:
            asked, other = row.question.question[:_SHOWN], first[name].question.question[:_SHOWN]
            received = f"{name!r}, {row.place}: {asked!r} and {other!r}"
            faults.found("an id of its own for each question", received, "the later question is left out")
        else:
            first[name] = row
            kept.append(row)
    return kept


def apart(splits: dict[str, list[Row]], faults: Faults) -> dict[str, list[Row]]:
    """Leaves articles that are in two splits out of the earlier one.

    Args:
        splits: The questions of each split.
        faults: Collects them; an article is known by its title and by each of its contexts.

    Returns:
        The questions of each split that are left.

    Raises:
        ValueError: A fault is an error.
    """
    seen: dict[tuple[str, str], Row] = {}
    kept: dict[str, list[Row]] = {}
    for split in (split for split in reversed(SPLITS) if split in splits):
        again: dict[tuple[str, str], list[Row]] = {}
        kept[split] = []
        for row in splits[split]:
            known = next((name for name in names(row.question) if name in seen), None)
            (again.setdefault(known, []) if known else kept[split]).append(row)
        for known, rows in again.items():
            faults.found(
                "different articles in different splits",
                f"{known[0]} {known[1][:_SHOWN]!r}, {rows[0].place} and {seen[known].place}",
                f"it is left out of the {split} split", len(rows),
            )  # fmt: skip
        seen |= {name: row for row in kept[split] for name in names(row.question)}
    return {split: kept[split] for split in splits}


def names(question: Question) -> list[tuple[str, str]]:
    """What an article is known by: its title, if there is one, and a context of it.

    Example:
        `names(Question("What is the Elbe?", "The Elbe is a river."))` -> `[("context", "the elbe is a river.")]`
    """
    found = [("title", question.title), ("context", question.context)]
    return [(name, _folded(text)) for name, text in found if text.strip()]


def alike(splits: dict[str, list[Row]]) -> list[str]:
    """Says how many contexts of a split are much like one of the training data.

    They are where clauses that make up half of their characters, or more, are in the training data, too.

    Args:
        splits: The questions of each split.

    Returns:
        A sentence for each split where there are any.

    Example:
        `alike({"train": train, "validation": validation})`
    """
    known = {clause for context in _contexts(splits["train"]) for clause, _ in _clauses(context)}
    notes = []
    for split in (split for split in splits if split != "train"):
        contexts = _contexts(splits[split])
        count = sum(_share(context, known) >= _ALIKE for context in contexts)
        if count:
            notes.append(
                f"{count:,} of {len(contexts):,} {split} contexts have half of their clauses or more in the training "
                "data, too: they may be easier than new ones"
            )
    return notes


@functools.lru_cache(maxsize=1024)  # the questions of a context stand together
def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _contexts(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(row.question.context for row in rows))


def _clauses(context: str) -> list[tuple[int, int]]:
    """Digest and length of each clause."""
    texts = (text.strip() for text in _CLAUSE.split(context))
    return [(digest(text), len(text)) for text in texts if len(text) >= _SHORTEST]


def _share(context: str, known: set[int]) -> float:
    clauses = _clauses(context)
    total = sum(length for _, length in clauses)
    return sum(length for clause, length in clauses if clause in known) / total if total else 0.0
