"""Scripts that put no blanks between words, such as Chinese: a run of their letters is no word."""

import re
from collections.abc import Iterable

_LEAST = 0.01  # share of the letters from which on it matters
# Thai and Lao; Burmese; Khmer; kana; Chinese characters, also of Japanese; extensions of these.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f\u1780-\u17ff\u19e0-\u19ff\u3040-\u30ff\u31f0-\u31ff"
    "\uff66-\uff9f\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U0003ffff]"
)
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
            unspaced += len(_UNSPACED.findall(text))
        letters += len(_LETTERS.findall(_UNSPACED.sub("", text)))
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
