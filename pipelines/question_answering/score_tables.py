"""F1 of groups of questions: by the length of the answer, by the kind of question, by the length of the context."""

import itertools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tfmodels import metrics
from tfmodels.metrics import answer_scores

if TYPE_CHECKING:
    from pipelines.sources.questions.question import Question

_WORDS, _CHARACTERS = (1, 2, 3, 5, 9), (1, 3, 5, 9, 17)  # the shortest answers of each group
_QUARTERS = (0.25, 0.5, 0.75)
_FIRST_WORDS, _LEAST = 10, 0.01  # of questions, and the share of the questions that each begins at least
_OTHER = "other"


def of(
    questions: "Sequence[Question]", f1: Mapping[str, np.ndarray], blocks: np.ndarray, characters: bool
) -> list[dict[str, Any]]:
    """Tables of groups.

    Args:
        questions: The questions.
        f1: Name -> F1 of each answer, percent; the first is the model's.
        blocks: int `[rows]`, the paragraph of each question.
        characters: Whether lengths are characters, not words.

    Returns:
        The tables. Their margins are half 95 % intervals, of paragraphs. There is none by the kind of question where
        questions have neither kinds nor first words.

    Example:
        `of(questions, {"F1": f1}, blocks, characters=False)[0]["rows"]`
    """
    unit = "characters" if characters else "words"
    kinds, of_what = _kinds(questions, characters)
    named = {
        f"by the length of the first annotator's answer, {unit}": _answer_lengths(questions, characters),
        of_what: kinds,
        f"by the length of the context, {unit}": _context_lengths(questions, characters),
    }
    return [_table(f"F1 {title}", groups, f1, blocks) for title, groups in named.items() if len({*groups}) > 1]


def _table(title: str, groups: Sequence[str], f1: Mapping[str, np.ndarray], blocks: np.ndarray) -> dict[str, Any]:
    """The groups in the order of `_sorted`."""
    model = next(iter(f1.values()))
    rows, names = [], np.array(groups)
    for group in _sorted(groups):
        there = names == group
        pairs = np.stack([model[there], np.ones(there.sum())], axis=1)
        scores = [float(one[there].mean()) for one in f1.values()]
        rows.append([group, int(there.sum()), scores[0], metrics.margin_of_error(pairs, blocks[there]), *scores[1:]])
    first, *others = f1
    return {"title": title, "columns": ["group", "questions", first, "±", *others], "rows": rows}


def _sorted(groups: Sequence[str]) -> list[str]:
    """Ranges by their numbers, before them what has none; names by how frequent they are, the rest at the end."""
    counts = Counter(groups)

    def place(group: str) -> tuple[bool, int, int, str]:
        number = group.split(" ")[0].split("-")[0]
        return group == _OTHER, int(number) if number.isdecimal() else -1, -counts[group], group

    return sorted(counts, key=place)


def _answer_lengths(questions: "Sequence[Question]", characters: bool) -> list[str]:
    edges = _CHARACTERS if characters else _WORDS
    names = _ranges(edges)
    lengths = [
        answer_scores.answer_length(one.answers[0].text, characters=characters) if one.answers else -1
        for one in questions
    ]
    places = np.maximum(np.searchsorted(edges, lengths, side="right") - 1, 0)
    return ["no answer" if length < 0 else names[place] for length, place in zip(lengths, places, strict=True)]


def _context_lengths(questions: "Sequence[Question]", characters: bool) -> list[str]:
    """Quarters of the questions."""
    count: Callable[[str], int] = len if characters else lambda context: len(context.split())
    lengths = np.array([count(one.context) for one in questions])
    edges = np.unique([lengths.min(), *(np.quantile(lengths, _QUARTERS).astype(int) + 1)])
    names = _ranges(edges.tolist())
    return [names[place] for place in np.searchsorted(edges, lengths, side="right") - 1]


def _ranges(edges: Sequence[int]) -> list[str]:
    names = [str(low) if high == low + 1 else f"{low}-{high - 1}" for low, high in itertools.pairwise(edges)]
    return [*names, f"{edges[-1]} or more"]


def _kinds(questions: "Sequence[Question]", characters: bool) -> tuple[list[str], str]:
    """The kind of each question, else its first word where it is a frequent one; and what that is."""
    if any(one.kind for one in questions):
        return [one.kind or _OTHER for one in questions], "by the kind of question"
    if characters:
        return [], ""
    first = [next(iter(one.question.lower().split()), "") for one in questions]
    frequent = [word for word, count in Counter(first).most_common(_FIRST_WORDS) if count >= _LEAST * len(first)]
    return [word if word in frequent else _OTHER for word in first], "by the first word of the question"
