"""Batches of histories that a network is trained and validated on."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from pipelines.clinical import data, fitted_part
from pipelines.clinical.config import Config
from pipelines.clinical.data import Cases, Prepared
from pipelines.runs import Run
from pipelines.sources.measurements import padded_events
from tfmodels import training
from tfmodels.models.event_classifiers.event_classifier import FOLDS
from tfmodels.training.data.batch_plan import BatchPlan, full
from tfmodels.training.data.generator_dataset import generator_dataset

_EMPTY = {"variable": 0, "static": np.nan, "note": 0}  # what hides a modality
_EARLIEST = 1.0  # hours: no history is cut before it


class Histories(NamedTuple):
    """What batches are made of.

    Attributes:
        prepared: The data.
        cases: The cases.
        static: float32 `[cases, static_fields]`.
        width: Most measurements of a case.
        notes: Most notes of a case; 0 = none are read.
        left_out: int32 `[cases]`, the fold of each case that the fitted part must not have seen; 0 = none.
        class_weights: Weight of the cases of each class; none = 1.
    """

    prepared: Prepared
    cases: Cases
    static: np.ndarray
    width: int
    left_out: np.ndarray
    notes: int = 0
    class_weights: Sequence[float] = ()


class Chances(NamedTuple):
    """What happens to cases at random, anew in each epoch.

    Attributes:
        cut: Share of the histories that end at a random hour.
        hidden: Share of the cases from which one of measurements, static fields and notes is hidden, if it has another.
    """

    cut: float = 0.0
    hidden: float = 0.0


NEVER = Chances()


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
        cases, is_train = prepared.of_split(split), split == "train"
        folds = fitted_part.left_out(cases.entity, FOLDS) if is_train else np.zeros(len(cases.entity), np.int32)
        static = fields.columns(prepared.statics, cases.entity)
        notes = config.max_notes if prepared.notes is not None else 0
        weights = prepared.content.get("class_weights", ()) if is_train else ()
        histories = Histories(prepared, cases, static, prepared.content["width"], folds, notes, weights)
        found[split] = EventBatches(
            histories,
            options.batch_tokens,
            training.replicas(options.replicas),
            options.seed,
            options.accumulate if is_train else 1,
            Chances(config.cut_share, config.modality_dropout if histories.notes else 0.0) if is_train else NEVER,
        )
    return found


class EventBatches:
    """Batches of histories of similar lengths, in an order that depends on seed and epoch: see `training.Batches`.

    Elements are `(inputs, labels, weights)`, the latter two float32 `[rows]`; the inputs are those of an
    `EventClassifier`. Of a history that is cut at a random hour, `now` is that hour or that of what happened last.

    Args:
        histories: What they are made of.
        batch_events: Most measurements in a batch, padding included.
        replicas: Each batch is filled up to a multiple of it with rows of weight 0.
        seed: Seed of order and cuts.
        accumulate: Number of parts that the trainer splits each batch into.
        chances: What happens to cases at random.

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
        chances: Chances = NEVER,
    ) -> None:
        self._of, self._seed, self._chances = histories, seed, chances
        self._accumulate, self._multiple = accumulate, replicas * accumulate
        self._class_weights = np.array(histories.class_weights, np.float32)
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
        return self._as_dataset(lambda: self._from(first_step, self._chances))

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
        elements = self._as_dataset(lambda: iter([self._element(index, 0, NEVER)]))
        return elements.apply(tf.data.experimental.assert_cardinality(1))

    def tokens(self, steps: int) -> int:
        """Number of measurements in the first `steps` batches of the first epoch."""
        epoch = self._plan.epoch(0)
        chosen = np.concatenate([epoch.batch(step)[0] for step in range(min(steps, self.steps_per_epoch))])
        return int(np.minimum(self._end - self._begin, self._of.width)[chosen].sum())

    def _first(self, count: int) -> tf.data.Dataset:
        elements = self._as_dataset(lambda: itertools.islice(self._from(0), count))
        return elements.apply(tf.data.experimental.assert_cardinality(count))

    def _from(self, first_step: int, chances: Chances = NEVER) -> Iterator[Any]:
        for step in itertools.count(first_step):
            epoch, index = divmod(step, self.steps_per_epoch)
            yield self._element(index, epoch, chances)

    def _element(self, index: int, epoch: int, chances: Chances) -> Any:
        rows, width, _ = self._plan.epoch(epoch).batch(index)
        filler = -len(rows) % self._multiple
        rows = np.concatenate([rows, np.repeat(rows[:1], filler)]).astype(np.int64)
        cases, histories = self._of.cases, self._of.prepared.histories
        entity, hour = cases.entity[rows], cases.hour[rows].astype(np.float64)
        now = np.where(np.isfinite(hour), hour, np.nan)
        if chances.cut:
            hour, now = self._cut(rows, hour, now, epoch)
        element = padded_events.padded(histories, entity, histories.end(entity, hour), width)
        inputs = element.inputs | {"left_out": self._of.left_out[rows]}
        if self._of.static.shape[1]:  # `tf.data` splits no batch of empty rows
            inputs |= {"static": self._of.static[rows]}
        last = element.time.max(axis=1, initial=0.0, where=element.variable > 0)
        if self._of.notes and self._of.prepared.notes is not None:
            notes = self._of.prepared.notes.padded(entity, hour, self._of.notes)
            last = np.maximum(last, notes["note_time"].max(axis=1, initial=0.0))
            inputs |= notes
        inputs["now"] = np.where(np.isnan(now), last, now).astype(np.float32)
        if chances.hidden:
            inputs = self._hidden(rows, inputs, epoch)
        weights = self._class_weights[cases.label[rows]] if len(self._class_weights) else np.ones(len(rows), np.float32)
        weights[len(rows) - filler :] = 0
        return inputs, cases.label[rows].astype(np.float32), weights

    def _cut(self, rows: np.ndarray, hour: np.ndarray, now: np.ndarray, epoch: int) -> tuple[np.ndarray, np.ndarray]:
        """The hours at which histories end and at which is predicted, once some are cut; by seed, epoch and row alone.

        Where the latter is NaN it is that of what happened last.
        """
        drawn = self._drawn(rows, epoch, 7, 3)
        some = self._end[rows] > self._begin[rows]
        last = np.where(some, self._of.prepared.histories.hours[np.maximum(self._end[rows] - 1, 0)], 0.0)
        until = _EARLIEST + drawn[1] * np.maximum(last - _EARLIEST, 0)
        is_cut = some & (drawn[0] < self._chances.cut) & (until < last)
        return np.where(is_cut, until, hour), np.where(is_cut, np.where(drawn[2] < 0.5, until, np.nan), now)

    def _hidden(self, rows: np.ndarray, inputs: dict[str, np.ndarray], epoch: int) -> dict[str, np.ndarray]:
        """The inputs without one of their modalities in some rows; by seed, epoch and row alone."""
        drawn = self._drawn(rows, epoch, 11, 2)
        absent = np.zeros(len(rows), bool)
        there = np.stack([
            (inputs["variable"] > 0).any(axis=1),
            np.isfinite(inputs["static"]).any(axis=1) if "static" in inputs else absent,
            (inputs["note"] > 0).any(axis=(1, 2)),
        ])  # fmt: skip
        count = there.sum(axis=0)
        chosen = there & (np.cumsum(there, axis=0) - 1 == (drawn[1] * count).astype(int))
        hidden = dict(zip(_EMPTY, chosen & (count > 1) & (drawn[0] < self._chances.hidden), strict=True))
        return inputs | {
            name: np.where(rows.reshape([-1, *[1] * (inputs[name].ndim - 1)]), _EMPTY[name], inputs[name]).astype(
                inputs[name].dtype
            )
            for name, rows in hidden.items()
            if name in inputs
        }

    def _drawn(self, rows: np.ndarray, epoch: int, use: int, count: int) -> np.ndarray:
        """Random numbers from 0 to 1, `[count, rows]`."""
        return np.random.default_rng([self._seed, epoch, use]).random((count, self.rows_per_epoch))[:, rows]

    def _as_dataset(self, elements: Callable[[], Iterator[Any]]) -> tf.data.Dataset:
        first = self._element(0, 0, NEVER)
        signature = tf.nest.map_structure(lambda array: tf.TensorSpec([None] * array.ndim, array.dtype), first)
        return generator_dataset(elements, signature)
