"""A computation over a batch, split into parts that several CPU cores process in parallel."""

import itertools
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tfmodels.cores import usable_cores

_MAX_PARTS = 8  # with more parts, those of a batch of 64 have too few rows for fast matrix products


def in_batch_parts(function: Callable[..., Any], *tensors: Any) -> Any:
    """Applies a function to one part of a batch per CPU core, and concatenates the results.

    A long loop of small operations uses one core only. Several independent loops, each over some of the rows, run in
    parallel. A GPU gets the whole batch.

    Args:
        function: Takes and returns nested tensors `[batch, ...]`; no row depends on another.
        *tensors: Nested tensors `[batch, ...]`; None stays None.

    Returns:
        The result of the function for the whole batch.

    Example:
        `outputs, state = in_batch_parts(run_steps, x, sequence_mask, (h, c))`
    """
    parts = _number_of_parts()
    if parts == 1:
        return function(*tensors)
    leaves = tf.nest.flatten(tensors)
    rows = tf.shape(leaves[0])[0]
    bounds = [rows * part // parts for part in range(parts + 1)]
    sizes = tf.stack([end - start for start, end in itertools.pairwise(bounds)])
    # Not slices: the gradient of each slice would be as large as the whole batch.
    cut = [[leaf] * parts if leaf is None else tf.split(leaf, sizes, num=parts) for leaf in leaves]
    results = [function(*tf.nest.pack_sequence_as(tensors, part)) for part in zip(*cut, strict=True)]
    return tf.nest.map_structure(lambda *parts: tf.concat(parts, axis=0), *results)


def _number_of_parts() -> int:
    """One per core; a single one outside of graphs and on GPUs."""
    if not tf.inside_function() or tf.config.list_logical_devices("GPU"):
        return 1
    usable = usable_cores()
    return min(tf.config.threading.get_inter_op_parallelism_threads() or usable, usable, _MAX_PARTS)
