"""A computation over a batch, cut into parts that the processor's cores compute at the same time."""

import itertools
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tfmodels.cores import usable_cores

_MOST = 8  # parts of fewer rows than a batch of 64 has for each make products too small


def in_batch_parts(function: Callable[..., Any], *tensors: Any) -> Any:
    """Applies a function to as many parts of a batch as there are cores, and joins the results.

    A long loop of small operations keeps one core busy, however many there are. Several such loops, each over some of
    the rows, run at once where nothing connects them. A graphics processor gets the whole batch.

    Args:
        function: Takes and returns nested tensors `[batch, ...]`; no row depends on another.
        *tensors: Nested tensors `[batch, ...]`, None among them stays None.

    Returns:
        What the function returns for the whole batch.

    Example:
        `outputs, state = in_batch_parts(run_steps, x, sequence_mask, (h, c))`
    """
    parts = _cores()
    if parts == 1:
        return function(*tensors)
    leaves = tf.nest.flatten(tensors)
    rows = tf.shape(leaves[0])[0]
    bounds = [rows * part // parts for part in range(parts + 1)]
    sizes = tf.stack([end - start for start, end in itertools.pairwise(bounds)])
    # Not slices, whose gradients would be as large as the whole batch each.
    cut = [[leaf] * parts if leaf is None else tf.split(leaf, sizes, num=parts) for leaf in leaves]
    results = [function(*tf.nest.pack_sequence_as(tensors, part)) for part in zip(*cut, strict=True)]
    return tf.nest.map_structure(lambda *parts: tf.concat(parts, axis=0), *results)


def _cores() -> int:
    """How many compute at the same time; 1 where there is no graph, or another device computes."""
    if not tf.inside_function() or tf.config.list_logical_devices("GPU"):
        return 1
    usable = usable_cores()
    return min(tf.config.threading.get_inter_op_parallelism_threads() or usable, usable, _MOST)
