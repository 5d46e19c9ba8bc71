"""Characters as tokens."""

import tensorflow as tf

from tfmodels.preprocessing.regex_split import Parts
from tfmodels.preprocessing.token_vocabulary import TokenVocabulary


class Characters(TokenVocabulary):
    """Tokenizes text into Unicode code points, whitespace included; see `TokenVocabulary`.

    Bytes that are not UTF-8 are read as U+FFFD.

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
