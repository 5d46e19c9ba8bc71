"""Splits texts by a regular expression, and tells where the parts stand."""

import tensorflow as tf
import tensorflow_text as tf_text

Parts = tuple[tf.RaggedTensor, tf.RaggedTensor, tf.RaggedTensor]  # texts, first bytes, bytes behind the last


def regex_split(texts: tf.Tensor, delimiter: str, kept: str) -> Parts:
    """Cuts each text at the matches of an expression, some of which are parts too.

    Args:
        texts: string `[batch]`.
        delimiter: Expression of RE2. It matches valid UTF-8 alone, so bytes that are not come out as parts.
        kept: What a match that is a part matches from end to end.

    Returns:
        The parts, string `[batch, (parts)]` without empty ones and with blanks for NUL bytes, and their offsets int32
        likewise.

    Example:
        `regex_split(tf.constant(["a, b"]), r"\\s+|,", ",")` -> `[["a", ",", "b"]]`, `[[0, 1, 3]]`, `[[1, 2, 4]]`
    """
    texts = tf.strings.regex_replace(texts, r"\x00", " ")  # the operation below would end there
    parts, starts, ends = tf_text.regex_split_with_offsets(texts, delimiter, kept)
    return parts, tf.cast(starts, tf.int32), tf.cast(ends, tf.int32)
