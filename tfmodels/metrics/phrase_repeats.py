"""Phrases that follow themselves at once, as in the loops of a decoder."""

import re
from collections.abc import Sequence

import numpy as np

from tfmodels.unspaced_letters import UNSPACED

_CHARACTERS = 4  # of a script without blanks that make a phrase; fewer often double in such languages
# A letter of a script without blanks, a word, or any other sign.
_TOKEN = re.compile(rf"{UNSPACED.pattern}|(?:(?!{UNSPACED.pattern})\w)+|[^\w\s]")
_LETTER = re.compile(r"[^\W\d_]")


def repeated_phrase(text: str) -> str:
    """The first of the shortest phrases that a text says twice in a row.

    A phrase is one word or more, with the signs between them; of scripts without blanks between words, such as Chinese
    or Thai, it is four characters or more. It has at least one letter, since numbers and signs repeat rightly. Case
    does not count. "in the in the" has one, "in the, in the" has none: the comma is between them.

    Args:
        text: A text.

    Returns:
        The phrase, as it stands there first; empty if there is none.

    Example:
        `repeated_phrase("a dog on a log on a log .")` -> `"on a log"`
    """
    found = list(_TOKEN.finditer(text))
    tokens = [one[0].lower() for one in found]
    ids = np.unique(tokens, return_inverse=True)[1] if tokens else np.zeros(0, np.int64)
    for size in range(1, len(tokens) // 2 + 1):
        same = np.concatenate([[False], ids[:-size] == ids[size:], [False]])
        starts, ends = np.flatnonzero(same[1:] & ~same[:-1]), np.flatnonzero(~same[1:] & same[:-1])
        for start in starts[ends - starts >= size]:
            if _is_phrase(tokens[start : start + size]):
                return text[found[start].start() : found[start + size - 1].end()]
    return ""


def repeated_phrases(texts: Sequence[str]) -> float:
    """The share of texts that say a phrase twice in a row: see `repeated_phrase`.

    Args:
        texts: At least one.

    Returns:
        Percent.

    Example:
        `repeated_phrases(["a dog on a log on a log", "a dog"])` -> `50.0`
    """
    return 100 * sum(bool(repeated_phrase(text)) for text in texts) / len(texts)


def _is_phrase(tokens: Sequence[str]) -> bool:
    unspaced = [token for token in tokens if UNSPACED.fullmatch(token)]
    return len(unspaced) >= _CHARACTERS or any(_LETTER.search(token) for token in tokens if token not in unspaced)
