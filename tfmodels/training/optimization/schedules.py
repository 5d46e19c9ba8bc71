"""Learning-rate schedules with a linear warm-up."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from tfmodels.training.options import Options


class Schedule(keras.optimizers.schedules.LearningRateSchedule):
    """Rises linearly to `peak`, then stays there; the other schedules fall in ways of their own.

    Args:
        peak: Highest learning rate, reached after `warmup_steps` updates.
        warmup_steps: At least 1.
    """

    def __init__(self, peak: float, warmup_steps: int) -> None:
        self.peak = peak
        self.warmup_steps = max(warmup_steps, 1)

    def __call__(self, step: tf.Tensor) -> tf.Tensor:  # noqa: D102
        update = tf.cast(step, tf.float32) + 1.0
        return self.peak * tf.minimum(update / self.warmup_steps, self.share(update))

    def share(self, update: tf.Tensor) -> tf.Tensor:
        """What is left of the peak at an update (float32, the first is 1), from the end of the warm-up on."""
        return tf.ones_like(update)

    def follow(self, losses: Sequence[float]) -> None:
        """Hears of the validation losses of the intervals so far."""

    def get_config(self) -> dict[str, Any]:  # noqa: D102
        return {"peak": self.peak, "warmup_steps": self.warmup_steps}


@keras.saving.register_keras_serializable("tfmodels")
class Constant(Schedule):
    """Rises linearly to `peak` and stays there.

    Example:
        `Constant(1e-3, 100)(399)` is 0.001.
    """


@keras.saving.register_keras_serializable("tfmodels")
class InverseSquareRoot(Schedule):
    """Rises linearly to `peak`, then falls with the inverse square root of the step (Vaswani et al., 2017, eq. 3).

    Example:
        `InverseSquareRoot(1e-3, 100)(399)` is 0.0005.
    """

    def share(self, update: tf.Tensor) -> tf.Tensor:  # noqa: D102
        return tf.sqrt(self.warmup_steps / update)


@keras.saving.register_keras_serializable("tfmodels")
class Cosine(Schedule):
    """Rises linearly to `peak`, then falls as a half cosine (Loshchilov and Hutter, 2017).

    It would reach zero at the update after the last, so that no update is for nothing.

    Args:
        peak: Highest learning rate, reached after `warmup_steps` updates.
        warmup_steps: At least 1.
        total_steps: Updates in all.
    """

    def __init__(self, peak: float, warmup_steps: int, total_steps: int) -> None:
        super().__init__(peak, warmup_steps)
        self.total_steps = total_steps

    def share(self, update: tf.Tensor) -> tf.Tensor:  # noqa: D102
        decay_steps = max(self.total_steps + 1 - self.warmup_steps, 1)
        progress = tf.clip_by_value((update - self.warmup_steps) / decay_steps, 0.0, 1.0)
        return 0.5 * (1.0 + tf.cos(3.14159265 * progress))

    def get_config(self) -> dict[str, Any]:  # noqa: D102
        return {**super().get_config(), "total_steps": self.total_steps}


@keras.saving.register_keras_serializable("tfmodels")
class ReduceOnPlateau(Schedule):
    """Rises linearly to `peak`; from then on each `patience` validations without a better one reduce it.

    `keras.callbacks.ReduceLROnPlateau` cannot be used with a warm-up. The reductions are a function of the losses
    alone, so a training that goes on finds the rate it had.

    Args:
        peak: Highest learning rate, reached after `warmup_steps` updates.
        warmup_steps: At least 1.
        factor: Of each reduction, below 1.
        patience: Validations in a row.
    """

    def __init__(self, peak: float, warmup_steps: int, factor: float = 0.5, patience: int = 2) -> None:
        super().__init__(peak, warmup_steps)
        self.factor = factor
        self.patience = patience
        self._share = tf.Variable(1.0, trainable=False, aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA)

    def share(self, update: tf.Tensor) -> tf.Tensor:  # noqa: D102
        return tf.convert_to_tensor(self._share)

    def follow(self, losses: Sequence[float]) -> None:  # noqa: D102
        self._share.assign(self.factor ** reductions(losses, self.patience))

    def get_config(self) -> dict[str, Any]:  # noqa: D102
        return {**super().get_config(), "factor": self.factor, "patience": self.patience}


def reductions(losses: Sequence[float], patience: int) -> int:
    """How often `patience` losses in a row were not better than the best before them; each time counts anew.

    Example:
        `reductions([3.0, 2.0, 2.1, 2.2, 1.9], patience=2)` is 1.
    """
    best, waited, count = float("inf"), 0, 0
    for loss in losses:
        waited = 0 if loss < best else waited + 1
        best = min(best, loss)
        if waited == patience:
            waited, count = 0, count + 1
    return count


def schedule(options: Options, total_steps: int) -> Schedule:
    """The schedule that `options` name, over `total_steps` updates."""
    peak, warmup_steps = options.learning_rate, options.warmup_steps
    if options.schedule == "cosine":
        return Cosine(peak, warmup_steps, total_steps)
    if options.schedule == "plateau":
        return ReduceOnPlateau(peak, warmup_steps, options.plateau_factor, options.plateau_patience)
    return {"constant": Constant, "inverse_sqrt": InverseSquareRoot}[options.schedule](peak, warmup_steps)
