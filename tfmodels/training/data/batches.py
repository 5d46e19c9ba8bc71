"""What `fit` and the searches need of training data."""

from typing import Protocol

import tensorflow as tf


class Batches(Protocol):
    """Training data by the batch: `TokenBatches`, `WindowBatches` or a class of your own with the same members.

    Elements of the datasets are `(inputs, targets, weights)`; see `Trainer`.

    Attributes:
        unit: What speed is measured in, such as `tokens`: the history has `tokens_per_second`.
        steps_per_epoch: Number of batches in an epoch.
        rows_per_epoch: Number of rows in an epoch.
        tokens_per_epoch: Number of tokens in an epoch, padding excluded; of series: steps.
        units_per_epoch: Number of units in an epoch.
        all_in_one: Whether a single batch holds all the data.
    """

    unit: str
    steps_per_epoch: int
    rows_per_epoch: int
    tokens_per_epoch: int
    units_per_epoch: int
    all_in_one: bool

    @property
    def values(self) -> int:
        """Number of values to learn from: the tokens of an epoch; of series each observed value once."""
        ...

    def dataset(self, first_step: int = 0) -> tf.data.Dataset:
        """Endless batches from `first_step` on; the batches after a step are the same wherever the dataset starts."""
        ...

    def one_epoch(self) -> tf.data.Dataset:
        """Each row once."""
        ...

    def sample(self, count: int) -> tf.data.Dataset:
        """At most `count` batches of the first epoch, split into the parts that the trainer accumulates."""
        ...

    def largest(self) -> tf.data.Dataset:
        """The batches of the first epoch that need the most memory."""
        ...

    def tokens(self, steps: int) -> int:
        """Number of tokens in the first `steps` batches, padding excluded."""
        ...
