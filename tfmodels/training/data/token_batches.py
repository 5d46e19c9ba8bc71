"""Batches of token rows by token budget, in an order that depends on seed and epoch only."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from tfmodels.training.data.batch_plan import BatchPlan, full, padded_length
from tfmodels.training.data.generator_dataset import generator_dataset
from tfmodels.training.data.share import WHOLE, Share
from tfmodels.training.data.subword_resampling import SubwordResampling
from tfmodels.training.data.token_rows import TokenRows


class TokenBatches:
    """Batches of pairs of token rows of similar length: see `Batches`.

    Rows are sorted by their padded lengths, shuffled among equal lengths, and cut into batches that fill the budget;
    then the batches are shuffled. So no row is dropped, there is little padding, and each epoch has the same shapes.
    Shuffling needs only the memory of a `BatchPlan`; tokens are read when their batch is made.

    Args:
        rows: Token rows; the first column is the source, the second the target.
        batch_tokens: Maximum number of tokens in a batch, padding included, counted on the longer side. A single row
            that is longer is a batch of its own.
        replicas: Each batch is filled up to a multiple of it with one-token rows of weight 0.
        seed: Seed of the order.
        assemble: Makes an element of the dataset from the padded source and target, int32 `[rows, time]`.
        accumulate: Number of parts that the trainer splits each batch into; each may have `batch_tokens` tokens.
        resampling: Segments the texts of `dataset` anew in each epoch; then `batch_tokens` counts the tokens that are
            expected, and a batch may have some more. Default: the rows are taken as they are.
        beside: `[rows, ...]`, further numbers of each row, which `assemble` gets as a third argument. Default: none.

    Attributes:
        steps_per_epoch: Number of batches.
        rows_per_epoch: Number of rows.
        all_in_one: Whether a single batch holds all rows, except for a remainder below `ROWS_MULTIPLE`.
        tokens_per_epoch: Number of tokens, source and target, without padding.
        waste: Share of padding and filler in an epoch's batches.
        unit: `tokens`.
        units_per_epoch: The same as `tokens_per_epoch`.
        values: The same as `tokens_per_epoch`.

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
        assemble: Callable[..., Any],
        accumulate: int = 1,
        resampling: SubwordResampling | None = None,
        beside: np.ndarray | None = None,
    ) -> None:
        if beside is not None and len(beside) != len(rows):
            raise ValueError(f"Expected numbers beside each of {len(rows):,} rows. Received: {len(beside):,}")
        self._rows = rows
        self._multiple = replicas * accumulate
        self._accumulate = accumulate
        self._assemble = assemble
        self._resampling = resampling
        self._beside = beside
        self._source, self._target = rows.columns
        self._lengths = rows.lengths if resampling is None else resampling.lengths(rows)
        source_lengths, target_lengths = self._lengths.values()
        self._plan = BatchPlan(source_lengths, target_lengths, batch_tokens * accumulate, seed)
        self.steps_per_epoch = len(self._plan.counts)
        self.rows_per_epoch = len(rows)
        self.all_in_one = bool(self._plan.counts.max() == full(len(rows)))
        self.tokens_per_epoch = int(sum(lengths.sum() for lengths in self._lengths.values()))
        self.units_per_epoch = self.values = self.tokens_per_epoch
        places = _filled(self._plan.counts, self._multiple) * (self._plan.source + self._plan.target)
        self.waste = 1 - self.tokens_per_epoch / int(places.sum())

    def dataset(self, first_step: int = 0) -> tf.data.Dataset:
        """Endless batches from `first_step` on; the batches after a step are the same wherever the dataset starts."""
        return self._as_dataset(lambda: self._from(first_step, resampled=True))

    def shared(self, first_step: int, share: Share) -> tf.data.Dataset:
        """Of the batches of `dataset` those of a machine's replicas, one after the other; no other row is read."""
        return self._as_dataset(lambda: self._from(first_step, resampled=True, share=share))

    def one_epoch(self) -> tf.data.Dataset:
        """Each row once."""
        epoch = self._as_dataset(lambda: itertools.islice(self._from(0), self.steps_per_epoch))
        return epoch.apply(tf.data.experimental.assert_cardinality(self.steps_per_epoch))

    def sample(self, count: int) -> tf.data.Dataset:
        """At most `count` batches of the first epoch, split into the parts that the trainer accumulates."""
        count = min(count, self.steps_per_epoch)

        def parts() -> Iterator[Any]:
            for element in itertools.islice(self._from(0), count):
                for part in range(self._accumulate):
                    yield tf.nest.map_structure(lambda rows: np.split(rows, self._accumulate)[part], element)  # noqa: B023

        return self._as_dataset(parts).apply(tf.data.experimental.assert_cardinality(count * self._accumulate))

    def largest(self) -> tf.data.Dataset:
        """The two batches of the first epoch that need the most memory.

        One has the most tokens, padding included; the other has the most attention weights.
        """
        epoch = self._plan.epoch(0)
        rows = _filled(epoch.counts, self._multiple)
        places = rows * (epoch.source + epoch.target)
        pairs = rows * np.maximum(epoch.source, epoch.target) ** 2
        chosen = [epoch.batch(int(memory.argmax())) for memory in (places, pairs)]
        elements = self._as_dataset(lambda: (self._element(*batch, 0) for batch in chosen))
        return elements.apply(tf.data.experimental.assert_cardinality(len(chosen)))

    def tokens(self, steps: int) -> int:
        """Number of tokens, without padding, in the first `steps` batches of the first epoch."""
        epoch = self._plan.epoch(0)
        chosen = np.concatenate([epoch.batch(step)[0] for step in range(min(steps, self.steps_per_epoch))])
        return int(sum(lengths[chosen].sum() for lengths in self._lengths.values()))

    def _from(self, first_step: int, resampled: bool = False, share: Share = WHOLE) -> Iterator[Any]:
        for step in itertools.count(first_step):
            epoch, index = divmod(step, self.steps_per_epoch)
            batch = self._plan.epoch(epoch).batch(index)
            total = _filled(len(batch[0]), self._multiple)
            for replica in share.replicas:
                yield self._element(*batch, epoch if resampled else None, share.rows(replica, total))

    def _element(
        self,
        rows: np.ndarray,
        source_length: int,
        target_length: int,
        epoch: int | None = None,
        part: slice | None = None,
    ) -> Any:
        """The rows of a batch, or a part of it; texts are segmented anew where the epoch is given."""
        part = part or slice(0, _filled(len(rows), self._multiple))
        filler = part.stop - part.start - len(rows[part])
        rows = np.concatenate([rows[:1], rows[part]]) if filler else rows[part]  # filler begins as the first row does
        source = self._rows.padded(self._source, rows, source_length)
        target = self._rows.padded(self._target, rows, target_length)
        if self._resampling is not None and epoch is not None:
            source = self._resampling.draw(self._source, source, rows, epoch)
            target = self._resampling.draw(self._target, target, rows, epoch)
        beside = () if self._beside is None else (np.asarray(self._beside[rows]),)
        element = self._assemble(source, target, *beside)
        return tf.nest.map_structure(lambda array: _fill(array, filler), element)

    def _as_dataset(self, elements: Callable[[], Iterator[Any]]) -> tf.data.Dataset:
        source, target = (int(padded_length(self._rows.lengths[of][:1])[0]) for of in (self._source, self._target))
        example = self._element(np.zeros(1, np.int64), source, target)  # one row suffices for the shapes
        signature = tf.nest.map_structure(
            lambda array: tf.TensorSpec([None] * array.ndim, tf.as_dtype(array.dtype)), example
        )
        return generator_dataset(elements, signature)


def _filled(rows: Any, multiple: int) -> Any:
    return -(-rows // multiple) * multiple


def _fill(array: np.ndarray, rows: int) -> np.ndarray:
    """Replaces the first row by filler at the end: zeros, but rows of ids begin as it does, so that none is padding."""
    if not rows:
        return array
    filler = np.zeros([rows, *array.shape[1:]], array.dtype)
    if np.issubdtype(array.dtype, np.integer) and array.ndim > 1:
        filler[:, 0] = array[0, 0]
    return np.concatenate([array[1:], filler])
