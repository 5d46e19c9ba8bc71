"""Whole words as tokens."""

from collections.abc import Iterable
from pathlib import Path

import tensorflow as tf

from tfmodels.preprocessing.regex_split import Parts, regex_split
from tfmodels.preprocessing.token_vocabulary import TokenVocabulary, train_vocabulary

_LETTERS = r"[\p{L}\p{M}\p{N}_]+"
_WORD = rf"{_LETTERS}(?:['’]{_LETTERS})*"
_BLANK = r"\s\p{Z}\p{Cc}"
_MARK = rf"[^{_BLANK}]"


class Words(TokenVocabulary):
    """Text to ids of words and marks; see `Tokenizer`.

    A word is a run of letters, digits and underscores of any script, with apostrophes inside ("don't"); every other
    character but blanks is a token of its own. Scripts that write no blanks between words, Chinese among them, need
    `Characters` or `Subwords`.

    Args:
        model: Bytes of a vocabulary, of `train_words`.

    Attributes:
        size: Number of ids.
        lower_case: Whether upper and lower case are the same.

    Example:
        >>> words = Words(Path("words.json").read_bytes())
        >>> words.pieces(words.ids(tf.constant(["A dog."]), max_length=128))        # [["a", "dog", ".", "</s>"]]
    """

    @staticmethod
    def split(texts: tf.Tensor) -> Parts:  # noqa: D102
        return regex_split(texts, f"[{_BLANK}]+|{_WORD}|{_MARK}", f"{_WORD}|{_MARK}")


def train_words(texts: Iterable[str], path: Path, size: int, lower_case: bool = True, min_count: int = 2) -> None:
    """Learns the `size` most frequent words of `texts` and writes them to `path`, where they appear when complete.

    Args:
        texts: Read once; only counts are kept.
        path: Of the vocabulary.
        size: Most ids, four of them reserved.
        lower_case: Whether upper and lower case are the same.
        min_count: How often a word must occur. Those below are `<unk>`, so that training meets it.

    Raises:
        ValueError: If `size` has no room for a word, or no word occurs that often.

    Example:
        `train_words(texts, Path("words.json"), size=20_000)`
    """
    train_vocabulary(texts, path, size, Words.split, lower_case, min_count)
