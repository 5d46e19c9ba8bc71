"""Which tokens make a phrase that an answer may not repeat at once."""

import re

import numpy as np

from tfmodels.decoding import Phrases
from tfmodels.preprocessing import Subwords

_LETTER = re.compile(r"[^\W\d_]")
_BYTE = re.compile(r"<0x([0-9A-F]{2})>")  # a piece that is part of a character; of a rare one, seldom a digit


def phrases_not_to_repeat(subwords: Subwords, fewest: int) -> Phrases | None:
    """The phrases that an answer may not repeat at once; numbers, without a letter, are none.

    Args:
        subwords: Of the answers.
        fewest: Tokens of the shortest; 0 allows all.

    Returns:
        What decoders take as `no_repeat_phrase`.

    Example:
        `phrases_not_to_repeat(subwords, 1)`
    """
    if not fewest:
        return None
    return Phrases(fewest, np.array([_has_letter(piece) for piece in subwords.vocabulary()]))


def _has_letter(piece: str) -> bool:
    if byte := _BYTE.fullmatch(piece):
        return int(byte[1], 16) >= 0x80 or chr(int(byte[1], 16)).isalpha()
    return bool(_LETTER.search(piece))
