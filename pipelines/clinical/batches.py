"""Batches of histories that a network is trained and validated on."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from pipelines.clinical import data
from pipelines.clinical.config import Config
from pipelines.clinical.data import Cases, Prepared
from pipelines.runs import Run
from pipelines.sources.measurements import padded_events
from tfmodels import training
from tfmodels.training.data.batch_plan import BatchPlan, full
from tfmodels.training.data.generator_dataset import generator_dataset

_EARLIEST = 1.0  # hours: no history is cut before it


class Histories(NamedTuple):
    """What batches are made of.

    Attributes:
        prepared: The data.
        cases: The cases.
        static: float32 `[cases, static_fields]`.
        width: Most measurements of a case.
    """

    prepared: Prepared
    cases: Cases
    static: np.ndarray
    width: int


def make(config: Config, run: Run) -> dict[str, "EventBatches"]:
    """Batches of a prepared run.

    Args:
        config: The options.
        run: The run.

    Returns:
        `train`, some of whose histories are cut at a random hour, and `validation`.

    Example:
        `make(config, run)["train"].steps_per_epoch`
    """
    prepared, fields, options = data.read(run), data.inputs_of(run), config.training
    found = {}
    for split in ("train", "validation"):
        cases = prepared.of_split(split)
        histories = Histories(
            prepared, cases, fields.columns(prepared.statics, cases.entity), prepared.content["width"]
        )
        is_train = split == "train"
        found[split] = EventBatches(
            histories,
            options.batch_tokens,
            training.replicas(options.replicas),
            options.seed,
            options.accumulate if is_train else 1,
            config.cut_share if is_train else 0.0,
        )
    return found


class EventBatches:
    """Batches of histories of similar lengths, in an order that depends on seed and epoch: see `training.Batches`.

    Elements are `(inputs, labels, weights)`, the latter two float32 `[rows]`; the inputs are those of an
    `EventClassifier`. Of a history that is cut at a random hour, `now` is that hour or its last measurement's.

    Args:
        histories: What they are made of.
        batch_events: Most measurements in a batch, padding included.
        replicas: Each batch is filled up to a multiple of it with rows of weight 0.
        seed: Seed of order and cuts.
        accumulate: Number of parts that the trainer splits each batch into.
        cut_share: Share of the histories that end at a random hour.

    Attributes:
        steps_per_epoch: Number of batches.
        rows_per_epoch: Number of cases.
        tokens_per_epoch: Number of measurements.
        all_in_one: Whether a single batch holds all cases.
        waste: Share of padding and filler in an epoch without cuts.
    """

    unit = "measurements"

    def __init__(
        self,
        histories: Histories,
        batch_events: int,
        replicas: int,
        seed: int,
        accumulate: int = 1,
        cut_share: float = 0.0,
    ) -> None:
        self._of, self._seed, self._cut_share = histories, seed, cut_share
        self._accumulate, self._multiple = accumulate, replicas * accumulate
        found, cases = histories.prepared.histories, histories.cases
        self._begin = found.starts[cases.entity]
        self._end = found.end(cases.entity, cases.hour)
        lengths = np.minimum(self._end - self._begin, histories.width)
        self._plan = BatchPlan(np.maximum(lengths, 1), np.ones_like(lengths), batch_events * accumulate, seed)
        self.steps_per_epoch = len(self._plan.counts)
        self.rows_per_epoch = self.values = len(lengths)
        self.tokens_per_epoch = self.units_per_epoch = max(int(lengths.sum()), 1)
        self.all_in_one = bool(self._plan.counts.max() == full(len(lengths)))
        rows = -(-self._plan.counts // self._multiple) * self._multiple
        self.waste = 1 - self.tokens_per_epoch / int((rows * self._plan.source).sum())

    def dataset(self, first_step: int = 0) -> tf.data.Dataset:
        """Endless batches from `first_step` on; the batches after a step are the same wherever the dataset starts."""
        return self._as_dataset(lambda: self._from(first_step, self._cut_share))

    def one_epoch(self) -> tf.data.Dataset:
        """Each case once, none of them cut."""
        return self._first(self.steps_per_epoch)

    def sample(self, count: int) -> tf.data.Dataset:
        """At most `count` batches of the first epoch, uncut, split into the parts that the trainer accumulates."""
        count = min(count, self.steps_per_epoch)

        def parts() -> Iterator[Any]:
            for element in itertools.islice(self._from(0), count):
                for part in range(self._accumulate):
                    yield tf.nest.map_structure(lambda rows: np.split(rows, self._accumulate)[part], element)  # noqa: B023

        return self._as_dataset(parts).apply(tf.data.experimental.assert_cardinality(count * self._accumulate))

    def largest(self) -> tf.data.Dataset:
        """The batch with the most measurements, padding included."""
        epoch = self._plan.epoch(0)
        index = int((epoch.counts * epoch.source).argmax())
        elements = self._as_dataset(lambda: iter([self._element(index, 0, 0.0)]))
        return elements.apply(tf.data.experimental.assert_cardinality(1))

    def tokens(self, steps: int) -> int:
        """Number of measurements in the first `steps` batches of the first epoch."""
        epoch = self._plan.epoch(0)
        chosen = np.concatenate([epoch.batch(step)[0] for step in range(min(steps, self.steps_per_epoch))])
        return int(np.minimum(self._end - self._begin, self._of.width)[chosen].sum())

    def _first(self, count: int) -> tf.data.Dataset:
        elements = self._as_dataset(lambda: itertools.islice(self._from(0), count))
        return elements.apply(tf.data.experimental.assert_cardinality(count))

    def _from(self, first_step: int, cut_share: float = 0.0) -> Iterator[Any]:
        for step in itertools.count(first_step):
            epoch, index = divmod(step, self.steps_per_epoch)
            yield self._element(index, epoch, cut_share)

    def _element(self, index: int, epoch: int, cut_share: float) -> Any:
        rows, width, _ = self._plan.epoch(epoch).batch(index)
        filler = -len(rows) % self._multiple
        rows = np.concatenate([rows, np.repeat(rows[:1], filler)]).astype(np.int64)
        cases, histories = self._of.cases, self._of.prepared.histories
        entity, end, now = cases.entity[rows], self._end[rows], cases.hour[rows].astype(np.float64)
        if cut_share:
            end, now = self._cut(rows, end, now, epoch)
        element = padded_events.padded(histories, entity, end, width)
        last = element.time.max(axis=1, initial=0.0, where=element.variable > 0)
        inputs = element.inputs | {
            "now": np.where(np.isfinite(now), now, last).astype(np.float32),
            "static": self._of.static[rows],
        }
        weights = np.ones(len(rows), np.float32)
        weights[len(rows) - filler :] = 0
        return inputs, cases.label[rows].astype(np.float32), weights

    def _cut(self, rows: np.ndarray, end: np.ndarray, now: np.ndarray, epoch: int) -> tuple[np.ndarray, np.ndarray]:
        """Where histories end, and the hour of the prediction, once some are cut; by seed, epoch and row alone."""
        random = np.random.default_rng([self._seed, epoch, 7])
        drawn = random.random((3, self.rows_per_epoch))[:, rows]
        histories, entity = self._of.prepared.histories, self._of.cases.entity[rows]
        some = end > self._begin[rows]
        last = np.where(some, histories.hours[np.maximum(end - 1, 0)], 0.0)
        hour = _EARLIEST + drawn[1] * np.maximum(last - _EARLIEST, 0)
        is_cut = some & (drawn[0] < self._cut_share) & (hour < last)
        end = np.where(is_cut, np.minimum(histories.end(entity, hour), end), end)
        return end, np.where(is_cut, np.where(drawn[2] < 0.5, hour, np.nan), now)

    def _as_dataset(self, elements: Callable[[], Iterator[Any]]) -> tf.data.Dataset:
        first = self._element(0, 0, 0.0)
        signature = tf.nest.map_structure(lambda array: tf.TensorSpec([None] * array.ndim, array.dtype), first)
        return generator_dataset(elements, signature)
