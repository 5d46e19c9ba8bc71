"""Words that stand side by side in a text with any blanks between them: found in time that grows with its length."""

import re
from collections.abc import Iterator, Sequence

from pipelines.sources.questions.question import Answer


def find(text: str, words: Sequence[str]) -> Iterator[Answer]:
    """Finds the places of words, from left to right, none within another.

    The first word may end a longer one, and the last may begin one. This finds what a regular expression with blanks
    between the words does, which needs the square of the time where a text nearly repeats them.

    Args:
        text: The text.
        words: The words, without blanks.

    Yields:
        What stands there, and its place.

    Example:
        `next(find("5 in\\n 1996", ["in", "1996"]))` -> `Answer("in\\n 1996", 2)`
    """
    if len(words) < 2:
        yield from (Answer(one[0], one.start()) for word in words for one in re.finditer(re.escape(word), text))
        return
    first, *middle, last = words
    found = [*re.finditer(r"\S+", text)]
    done = 0
    for place in _runs([one[0] for one in found], middle):
        after = place + len(middle)
        if place == 0 or after == len(found) or not found[after][0].startswith(last):
            continue
        before = found[place - 1]
        start, end = before.end() - len(first), found[after].start() + len(last)
        if before[0].endswith(first) and start >= done:
            yield Answer(text[start:end], start)
            done = end


def _runs(words: Sequence[str], wanted: Sequence[str]) -> Iterator[int]:
    """The places where some words stand one after the other, by the algorithm of Knuth, Morris and Pratt."""
    if not wanted:
        yield from range(len(words) + 1)
        return
    back = [0] * len(wanted)  # the longest beginning that ends at each word, too
    for place in range(1, len(wanted)):
        back[place] = _longest(wanted, back, back[place - 1], wanted[place])
    length = 0
    for place, word in enumerate(words):
        length = _longest(wanted, back, back[-1] if length == len(wanted) else length, word)
        if length == len(wanted):
            yield place - length + 1


def _longest(wanted: Sequence[str], back: Sequence[int], length: int, word: str) -> int:
    """How many of the words stand there after one more, if `length` did before."""
    while length and wanted[length] != word:
        length = back[length - 1]
    return length + (wanted[length] == word)
