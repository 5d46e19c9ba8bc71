"""Functions of rows, computed for some rows at a time, so that memory does not grow with their number."""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf


def in_pieces(function: Callable[..., Any], rows: Sequence[tf.Tensor], most: int) -> Any:
    """Computes what is independent for each row, at most so many rows at a time.

    Args:
        function: Takes the tensors of some rows, and returns tensors of as many, in any structure.
        rows: Tensors with the rows as their first axis, at least one.
        most: Most rows at a time.

    Returns:
        As `function(*rows)`.

    Example:
        `in_pieces(lambda states: tf.matmul(states, table, transpose_b=True), [states], 64)`
    """
    count = tf.shape(rows[0])[0]
    pieces = tf.maximum((count + most - 1) // most, 1)
    each = (count + pieces - 1) // pieces  # alike, so that few rows are filler
    split = [_split(one, pieces, each) for one in rows]
    traced = tf.function(function, autograph=False).get_concrete_function(
        *(tf.TensorSpec([None, *one.shape[1:]], one.dtype) for one in rows)
    )
    specs = tf.nest.map_structure(lambda output: tf.TensorSpec(output.shape, output.dtype), traced.structured_outputs)
    found = tf.map_fn(lambda piece: traced(*piece), split, fn_output_signature=specs, parallel_iterations=1)
    return tf.nest.map_structure(lambda one, spec: _joined(one, spec.shape[1:])[:count], found, specs)


def _split(tensor: tf.Tensor, pieces: tf.Tensor, each: tf.Tensor) -> tf.Tensor:
    """The rows in pieces `[pieces, each, ...]`, with rows of zeros or empty texts at the end."""
    rows, others = tf.shape(tensor)[0], tf.shape(tensor)[1:]
    filler = tf.zeros(tf.concat([[pieces * each - rows], others], axis=0), tensor.dtype)
    found = tf.reshape(tf.concat([tensor, filler], axis=0), tf.concat([[pieces, each], others], axis=0))
    return tf.ensure_shape(found, [None, None, *tensor.shape[1:]])


def _joined(tensor: tf.Tensor, shape: tf.TensorShape) -> tf.Tensor:
    sizes = tf.shape(tensor)
    return tf.ensure_shape(tf.reshape(tensor, tf.concat([sizes[:1] * sizes[1:2], sizes[2:]], axis=0)), [None, *shape])
