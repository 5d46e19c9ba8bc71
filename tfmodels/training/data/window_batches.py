"""Batches of windows over time series, in an order that depends on seed and epoch only."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from tfmodels.training.data.generator_dataset import generator_dataset
from tfmodels.training.data.share import WHOLE, Share
from tfmodels.training.data.shuffled import shuffled
from tfmodels.training.data.windows import Windows


class WindowBatches:
    """Batches of windows, shuffled for training: see `Batches`.

    Only the series themselves are stored, however many windows there are: the order is computed on the fly and a window
    is read when its batch is made. Elements are `(inputs, {"values", "scale"}, weights)`. A missing target is 0 and has
    weight 0.

    Args:
        windows: The windows.
        batch_windows: Number of windows in a batch.
        replicas: Each batch is filled up to a multiple of it with windows of weight 0.
        seed: Seed of the order.
        assemble: Makes the model's inputs, in the graph, from the dict that `Windows.read` returns (without targets and
            scale).
        accumulate: Number of parts that the trainer splits each batch into; each has `batch_windows` windows.
        shuffle: Whether to shuffle the windows, differently in each epoch.
        beside: `[windows, horizon, channels, ...]`, further numbers of each window, which the targets have as `beside`.
            Default: none.

    Attributes:
        steps_per_epoch: Number of batches.
        rows_per_epoch: Number of windows.
        all_in_one: Whether a single batch holds all windows.
        tokens_per_epoch: Number of steps in all windows, history and prediction.
        unit: `windows`.
        units_per_epoch: The same as `rows_per_epoch`.

    Example:
        >>> batches = WindowBatches(windows, batch_windows=64, replicas=2, seed=1, assemble=inputs, shuffle=True)
        >>> trainer.fit(batches.dataset(first_step=0), steps_per_epoch=batches.steps_per_epoch)
    """

    unit = "windows"

    def __init__(
        self,
        windows: Windows,
        batch_windows: int,
        replicas: int,
        seed: int,
        assemble: Callable[[dict[str, tf.Tensor]], Any],
        accumulate: int = 1,
        shuffle: bool = False,
        beside: np.ndarray | None = None,
    ) -> None:
        if beside is not None and len(beside) != len(windows):
            raise ValueError(f"Expected numbers beside each of {len(windows):,} windows. Received: {len(beside):,}")
        self.windows = windows
        self._size = batch_windows * accumulate
        self._multiple = replicas * accumulate
        self._accumulate = accumulate
        self._seed = seed
        self._assemble = assemble
        self._shuffle = shuffle
        self._beside = beside
        self.rows_per_epoch = self.units_per_epoch = len(windows)
        self.steps_per_epoch = -(-len(windows) // self._size)
        self.all_in_one = self.steps_per_epoch == 1
        self.tokens_per_epoch = len(windows) * (windows.context + windows.horizon)

    @property
    def values(self) -> int:
        """Number of observed values that the windows forecast, each once."""
        return self.windows.values

    def dataset(self, first_step: int = 0) -> tf.data.Dataset:
        """Endless batches from `first_step` on; the batches after a step are the same wherever the dataset starts."""
        return self._as_dataset(lambda: map(self._element, itertools.count(first_step)))

    def shared(self, first_step: int, share: Share) -> tf.data.Dataset:
        """Of the batches of `dataset` those of a machine's replicas, one after the other; no other window is read."""

        def elements() -> Iterator[dict[str, np.ndarray]]:
            for step in itertools.count(first_step):
                for replica in share.replicas:
                    yield self._element(step, share, replica)

        return self._as_dataset(elements)

    def one_epoch(self) -> tf.data.Dataset:
        """Each window once."""
        return self._first(self.steps_per_epoch)

    def sample(self, count: int) -> tf.data.Dataset:
        """At most `count` batches of the first epoch, split into the parts that the trainer accumulates."""
        count = min(count, self.steps_per_epoch)

        def parts() -> Iterator[dict[str, np.ndarray]]:
            for step in range(count):
                element = {name: np.split(rows, self._accumulate) for name, rows in self._element(step).items()}
                for part in range(self._accumulate):
                    yield {name: rows[part] for name, rows in element.items()}

        return self._as_dataset(parts).apply(tf.data.experimental.assert_cardinality(count * self._accumulate))

    def largest(self) -> tf.data.Dataset:
        """The first batch; all batches but the last have the same shape."""
        return self._first(1)

    def tokens(self, steps: int) -> int:
        """Number of steps, history and prediction, in the first `steps` batches."""
        return min(steps * self._size, len(self.windows)) * (self.windows.context + self.windows.horizon)

    def _first(self, count: int) -> tf.data.Dataset:
        elements = self._as_dataset(lambda: map(self._element, range(count)))
        return elements.apply(tf.data.experimental.assert_cardinality(count))

    def _element(self, step: int, share: Share = WHOLE, replica: int = 0) -> dict[str, np.ndarray]:
        epoch, index = divmod(step, self.steps_per_epoch)
        places = np.arange(index * self._size, min((index + 1) * self._size, len(self.windows)))
        numbers = shuffled(places, len(self.windows), [self._seed, epoch]) if self._shuffle else places
        filler = -len(numbers) % self._multiple
        rows = np.concatenate([numbers, np.repeat(numbers[:1], filler)])
        part = share.rows(replica, len(rows))
        rows = rows[part]
        element = self.windows.read(rows)
        if self._beside is not None:
            element["beside"] = np.asarray(self._beside[rows])
        observed = np.isfinite(element["targets"])
        weights = observed.astype(np.float32)
        weights[max(len(numbers) - part.start, 0) :] = 0
        return element | {"targets": np.where(observed, element["targets"], 0), "weights": weights}

    def _as_dataset(self, elements: Callable[[], Iterator[dict[str, np.ndarray]]]) -> tf.data.Dataset:
        signature = {
            name: tf.TensorSpec([None, *array.shape[1:]], array.dtype) for name, array in self._element(0).items()
        }

        def assembled(element: dict[str, tf.Tensor]) -> tuple:
            targets = {"values": element.pop("targets"), "scale": element.pop("scale")}
            if "beside" in element:
                targets["beside"] = element.pop("beside")
            weights = element.pop("weights")
            return self._assemble(element), targets, weights

        return generator_dataset(elements, signature, assembled)
