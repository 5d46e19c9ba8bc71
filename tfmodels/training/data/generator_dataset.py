"""Datasets of batches that a Python generator makes."""

from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf


def generator_dataset(
    elements: Callable[[], Iterator[Any]], signature: Any, assembled: Callable[..., Any] | None = None
) -> tf.data.Dataset:
    """Makes a dataset of the batches of a generator, with prefetching and without autotuning.

    Args:
        elements: Returns a new iterator over the batches.
        signature: Nested `tf.TensorSpec`s of a batch.
        assembled: Function to map over the batches, in the graph and in parallel. Default: none.

    Returns:
        The dataset.

    Example:
        `generator_dataset(lambda: iter([[1, 2], [3]]), tf.TensorSpec([None], tf.int32))`
    """
    dataset = tf.data.Dataset.from_generator(elements, output_signature=signature)
    if assembled is not None:
        dataset = dataset.map(assembled, num_parallel_calls=tf.data.AUTOTUNE)
    return dataset.prefetch(4).with_options(without_autotune())


def without_autotune() -> tf.data.Options:
    """Options of a dataset that TensorFlow does not tune while it runs.

    The deletion of a tuned iterator can block the process for as long as the iterator has lived, up to a minute: the
    tuning thread sleeps between two checks of a flag that cancellation sets only after it has woken the thread.

    Returns:
        The options.

    Example:
        `dataset.with_options(without_autotune())`
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return options
