"""State of a training on disk: a run can be killed at any moment and resumed without a difference."""

import json
import math
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from tfmodels.training.trainer import Trainer


class _Json(tf.train.experimental.PythonState):
    """JSON data that is saved and restored with the tensors."""

    def __init__(self) -> None:
        self.value: list[dict] = []

    def serialize(self) -> str:
        return json.dumps(self.value)

    def deserialize(self, string_value: str | bytes) -> None:
        self.value = json.loads(string_value)


class Checkpoints:
    """The last state of a training and the best weights so far, in `folder/last` and `folder/best`.

    The last state holds every variable (weights, optimizer, dropout seeds) and the history in one checkpoint.
    Everything else that a resumed training needs follows from the history: the step, the best score, how many
    evaluations ago it was reached. A copy of the history is written as JSON for other programs.

    Args:
        folder: Folder of the run's checkpoints.
        trainer: A built trainer with a built optimizer.
        history_copy: JSON file to write: a list with one object per evaluation.
        recent: Number of evaluations whose weights are kept as well, for `mean_of_recent`.

    Attributes:
        history: One dict per evaluation, oldest first.

    Example:
        >>> checkpoints = Checkpoints(run / "checkpoints", trainer, run / "history.json")
        >>> evaluations_done = checkpoints.restore()
    """

    def __init__(self, folder: Path, trainer: Trainer, history_copy: Path, recent: int = 0) -> None:
        self._history = _Json()
        self._history_copy = history_copy
        weights = [variable.value for variable in trainer.network.variables]
        optimizer = [variable.value for variable in trainer.optimizer.variables]
        everything = tf.train.Checkpoint(weights=weights, optimizer=optimizer, history=self._history)
        self._last = tf.train.CheckpointManager(everything, str(folder / "last"), max_to_keep=2)
        self._best = best_weights(folder, trainer.network)
        self._network = trainer.network
        self._recent = _weights(folder / "recent", trainer.network, recent) if recent else None

    @property
    def history(self) -> list[dict]:  # noqa: D102
        return self._history.value

    @property
    def best(self) -> dict | None:
        """The evaluation with the lowest validation loss; None before the first."""
        return min(self.history, key=lambda row: row["val_loss"], default=None)

    @property
    def evaluations_without_improvement(self) -> int:
        """Number of evaluations after the best one."""
        return len(self.history) - 1 - self.history.index(self.best) if self.best else 0

    def restore(self) -> int:
        """Restores the last state, if there is one. Returns the number of evaluations done."""
        if self._last.latest_checkpoint:
            self._last.checkpoint.restore(self._last.latest_checkpoint).assert_consumed()
            self._copy_history()
        return len(self.history)

    def save(self, row: dict) -> None:
        """Adds an evaluation to the history and saves the state. Must not be called inside `averaged_weights`."""
        self.history.append(row)
        if self._recent:
            self._recent.save(checkpoint_number=len(self.history))
        self._last.save()
        self._copy_history()

    def save_best(self, val_loss: float) -> bool:
        """Saves the current weights if no evaluation so far had a lower loss. Returns whether they were saved."""
        better = val_loss < (self.best["val_loss"] if self.best else math.inf)
        if better:
            self._best.save(checkpoint_number=len(self.history) + 1)  # never the number of the checkpoint it replaces
        return better

    @contextmanager
    def mean_of_recent(self) -> Generator[None]:
        """Context in which the network has the mean of the recent weights (Vaswani et al., 2017, section 6.1)."""
        if self._recent is None:
            raise ValueError("Expected checkpoints that keep recent weights. Received: recent=0")
        variables = self._network.trainable_variables
        own = [variable.numpy() for variable in self._network.variables]
        total = [np.zeros(variable.shape) for variable in variables]
        for path in self._recent.checkpoints:
            self._recent.checkpoint.restore(path).assert_consumed()
            total = [sums + variable.numpy() for sums, variable in zip(total, variables, strict=True)]
        for variable, sums in zip(variables, total, strict=True):
            variable.assign(sums / len(self._recent.checkpoints))
        try:
            yield
        finally:
            for variable, value in zip(self._network.variables, own, strict=True):
                variable.assign(value)

    def _copy_history(self) -> None:
        unfinished = self._history_copy.with_name(f"{self._history_copy.name}.unfinished")
        unfinished.write_text(json.dumps(self.history, indent=1))
        unfinished.replace(self._history_copy)


def is_started(folder: Path) -> bool:
    """Returns whether a training has saved a state in `folder` from which it can be resumed."""
    return tf.train.latest_checkpoint(str(folder / "last")) is not None


def best_weights(folder: Path, network: keras.Model) -> tf.train.CheckpointManager:
    """The checkpoint of the best weights of `network`, to save or restore."""
    return _weights(folder / "best", network, 1)


def _weights(folder: Path, network: keras.Model, count: int) -> tf.train.CheckpointManager:
    checkpoint = tf.train.Checkpoint(weights=[variable.value for variable in network.variables])
    return tf.train.CheckpointManager(checkpoint, str(folder), max_to_keep=count)


def restore_best(folder: Path, network: keras.Model) -> None:
    """Loads the best weights of a run into a built network.

    Args:
        folder: Folder of the run's checkpoints.
        network: A built network of the same architecture.

    Raises:
        FileNotFoundError: The run has no checkpoint yet.

    Example:
        `restore_best(Path("runs/translation/checkpoints"), network)`
    """
    manager = best_weights(folder, network)
    if not manager.latest_checkpoint:
        raise FileNotFoundError(
            f"Expected a checkpoint of the best weights in {folder / 'best'}. Received: none. Run `tfmodels fit` first."
        )
    manager.checkpoint.restore(manager.latest_checkpoint).assert_consumed()
