"""Scripts that put no blanks between words, such as Chinese: a run of their letters is no word."""

import re
from collections.abc import Iterable

from tfmodels.unspaced_letters import UNSPACED

_LEAST = 0.01  # share of the letters from which on it matters
_LETTERS = re.compile(r"[^\W\d_]")


def share(texts: Iterable[str]) -> float:
    """The share of the letters of texts that belong to scripts without blanks between words.

    Args:
        texts: Any number of texts.

    Returns:
        0 to 1; 0 without letters.

    Example:
        `share(["東京 tower"])` -> `0.29`
    """
    unspaced = letters = 0
    for text in texts:
        if not text.isascii():
            unspaced += len(UNSPACED.findall(text))
        letters += len(_LETTERS.findall(UNSPACED.sub("", text)))
    return unspaced / max(letters + unspaced, 1)


def warnings(texts: Iterable[str]) -> list[str]:
    """What to know about texts that are to be split into words.

    Args:
        texts: The texts of the training data.

    Returns:
        A sentence if a share of them has no words to split into.

    Example:
        `warnings(["東京", "大阪"])`
    """
    found = share(texts)
    if found < _LEAST:
        return []
    return [
        f"{found:.0%} of the letters of the training texts belong to scripts without blanks between words (Chinese, "
        "Japanese, Thai, Khmer, Lao or Burmese), of which --tokens words makes a single token of a whole clause. "
        "Use --tokens subwords or --tokens characters"
    ]
