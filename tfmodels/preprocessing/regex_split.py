"""Splits texts by a regular expression, with the offsets of the parts."""

import tensorflow as tf
import tensorflow_text as tf_text

Parts = tuple[tf.RaggedTensor, tf.RaggedTensor, tf.RaggedTensor]  # texts, start bytes, end bytes


def regex_split(texts: tf.Tensor, delimiter: str, kept: str) -> Parts:
    """Splits each text at the matches of a delimiter, some of which are kept as parts.

    Args:
        texts: string `[batch]`.
        delimiter: A regular expression in the syntax of RE2. It matches valid UTF-8 only; invalid bytes become parts.
        kept: A regular expression; delimiters that it matches completely are kept as parts.

    Returns:
        The parts, string `[batch, (parts)]`, without empty ones and with spaces for NUL bytes; their start and end
        offsets in bytes, int32 `[batch, (parts)]`.

    Example:
        `regex_split(tf.constant(["a, b"]), r"\\s+|,", ",")` -> `[["a", ",", "b"]]`, `[[0, 1, 3]]`, `[[1, 2, 4]]`
    """
    texts = tf.strings.regex_replace(texts, r"\x00", " ")  # where the operation below would stop
    parts, starts, ends = tf_text.regex_split_with_offsets(texts, delimiter, kept)
    return parts, tf.cast(starts, tf.int32), tf.cast(ends, tf.int32)
