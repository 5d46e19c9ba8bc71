"""Batches that Python makes, as a dataset."""

from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf


def generated_dataset(
    elements: Callable[[], Iterator[Any]], signature: Any, assembled: Callable[..., Any] | None = None
) -> tf.data.Dataset:
    """Makes a dataset of the batches of a generator, a few of them ahead of their use.

    It is not tuned while it runs, see `untuned`.

    Args:
        elements: Starts an epoch of batches.
        signature: Nested `tf.TensorSpec`s of a batch.
        assembled: What is done to each in the graph, several side by side; nothing by default.

    Returns:
        The dataset.

    Example:
        `generated_dataset(lambda: iter([[1, 2], [3]]), tf.TensorSpec([None], tf.int32))`
    """
    dataset = tf.data.Dataset.from_generator(elements, output_signature=signature)
    if assembled is not None:
        dataset = dataset.map(assembled, num_parallel_calls=tf.data.AUTOTUNE)
    return dataset.prefetch(4).with_options(untuned())


def untuned() -> tf.data.Options:
    """Options of a dataset that is not tuned while it runs.

    TensorFlow's thread for that may overlook that its iterator is being deleted and sleep on, with the whole process
    waiting for it, for as long as the iterator has lived, up to a minute: it sleeps between two checks of a flag that
    cancellation sets only after having woken it.

    Example:
        `dataset.with_options(untuned())`
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return options
