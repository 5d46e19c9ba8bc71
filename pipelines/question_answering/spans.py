"""Answers as spans of the tokens of their context."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pipelines.sources.questions.question import Answer

WIDTH = 8  # answers of a question that are learnt, those of several annotators


def byte_ranges(context: str, answers: "Sequence[Answer]") -> list[tuple[int, int]]:
    """The bytes of answers in a context, from the first up to but not including the last.

    Args:
        context: The context.
        answers: Answers; those without a place in it are left out.

    Returns:
        Distinct ranges, in the order of the answers.

    Example:
        `byte_ranges("Die Elbe fließt.", [Answer("fließt", 9)])` -> `[(9, 16)]`
    """
    ranges = []
    for answer in answers:
        if answer.start >= 0 and answer.text:
            start = len(context[: answer.start].encode("utf-8", "surrogatepass"))
            ranges.append((start, start + len(answer.text.encode("utf-8", "surrogatepass"))))
    return list(dict.fromkeys(ranges))


def token_span(start: np.ndarray, end: np.ndarray, wanted: tuple[int, int]) -> tuple[int, int] | None:
    """The tokens that hold a range of bytes.

    Args:
        start: First byte of each token, `[tokens]`, `</s>` excluded.
        end: The byte after its last.
        wanted: The range.

    Returns:
        The first and the last token that share a byte with it; None if there are none, as beyond a cut.

    Example:
        `token_span(np.array([0, 4, 9]), np.array([3, 8, 15]), (9, 15))` -> `(2, 2)`
    """
    inside = np.flatnonzero((start < wanted[1]) & (end > wanted[0]) & (end > start))
    return (int(inside[0]), int(inside[-1])) if len(inside) else None


def packed(spans: Sequence[tuple[int, int]]) -> np.ndarray:
    """Spans in the form of the targets: int32 `[2 * WIDTH]`, first and last token counted from 1, padded with 0.

    Args:
        spans: First and last tokens; of more than `WIDTH` the first.

    Returns:
        The numbers; all 0 for no answer.

    Example:
        `packed([(2, 3)])[:4]` -> `[3, 4, 0, 0]`
    """
    row = np.zeros(2 * WIDTH, np.int32)
    flat = [token + 1 for span in spans[:WIDTH] for token in span]
    row[: len(flat)] = flat
    return row
