"""Characters as tokens."""

from collections.abc import Iterable
from pathlib import Path

import tensorflow as tf

from tfmodels.preprocessing.regex_split import Parts
from tfmodels.preprocessing.token_vocabulary import TokenVocabulary, train_vocabulary


class Characters(TokenVocabulary):
    """Text to ids of its Unicode code points, blanks included; see `Tokenizer`.

    Bytes that are not UTF-8 are read as U+FFFD.

    Args:
        model: Bytes of a vocabulary, of `train_characters`.

    Attributes:
        size: Number of ids.
        lower_case: Whether upper and lower case are the same.

    Example:
        >>> characters = Characters(Path("characters.json").read_bytes())
        >>> characters.ids(tf.constant(["A dog."]), max_length=1000)        # [1, 7], ends with </s>
    """

    @staticmethod
    def split(texts: tf.Tensor) -> Parts:  # noqa: D102
        parts, starts = tf.strings.unicode_split_with_offsets(texts, "UTF-8", errors="replace")
        starts = tf.cast(starts, tf.int32)
        ends = tf.concat([starts, tf.strings.length(texts)[:, tf.newaxis]], axis=1)[:, 1:]
        return parts, starts, ends


def train_characters(
    texts: Iterable[str], path: Path, size: int = 1_000, lower_case: bool = False, min_count: int = 2
) -> None:
    """Learns the `size` most frequent characters of `texts` and writes them to `path`, where they appear when complete.

    Args:
        texts: Read once; only counts are kept.
        path: Of the vocabulary.
        size: Most ids, four of them reserved.
        lower_case: Whether upper and lower case are the same.
        min_count: How often a character must occur. Those below are `<unk>`, so that training meets it.

    Raises:
        ValueError: If `size` has no room for a character, or no character occurs that often.

    Example:
        `train_characters(texts, Path("characters.json"))`
    """
    train_vocabulary(texts, path, size, Characters.split, lower_case, min_count)
