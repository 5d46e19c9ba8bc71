"""Unicode in composed form (NFC): "é" is one character, however it was typed."""

from collections.abc import Callable

import tensorflow as tf
import tensorflow_text as tf_text

_FORM = "NFC"


def composed(texts: tf.Tensor) -> tf.Tensor:
    """Composes the characters of texts.

    Args:
        texts: string `[batch]`. Bytes that are not UTF-8 stay as they are.

    Returns:
        string `[batch]`.

    Example:
        `composed(tf.constant(["cafe\u0301"]))` -> `["caf\u00e9"]`
    """
    return tf_text.normalize_utf8(texts, _FORM)


def composed_with_places(texts: tf.Tensor) -> tuple[tf.Tensor, Callable[[tf.RaggedTensor], tf.RaggedTensor]]:
    """Composes the characters of texts, and tells where each came from.

    Args:
        texts: string `[batch]`.

    Returns:
        string `[batch]`; a function from byte offsets in these, int32 `[batch, (n)]`, to those in `texts`.

    Example:
        >>> text, place = composed_with_places(tf.constant(["cafe\u0301!"]))
        >>> place(tf.ragged.constant([[5]]))        # [[6]]: text is "caf\u00e9!"
    """
    # The operation that finds places skips a row without offsets but not its text, and stops the process where there is
    # no row at all: each row is asked for one offset more, and there is one row more.
    text, places = tf_text.normalize_utf8_with_offsets_map(tf.concat([texts, [""]], axis=0), _FORM)

    def place(offsets: tf.RaggedTensor) -> tf.RaggedTensor:
        asked = tf.concat([tf.cast(offsets, tf.int64), tf.RaggedTensor.from_tensor(tf.zeros([1, 0], tf.int64))], axis=0)
        first = tf.zeros([asked.nrows(), 1], tf.int64)
        found = tf_text.find_source_offsets(places, tf.concat([first, asked], axis=1))
        return tf.cast(found[:-1, 1:], tf.int32)

    return text[:-1], place
