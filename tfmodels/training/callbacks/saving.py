"""The end of an evaluation: the state is saved, and a training that no longer improves is ended."""

from collections.abc import Callable, Sequence

import keras

from tfmodels.training.callbacks.evaluation import Evaluation
from tfmodels.training.callbacks.user_callbacks import UserCallbacks
from tfmodels.training.checkpoints import Checkpoints


class Saving(keras.callbacks.Callback):
    """Saves the state after each evaluation, logs it, and stops a training that stops improving.

    It is the last of the callbacks: what the others changed is saved too, and what one of them refuses is not. A
    training that another one stopped is over; the last row of its history says `stopped`.

    Args:
        evaluation: Makes the rows of the history.
        checkpoints: Where states are saved.
        patience: See `Options`.
        states: Those of the callbacks in between.
        observers: Called with the new row of the history after each evaluation.
    """

    def __init__(
        self,
        evaluation: Evaluation,
        checkpoints: Checkpoints,
        patience: int,
        states: UserCallbacks,
        observers: Sequence[Callable[[dict], None]],
    ) -> None:
        super().__init__()
        self._evaluation = evaluation
        self._checkpoints = checkpoints
        self._patience = patience
        self._states = states
        self._observers = observers

    def on_train_begin(self, logs: dict | None = None) -> None:  # noqa: D102
        self._states.restore(len(self._checkpoints.history))  # after theirs, in which some start anew

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:  # noqa: D102
        row = self._evaluation.row | ({"stopped": True} if self.model.stop_training else {})
        self._states.save(epoch + 1)
        self._checkpoints.save(row)
        for observe in self._observers:
            observe(row)
        if self._patience and self._checkpoints.evaluations_without_improvement >= self._patience:
            self.model.stop_training = True
