"""The part of each batch that one of several machines computes."""

from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf


class Share(NamedTuple):
    """The replicas of a machine among those of all.

    Attributes:
        first: Number of its first replica.
        count: How many it has.
        of: How many all machines have.

    Example:
        `[*Share(2, 2, 8).replicas]` -> `[2, 3]`
    """

    first: int
    count: int
    of: int

    @property
    def replicas(self) -> range:
        """The numbers of its replicas."""
        return range(self.first, self.first + self.count)

    def rows(self, replica: int, rows: int) -> slice:
        """The rows of a batch of so many, a multiple of `of`, that a replica computes."""
        size = rows // self.of
        return slice(replica * size, (replica + 1) * size)


WHOLE = Share(0, 1, 1)  # batches that nobody shares


def parts(dataset: tf.data.Dataset, share: Share) -> tf.data.Dataset:
    """Cuts each batch into those of a machine's replicas.

    Args:
        dataset: Batches whose rows are a multiple of the number of replicas.
        share: The machine's.

    Returns:
        Of each batch an element for each replica of the machine.

    Example:
        `parts(batches.one_epoch(), Share(0, 1, 2))`
    """

    def cut(rows: tf.Tensor) -> tf.Tensor:
        shape = tf.concat([[share.of, -1], tf.shape(rows)[1:]], axis=0)
        return tf.reshape(rows, shape)[share.first : share.first + share.count]

    return dataset.flat_map(lambda *element: tf.data.Dataset.from_tensor_slices(tf.nest.map_structure(cut, element)))


def distribute(strategy: tf.distribute.Strategy, of_share: Callable[[Share], tf.data.Dataset]) -> Any:
    """The data of this machine, for a strategy of several.

    Args:
        strategy: The strategy.
        of_share: Makes endless elements, one for each replica of a machine in turn.

    Returns:
        A distributed dataset, which Keras' `fit` takes.

    Example:
        `distribute(strategy, lambda share: batches.shared(0, share))`
    """

    def of_machine(context: tf.distribute.InputContext) -> tf.data.Dataset:
        count = context.num_replicas_in_sync // context.num_input_pipelines
        share = Share(context.input_pipeline_id * count, count, context.num_replicas_in_sync)
        # Of a dataset that may end, TensorFlow asks all machines before each step whether there is a batch.
        return of_share(share).apply(tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY))

    return strategy.distribute_datasets_from_function(of_machine)
