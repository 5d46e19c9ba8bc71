"""Which callbacks of a user's a training takes, and their state when it resumes."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras

from tfmodels import whole_files
from tfmodels.training.devices import cluster

_KEPT = {  # what callbacks of Keras, which keep no state themselves, change in a training
    keras.callbacks.EarlyStopping: ("best", "best_epoch", "stopped_epoch", "wait"),
    keras.callbacks.ModelCheckpoint: ("best",),
}
_STATES = 3  # evaluations whose states are kept: a damaged checkpoint is passed over for the one before


class UserCallbacks:
    """The states of callbacks, saved with each evaluation and given back when the training resumes.

    A callback with the methods `get_state()` and `set_state(state)` gets back what it returned, plain data for JSON.
    Of those of Keras, `EarlyStopping` and `ModelCheckpoint` get back what they count and compare with. All others start
    anew. They are told apart by the name of their class, several of one class by their order.

    Args:
        callbacks: The callbacks.
        file: JSON file of their states.

    Raises:
        TypeError: One is no Keras callback.
        ValueError: One cannot work in this training.

    Example:
        `UserCallbacks([keras.callbacks.EarlyStopping(patience=3)], run / "checkpoints" / "callbacks.json")`
    """

    def __init__(self, callbacks: Sequence[keras.callbacks.Callback], file: Path) -> None:
        for callback in callbacks:
            _check(callback)
        self._callbacks = callbacks
        self._file = file
        self._states: dict[str, list] = {}

    def save(self, evaluation: int) -> None:
        """Writes the states after an evaluation, on the chief; nothing where no callback has one."""
        if not cluster.is_chief():
            return
        states = [[type(callback).__name__, _state(callback)] for callback in self._callbacks]
        if all(state is None for _, state in states):
            return
        try:
            written = json.loads(json.dumps(states))  # callbacks may go on to change what they returned
        except (TypeError, ValueError) as error:
            raise TypeError(
                f"Expected `get_state()` of each callback to return plain data for JSON. Received: {error}"
            ) from error
        self._states = dict([*self._states.items(), (str(evaluation), written)][-_STATES:])
        whole_files.write(self._file, json.dumps(self._states, indent=1))

    def restore(self, evaluation: int) -> None:
        """Gives each callback its state after an evaluation; says which start anew, though they would have one."""
        if self._file.exists():
            self._states = {number: states for number, states in self._read().items() if int(number) <= evaluation}
        found = list(self._states.get(str(evaluation), []))
        for callback in self._callbacks:
            name = type(callback).__name__
            own = next((entry for entry in found if entry[0] == name and entry[1] is not None), None)
            if own is not None:
                found.remove(own)
                _set_state(callback, own[1])
            elif evaluation and _state(callback) is not None:
                print(f"note: the callback {name} starts anew: its state after evaluation {evaluation} was not kept")

    def _read(self) -> dict[str, list]:
        try:
            return json.loads(self._file.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(
                f"Expected the states of the callbacks in {self._file}. Received: {error}. Delete the file, and they "
                "start anew."
            ) from error


def _check(callback: Any) -> None:
    if not isinstance(callback, keras.callbacks.Callback):
        raise TypeError(f"Expected `callbacks` to hold keras.callbacks.Callback. Received: {callback!r}")
    reason = ""
    if isinstance(callback, keras.callbacks.ReduceLROnPlateau | keras.callbacks.LearningRateScheduler):
        reason = "that sets the learning rate, which follows the options: schedule='plateau' lowers it on a plateau"
    elif isinstance(callback, keras.callbacks.BackupAndRestore):
        reason = "that saves and restores the state: the training resumes by itself"
    elif isinstance(callback, keras.callbacks.ModelCheckpoint) and not callback.save_weights_only:
        reason = "that saves the trainer as a model; save_weights_only=True works, and the best weights are kept anyway"
    if reason:
        raise ValueError(f"Expected no callback {reason}. Received: {type(callback).__name__}")


def _state(callback: Any) -> Any:
    if hasattr(callback, "get_state"):
        return callback.get_state()
    names = next((names for known, names in _KEPT.items() if isinstance(callback, known)), None)
    return None if names is None else {name: _plain(getattr(callback, name)) for name in names}


def _set_state(callback: Any, state: Any) -> None:
    if hasattr(callback, "set_state"):
        callback.set_state(state)
        return
    for name, value in state.items():
        setattr(callback, name, value)


def _plain(value: Any) -> Any:
    """A number of NumPy as one of Python."""
    return value.item() if hasattr(value, "item") else value
