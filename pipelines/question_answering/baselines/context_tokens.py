"""Tokens of contexts as baselines read them: words, numbers, marks, and runs of one script where blanks are missing."""

import re
import unicodedata
from typing import NamedTuple

import numpy as np

from tfmodels.metrics.summary_baselines import sentences
from tfmodels.unspaced_letters import UNSPACED

_TOKEN = re.compile(
    "(?P<number>\\d+(?:[.,]\\d+)*)|(?P<han>[\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+)"
    "|(?P<hiragana>[\u3041-\u309f]+)|(?P<katakana>[\u30a0-\u30ff\u31f0-\u31ff\uff66-\uff9f]+)"
    f"|(?P<unspaced>{UNSPACED.pattern})|(?P<word>(?:(?!{UNSPACED.pattern})[^\\W\\d])+)|(?P<mark>\\S)"
)
_RUNS = ("han", "hiragana", "katakana")
_YEAR = 4  # digits
_STEM = 6  # letters of a word that are compared
_MARKS = {"Ps": "opening", "Pi": "opening", "Pe": "closing", "Pf": "closing"}
_STOPS = ".,;:!?。、，；：！？"
SHAPES = (
    *("border", "opening", "closing", "stop", "mark"),
    *("year", "number", *_RUNS, "unspaced", "capitalised", "upper", "lower"),
)
_SHAPES = {shape: place for place, shape in enumerate(SHAPES)}
LETTERS = _SHAPES["year"]  # the first shape that is no mark


class Token(NamedTuple):
    """A token.

    Attributes:
        text: As it stands in the text.
        start: Its place, in characters.
        shape: Of `SHAPES`, by number.
        terms: What of it is compared: the first letters of a word, in lower case; of a run of letters of a script
            without blanks each pair of neighbours, or a letter alone; of a mark nothing.
    """

    text: str
    start: int
    shape: int
    terms: list[str]


def tokens(text: str) -> list[Token]:
    """Splits a text into tokens.

    Args:
        text: Of any script.

    Returns:
        The tokens; blanks belong to none.

    Example:
        `[token.text for token in tokens("In 1958, 東京タワー")]` -> `["In", "1958", ",", "東京", "タワー"]`
    """
    found = []
    for match in _TOKEN.finditer(text):
        kind, token = str(match.lastgroup), match[0]
        found.append(Token(token, match.start(), _SHAPES[_shape(kind, token)], _terms(kind, token)))
    return found


def terms(text: str) -> list[str]:
    """What of a text is compared; of one without words its characters.

    Example:
        `terms("The inventors met.")` -> `["the", "invent", "met"]`
    """
    return [term for token in tokens(text) for term in token.terms] or list(text)


def sentence_of_each(text: str, starts: np.ndarray) -> tuple[list[str], np.ndarray]:
    """The sentences of a text, and the sentence of each token.

    Args:
        text: The text.
        starts: int `[tokens]`, where they start, ascending.

    Returns:
        The sentences; int `[tokens]`.

    Example:
        `sentence_of_each("It rained. We left.", np.array([0, 3, 9, 11]))[1]` -> `[0, 0, 0, 1]`
    """
    parts, places, start = sentences(text) or [""], [], 0
    for part in parts:
        places.append(text.index(part, start))
        start = places[-1] + len(part)
    return parts, np.searchsorted(places, starts, side="right") - 1


def _shape(kind: str, token: str) -> str:
    if kind == "number":
        return "year" if token.isdigit() and len(token) == _YEAR else kind
    if kind == "mark":
        return "stop" if token in _STOPS else _MARKS.get(unicodedata.category(token), kind)
    if kind == "word":
        return "lower" if not token[0].isupper() else "upper" if len(token) > 1 and token.isupper() else "capitalised"
    return kind


def _terms(kind: str, token: str) -> list[str]:
    if kind == "mark":
        return []
    if kind in _RUNS and len(token) > 1:
        return [token[place : place + 2] for place in range(len(token) - 1)]
    return [token.lower()[:_STEM] if kind == "word" else token]
