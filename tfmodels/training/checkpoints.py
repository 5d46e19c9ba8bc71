"""State of a training on disk: a run can be killed at any moment and resumed without a difference."""

import json
import math
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfmodels import whole_files
from tfmodels.training.devices import cluster
from tfmodels.training.state import numbered
from tfmodels.training.state.tensor_index import DamagedError
from tfmodels.training.trainer import Trainer

_LAST, _BEST, _RECENT = "last", "best", "recent"
_REMEDY = (
    "Put its files back from a copy, or train anew: `tfmodels fit` with --overwrite, or under another name (--run)."
)


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
    evaluations ago it was reached. A copy of the history is written as JSON for other programs. Of several machines
    all have the state, and the chief alone writes it.

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
        self._folder = folder
        self._history = _Json()
        self._history_copy = history_copy
        self._network = trainer.network
        self._recent = recent
        self._writes = cluster.is_chief()
        groups = {"weights": trainer.network.variables, "optimizer": trainer.optimizer.variables}
        self._state = numbered.named(**groups)
        values = {name: [variable.value for variable in group] for name, group in groups.items()}
        self._everything = tf.train.Checkpoint(**values, history=self._history)
        self._weights = tf.train.Checkpoint(weights=values["weights"])

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
        """Restores the newest sound state, if there is one, and deletes what a killed process was writing.

        Returns:
            The number of evaluations done.

        Raises:
            ValueError: The folder shows that more was done than any sound state tells, or the best or recent weights
                that belong to the state are missing or damaged.
        """
        for name in (_LAST, _BEST, _RECENT) if self._writes else ():
            numbered.tidy(self._folder / name)
        found = self._newest_sound()
        if found is None:
            self._refuse_lost_state()
            return 0
        reader, self._history.value = found
        self._check_weights()
        numbered.restore(reader, self._state)
        self._copy_history()
        return len(self.history)

    def save(self, row: dict) -> None:
        """Adds an evaluation to the history and saves the state. Must not be called inside `averaged_weights`."""
        self.history.append(row)
        if not self._writes:
            return
        done = len(self.history)
        if self._recent:
            numbered.save(self._folder / _RECENT, done, self._weights, self._recent)
        numbered.save(self._folder / _LAST, done, self._everything, keep=2)
        self._copy_history()

    def save_best(self, val_loss: float) -> bool:
        """Saves the current weights if no evaluation so far had a lower loss. Returns whether they were saved."""
        better = val_loss < (self.best["val_loss"] if self.best else math.inf)
        if better and self._writes:  # never the number of the checkpoint it replaces
            numbered.save(self._folder / _BEST, len(self.history) + 1, self._weights, keep=1)
        return better

    @contextmanager
    def mean_of_recent(self) -> Generator[None]:
        """Context in which the network has the mean of the recent weights (Vaswani et al., 2017, section 6.1)."""
        if not self._recent:
            raise ValueError("Expected checkpoints that keep recent weights. Received: recent=0")
        weights, variables = numbered.named(weights=self._network.variables), self._network.trainable_variables
        own = [variable.numpy() for variable in self._network.variables]
        total = [np.zeros(variable.shape) for variable in variables]
        recent = self._recent_numbers(len(self.history))
        for number in recent:
            numbered.restore(_sound_weights(self._folder / _RECENT, number, weights), weights)
            total = [sums + variable.numpy() for sums, variable in zip(total, variables, strict=True)]
        for variable, sums in zip(variables, total, strict=True):
            variable.assign(sums / len(recent))
        try:
            yield
        finally:
            for variable, value in zip(self._network.variables, own, strict=True):
                variable.assign(value)

    def _newest_sound(self) -> tuple[Any, list[dict]] | None:
        """The newest state that can be read as a whole, and its history; says which are not."""
        folder = self._folder / _LAST
        for number in reversed(numbered.numbers(folder)):
            try:
                reader = numbered.check(folder, number, self._state, history=True)
                return reader, numbered.history(reader)
            except DamagedError as error:
                print(
                    f"warning: the state after evaluation {number} is not taken: {error}; an earlier one is looked for"
                )
        return None

    def _refuse_lost_state(self) -> None:
        """Refuses to train from the first step over what is left of a training."""
        numbers = [number for name in (_LAST, _BEST, _RECENT) for number in numbered.numbers(self._folder / name)]
        if self._history_copy.exists() or max(numbers, default=0) > 1:  # else killed during the first evaluation
            raise ValueError(
                f"Expected the state of the training in {self._folder / _LAST}, of which other files of the run tell. "
                f"Received: none that is sound. {_REMEDY}"
            )

    def _check_weights(self) -> None:
        """Refuses a state without the weights that belong to it, before any time is spent."""
        weights, done = numbered.named(weights=self._network.variables), len(self.history)
        if self.best:
            number = self.history.index(self.best) + 1
            there = numbered.numbers(self._folder / _BEST)
            usable = [one for one in there if one == number or one > done]  # those after the state are written again
            _newest_sound_weights(self._folder / _BEST, usable or [number], weights)
        reached = max(number for name in (_LAST, _RECENT) for number in numbered.numbers(self._folder / name))
        for number in self._recent_numbers(reached):
            if number <= done:  # those after it will be written again
                _sound_weights(self._folder / _RECENT, number, weights)

    def _recent_numbers(self, done: int) -> range:
        """The evaluations whose weights are kept after the evaluation `done`."""
        return range(max(done - self._recent, 0) + 1, done + 1) if self._recent else range(0)

    def _copy_history(self) -> None:
        if self._writes:
            whole_files.write(self._history_copy, json.dumps(self.history, indent=1))


def is_started(folder: Path) -> bool:
    """Returns whether a training has saved a state in `folder` from which it can be resumed."""
    return bool(numbered.numbers(folder / _LAST))


def restore_best(folder: Path, network: keras.Model) -> None:
    """Loads the best weights of a run into a built network.

    Args:
        folder: Folder of the run's checkpoints.
        network: A built network of the same architecture.

    Raises:
        FileNotFoundError: The run has no checkpoint yet.
        ValueError: The checkpoint is damaged, or of another network.

    Example:
        `restore_best(Path("runs/translation/checkpoints"), network)`
    """
    there = numbered.numbers(folder / _BEST)
    if not there:
        raise FileNotFoundError(
            f"Expected a checkpoint of the best weights in {folder / _BEST}. Received: none. Run `tfmodels fit` first."
        )
    weights = numbered.named(weights=network.variables)
    numbered.restore(_newest_sound_weights(folder / _BEST, there, weights), weights)


def _newest_sound_weights(folder: Path, there: list[int], weights: numbered.Variables) -> Any:
    """A process that was killed while it saved weights leaves part of them beside those before."""
    for number in reversed(there[1:]):
        try:
            return numbered.check(folder, number, weights)
        except DamagedError as error:
            print(f"warning: the weights of evaluation {number} are not taken: {error}; earlier ones are looked for")
    return _sound_weights(folder, there[0], weights)


def _sound_weights(folder: Path, number: int, weights: numbered.Variables) -> Any:
    try:
        return numbered.check(folder, number, weights)
    except DamagedError as error:
        raise ValueError(
            f"Expected the weights of evaluation {number} in {folder}. Received: {error}. {_REMEDY}"
        ) from None
