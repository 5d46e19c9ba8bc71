"""Whole words as tokens."""

import tensorflow as tf

from tfmodels.preprocessing.regex_split import Parts, regex_split
from tfmodels.preprocessing.token_vocabulary import TokenVocabulary

_LETTERS = r"[\p{L}\p{M}\p{N}_]+"
_WORD = rf"{_LETTERS}(?:['’]{_LETTERS})*"
_SPACE = r"\s\p{Z}\p{Cc}"
_SYMBOL = rf"[^{_SPACE}]"


class Words(TokenVocabulary):
    """Tokenizes text into words and symbols; see `TokenVocabulary`.

    A word is a run of letters, digits and underscores of any script, with apostrophes inside ("don't"); every other
    character except whitespace is a token of its own. Scripts without spaces between words, such as Chinese, need
    `Characters` or `Subwords`.

    Example:
        >>> words = Words(Path("words.json").read_bytes())
        >>> words.pieces(words.ids(tf.constant(["A dog."]), max_length=128))        # [["a", "dog", ".", "</s>"]]
    """

    @staticmethod
    def split(texts: tf.Tensor) -> Parts:  # noqa: D102
        return regex_split(texts, f"[{_SPACE}]+|{_WORD}|{_SYMBOL}", f"{_WORD}|{_SYMBOL}")
