"""Batches by token budget, in an order that is a function of the seed and the epoch."""

import functools
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from tfmodels.training.generated_batches import generated_dataset
from tfmodels.training.token_rows import TokenRows

ROWS_MULTIPLE = 8  # rows of a full batch: divides evenly over 2, 4 or 8 replicas
_STEPS_PER_OCTAVE = 16

Batch = tuple[np.ndarray, int, int]  # rows, source length, target length


class TokenBatches:
    """Pairs of token rows of similar length, padded together.

    Rows are sorted by their padded lengths, in a random order among equals, and cut where the budget is full;
    then the batches are shuffled. So no row is dropped, padding is small, and each epoch has the same shapes.

    Args:
        rows: The first column is the source, the second the target.
        batch_tokens: Most tokens of a batch, padding included, on the longer side. A single longer row is a batch.
        replicas: Each batch is filled to a multiple of it with one-token rows of weight 0.
        seed: Of the order.
        assemble: Makes an element of the dataset from the padded source and target, int32 `[rows, time]`.
        accumulate: Parts that the trainer cuts a batch into; each may have `batch_tokens` tokens.

    Attributes:
        steps_per_epoch: Number of batches.
        rows_per_epoch: Number of rows.
        all_in_one: Whether one batch has all rows, but for a remainder below `ROWS_MULTIPLE`.
        tokens_per_epoch: Real tokens, source and target.
        waste: Share of padding and filler among all places of an epoch's batches.
        unit: What progress is counted in.
        units_per_epoch: How many of these an epoch has.

    Example:
        >>> batches = TokenBatches(rows, batch_tokens=4096, replicas=2, seed=1, assemble=seq2seq_batch)
        >>> trainer.fit(batches.dataset(first_step=0), steps_per_epoch=batches.steps_per_epoch)
    """

    unit = "tokens"

    def __init__(
        self,
        rows: TokenRows,
        batch_tokens: int,
        replicas: int,
        seed: int,
        assemble: Callable[[np.ndarray, np.ndarray], Any],
        accumulate: int = 1,
    ) -> None:
        self._rows = rows
        self._budget = batch_tokens * accumulate
        self._multiple = replicas * accumulate
        self._accumulate = accumulate
        self._seed = seed
        self._assemble = assemble
        self._source, self._target = rows.columns
        plan = self._plan(0)
        self.steps_per_epoch = len(plan)
        self.rows_per_epoch = len(rows)
        self.all_in_one = max(len(chosen) for chosen, *_ in plan) == _full(len(rows))
        self.tokens_per_epoch = self.units_per_epoch = int(sum(lengths.sum() for lengths in rows.lengths.values()))
        places = sum(_filled(len(chosen), self._multiple) * (source + target) for chosen, source, target in plan)
        self.waste = 1 - self.tokens_per_epoch / places

    def dataset(self, first_step: int = 0) -> tf.data.Dataset:
        """Endless batches from `first_step` on; what follows a step is the same wherever one starts."""
        return self._as_dataset(lambda: self._from(first_step))

    def one_epoch(self) -> tf.data.Dataset:
        """Each row once."""
        epoch = self._as_dataset(lambda: itertools.islice(self._from(0), self.steps_per_epoch))
        return epoch.apply(tf.data.experimental.assert_cardinality(self.steps_per_epoch))

    def sample(self, count: int) -> tf.data.Dataset:
        """At most `count` batches of the first epoch, to measure the loss on; each cut as the trainer cuts it."""
        count = min(count, self.steps_per_epoch)

        def parts() -> Iterator[Any]:
            for element in itertools.islice(self._from(0), count):
                for part in range(self._accumulate):
                    yield tf.nest.map_structure(lambda rows: np.split(rows, self._accumulate)[part], element)  # noqa: B023

        return self._as_dataset(parts).apply(tf.data.experimental.assert_cardinality(count * self._accumulate))

    def largest(self) -> tf.data.Dataset:
        """The two batches of the first epoch that take the most memory.

        One has the most places; the other the most pairs of places, for which attention keeps its weights.
        """
        plan = self._plan(0)

        def rows(batch: Batch) -> int:
            return _filled(len(batch[0]), self._multiple)

        chosen = (
            max(plan, key=lambda batch: rows(batch) * (batch[1] + batch[2])),
            max(plan, key=lambda batch: rows(batch) * max(batch[1:]) ** 2),
        )
        elements = self._as_dataset(lambda: (self._element(*batch) for batch in chosen))
        return elements.apply(tf.data.experimental.assert_cardinality(len(chosen)))

    def tokens(self, steps: int) -> int:
        """Real tokens, source and target, of the first `steps` batches of the first epoch."""
        chosen = np.concatenate([rows for rows, *_ in self._plan(0)[:steps]])
        return int(sum(lengths[chosen].sum() for lengths in self._rows.lengths.values()))

    def _from(self, first_step: int) -> Iterator[Any]:
        for step in itertools.count(first_step):
            epoch, index = divmod(step, self.steps_per_epoch)
            yield self._element(*self._plan(epoch)[index])

    @functools.lru_cache(maxsize=2)  # noqa: B019 - lives as long as the training
    def _plan(self, epoch: int) -> list[Batch]:
        """All batches of an epoch, as row numbers."""
        random = np.random.default_rng([self._seed, epoch])
        source, target = (padded_length(self._rows.lengths[column]) for column in self._rows.columns)
        order = random.permutation(len(self._rows))
        # Snake order: where the target grows by one bucket, the source goes on from where it is, instead of
        # jumping from its longest to its shortest.
        bucket = np.unique(target, return_inverse=True)[1]
        snake = np.where(bucket % 2, -source, source)
        order = order[np.lexsort((snake[order], target[order]))]
        batches = list(self._cut(order, source, target))
        return [batches[index] for index in random.permutation(len(batches))]

    def _cut(self, order: np.ndarray, source: np.ndarray, target: np.ndarray) -> Iterator[Batch]:
        start = 0
        while start < len(order):
            count = self._fitting(np.maximum(source[order[start:]], target[order[start:]]))
            rows = order[start : start + count]
            yield rows, int(source[rows].max()), int(target[rows].max())
            start += count

    def _fitting(self, lengths: np.ndarray) -> int:
        """How many of the next rows share a batch: as many as the longest of them leaves room for."""
        lengths = np.maximum.accumulate(lengths[: self._budget])
        count = int(np.searchsorted(lengths * np.arange(1, len(lengths) + 1), self._budget, side="right"))
        return _full(max(count, 1))

    def _element(self, rows: np.ndarray, source_length: int, target_length: int) -> Any:
        filler = _filled(len(rows), self._multiple) - len(rows)
        source = self._rows.padded(self._source, rows, source_length)
        target = self._rows.padded(self._target, rows, target_length)
        element = self._assemble(source, target)
        return tf.nest.map_structure(lambda array: _fill(array, filler), element)

    def _as_dataset(self, elements: Callable[[], Iterator[Any]]) -> tf.data.Dataset:
        example = self._element(*self._plan(0)[0])
        signature = tf.nest.map_structure(
            lambda array: tf.TensorSpec([None] * array.ndim, tf.as_dtype(array.dtype)), example
        )
        return generated_dataset(elements, signature)


def padded_length(lengths: np.ndarray) -> np.ndarray:
    """Rounds lengths up to one of a few: multiples of 2 up to 32, of 4 up to 64, of 8 up to 128 and so on."""
    octave = np.ceil(np.log2(np.maximum(lengths, 2 * _STEPS_PER_OCTAVE)))
    step = (2**octave / _STEPS_PER_OCTAVE).astype(np.int64)
    return -(-lengths // step) * step


def _full(rows: int) -> int:
    """How many of so many rows that would fit make a full batch."""
    return rows - rows % ROWS_MULTIPLE if rows > ROWS_MULTIPLE else rows


def _filled(rows: int, multiple: int) -> int:
    return -(-rows // multiple) * multiple


def _fill(array: np.ndarray, rows: int) -> np.ndarray:
    """Appends rows of one token, made of the first token there is; a weight is 0 and an id is never padding only.

    What has one number a row, such as a class, is 0.
    """
    if not rows:
        return array
    filler = np.zeros([rows, *array.shape[1:]], array.dtype)
    if np.issubdtype(array.dtype, np.integer) and array.ndim > 1:
        filler[:, 0] = array[0, 0]
    return np.concatenate([array, filler])
