"""Which cached tokens belong to which text, where several texts grow from one input.

Each of the `k` texts of an input writes its tokens into places of its own, and nothing is moved when one text goes on
from another: a table tells, for each text and position, which of the `k` has written the token that stands there.
"""

import tensorflow as tf


def start_writers(rows: int | tf.Tensor, length: int | tf.Tensor) -> tf.Tensor:
    """The table before the first token.

    Args:
        rows: Number of texts.
        length: The most tokens of a text.

    Returns:
        int32 `[1, rows, length]`.
    """
    return tf.zeros([1, rows, length], tf.int32)


def add_writers(writers: tf.Tensor, position: tf.Tensor, batch: int | tf.Tensor) -> tf.Tensor:
    """Notes that each text writes the tokens from a position on.

    Args:
        writers: int32 `[1, rows, length]`, `rows` a multiple `k` of the batch; the `k` texts of an input are
            neighbours.
        position: int32, of the first of the next tokens.
        batch: Number of inputs.

    Returns:
        As `writers`.

    Example:
        `add_writers(tf.constant([[[0, 0, 9], [0, 0, 9]]]), 2, batch=1)` -> `[[[0, 0, 0], [0, 0, 1]]]`
    """
    rows, length = tf.unstack(tf.shape(writers)[1:])
    own = tf.range(rows) % _texts(rows, batch)
    return tf.where(tf.range(length) < position, writers, own[:, tf.newaxis])


def beam_mask(writers: tf.Tensor, position: tf.Tensor, queries: int | tf.Tensor, batch: int | tf.Tensor) -> tf.Tensor:
    """Lets the next tokens of each text look at the tokens of their own text up to themselves.

    Args:
        writers: Of `add_writers`.
        position: int32, of the first of the next tokens.
        queries: How many next tokens each text has.
        batch: Number of inputs.

    Returns:
        bool `[batch, k, queries, k * length]`: on the last axis the places of the `k` texts, one text after the other.
    """
    rows, length = tf.unstack(tf.shape(writers)[1:])
    texts = _texts(rows, batch)
    own = writers[0][:, tf.newaxis, tf.newaxis] == tf.range(texts)[:, tf.newaxis]  # [rows, 1, k, length]
    before = tf.range(length) <= position + tf.range(queries)[:, tf.newaxis, tf.newaxis]  # [queries, 1, length]
    return tf.reshape(own & before, [batch, texts, queries, texts * length])


def _texts(rows: tf.Tensor, batch: int | tf.Tensor) -> tf.Tensor:
    """How many texts grow from each input."""
    return tf.maximum(rows // tf.maximum(batch, 1), 1)  # one where there is no input at all
