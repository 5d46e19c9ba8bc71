"""Evaluation during a training."""

import math
import time

import keras
import numpy as np
import tensorflow as tf

from tfmodels.training.checkpoints import Checkpoints
from tfmodels.training.data.batches import Batches
from tfmodels.training.optimization.objective import Objective
from tfmodels.training.trainer import Trainer

_MOST_SKIPPED = 40  # steps in a row, each of which halves the scale of the loss, at first 2**15


class Evaluation(keras.callbacks.Callback):
    """Validates at the end of each Keras epoch, keeps the best weights, and stops a training that diverges.

    The callbacks after it get the new row of the history as their logs.

    Args:
        trainer: The model being fitted.
        validation: Validation data.
        sample: Some of the training data. The loss is measured on it as in validation, without dropout and label
            smoothing and with the weights that are kept. The gap between the two losses is the overfitting.
        checkpoints: Where states are saved.
        batches: Training data, to compute epochs and speed.
        objective: Computes the scores of the history from the means of a validation.
        interval: Steps between two evaluations.

    Attributes:
        row: The newest row of the history.
    """

    def __init__(
        self,
        trainer: Trainer,
        validation: tf.data.Dataset,
        sample: tf.data.Dataset,
        checkpoints: Checkpoints,
        batches: Batches,
        objective: Objective,
        interval: int,
    ) -> None:
        super().__init__()
        self._trainer = trainer
        self._validate = trainer.validator(validation)
        self._validate_sample = trainer.validator(sample)
        self._checkpoints = checkpoints
        self._batches = batches
        self._objective = objective
        self._interval = interval
        self.row: dict = {}
        self._losses: list[float] = []
        self._norms: list[float] = []
        self._skipped = 0  # steps in a row whose gradient was not finite

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:  # noqa: D102
        self._started = time.monotonic()
        self._losses.clear()
        self._norms.clear()

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:  # noqa: D102
        assert logs is not None  # Keras passes the results of the step
        loss, norm = float(logs["loss"]), float(logs["gradient_norm"])
        scaled = isinstance(self._trainer.optimizer, keras.optimizers.LossScaleOptimizer)  # it skips such steps itself
        if not math.isfinite(loss) or not (scaled or math.isfinite(norm)):
            step = self._interval * len(self._checkpoints.history) + batch + 1
            raise self._not_finite(step, loss=loss, gradient_norm=norm)
        self._losses.append(loss)
        self._skipped = 0 if math.isfinite(norm) else self._skipped + 1
        if self._skipped > _MOST_SKIPPED:  # the scale of the loss has no more halvings to try
            step = self._interval * len(self._checkpoints.history) + batch + 1
            raise self._not_finite(step, gradient_norm=norm, steps_without_update=self._skipped)
        if math.isfinite(norm):
            self._norms.append(norm)
        self._learning_rate = logs["learning_rate"]

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:  # noqa: D102
        seconds = time.monotonic() - self._started
        steps = len(self._losses)  # fewer than the interval where a callback stopped the training
        step = epoch * self._interval + steps
        with self._trainer.averaged_weights():
            scores = self._validate()
            if not math.isfinite(scores["loss"]):
                raise self._not_finite(step, val_loss=scores["loss"])
            best = self._checkpoints.save_best(scores["loss"])
            train_loss = self._validate_sample()["loss"]
        if not self._norms:
            print(
                f"note: no update was made in the {steps:,} steps before step {step:,}: in float16 all "
                "gradients were infinite, and the scale of the loss is lowered"
            )
        units = steps * self._batches.units_per_epoch / self._batches.steps_per_epoch
        self.row = {
            "step": step,
            "epoch": step / self._batches.steps_per_epoch,
            "loss": float(np.mean(self._losses)),
            "train_loss": train_loss,
            **self._objective.scores(scores),
            "learning_rate": float(self._learning_rate),
            "gradient_norm": float(np.mean(self._norms)) if self._norms else 0.0,
            f"{self._batches.unit}_per_second": units / seconds,
            "seconds": time.monotonic() - self._started,
            "best": best,
        }
        if logs is not None:
            logs.update({name: float(value) for name, value in self.row.items()})

    def _not_finite(self, step: int, **received: float) -> FloatingPointError:
        """The error, with what can help here and what is left of the run."""
        values = ", ".join(f"{name}={value}" for name, value in received.items())
        low = self._trainer.network.dtype_policy.compute_dtype != "float32"
        precision = ", training.precision=float32" if low else ""
        kept = self._checkpoints.history
        left = (
            f"The state at step {kept[-1]['step']:,} is kept; the same options would end here again, so train with "
            "others under another name (--run) or with --overwrite."
            if kept
            else "Nothing was kept: train with other options and --overwrite, or under another name (--run)."
        )
        return FloatingPointError(
            f"Expected a finite loss and gradient. Received: {values} at step {step:,}. What may help: a lower "
            f"training.learning_rate, more training.warmup_steps, a lower training.clip_norm{precision}. {left}"
        )
