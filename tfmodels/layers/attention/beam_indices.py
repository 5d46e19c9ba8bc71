"""Which cached tokens belong to which hypothesis of a beam search.

Each of the `k` hypotheses of an input has a cache of its own, and nothing is copied when a hypothesis continues another
one. Instead, a table of beam indices stores, for each hypothesis and position, which of the `k` caches holds its token.
"""

import tensorflow as tf


def start_beam_indices(rows: int | tf.Tensor, length: int | tf.Tensor) -> tf.Tensor:
    """The table before the first token.

    Args:
        rows: Number of hypotheses.
        length: Maximum number of tokens of a hypothesis.

    Returns:
        int32 `[1, rows, length]`.

    Example:
        `start_beam_indices(rows=4, length=64)`
    """
    return tf.zeros([1, rows, length], tf.int32)


def update_beam_indices(beam_indices: tf.Tensor, position: tf.Tensor, batch: int | tf.Tensor) -> tf.Tensor:
    """Records that each hypothesis stores the tokens from a position on in its own cache.

    Args:
        beam_indices: int32 `[1, rows, length]`, `rows` a multiple `k` of the batch; the `k` hypotheses of an input are
            neighbours.
        position: int32, that of the first of the next tokens.
        batch: Number of inputs.

    Returns:
        The updated table.

    Example:
        `update_beam_indices(tf.constant([[[0, 0, 9], [0, 0, 9]]]), 2, batch=1)` -> `[[[0, 0, 0], [0, 0, 1]]]`
    """
    rows, length = tf.unstack(tf.shape(beam_indices)[1:])
    own = tf.range(rows) % _beam_size(rows, batch)
    return tf.where(tf.range(length) < position, beam_indices, own[:, tf.newaxis])


def beam_mask(
    beam_indices: tf.Tensor, position: tf.Tensor, queries: int | tf.Tensor, batch: int | tf.Tensor
) -> tf.Tensor:
    """A causal attention mask that lets the next tokens attend to their own hypothesis only.

    Args:
        beam_indices: Of `update_beam_indices`.
        position: int32, that of the first of the next tokens.
        queries: Number of next tokens of each hypothesis.
        batch: Number of inputs.

    Returns:
        bool `[batch, k, queries, k * length]`; the last axis runs through the `k` caches, one after the other.

    Example:
        `beam_mask(tf.constant([[[0, 0], [0, 1]]]), 1, queries=1, batch=1)` ->
        `[[[[True, True, False, False]], [[True, False, False, True]]]]`
    """
    rows, length = tf.unstack(tf.shape(beam_indices)[1:])
    beams = _beam_size(rows, batch)
    own = beam_indices[0][:, tf.newaxis, tf.newaxis] == tf.range(beams)[:, tf.newaxis]  # [rows, 1, k, length]
    before = tf.range(length) <= position + tf.range(queries)[:, tf.newaxis, tf.newaxis]  # [queries, 1, length]
    return tf.reshape(own & before, [batch, beams, queries, beams * length])


def _beam_size(rows: tf.Tensor, batch: int | tf.Tensor) -> tf.Tensor:
    return tf.maximum(rows // tf.maximum(batch, 1), 1)  # 1 in an empty batch
