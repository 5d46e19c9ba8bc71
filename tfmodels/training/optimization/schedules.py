"""Learning-rate schedules with a linear warm-up."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from tfmodels.training.options import Options


class Schedule(keras.optimizers.schedules.LearningRateSchedule):
    """Base of the schedules: rises linearly to `peak`, then falls as the method `share` says.

    Args:
        peak: Peak learning rate, reached after `warmup_steps` updates.
        warmup_steps: Number of updates of linear increase; 0 is taken as 1.
    """

    def __init__(self, peak: float, warmup_steps: int) -> None:
        self.peak = peak
        self.warmup_steps = max(warmup_steps, 1)

    def __call__(self, step: tf.Tensor) -> tf.Tensor:  # noqa: D102
        update = tf.cast(step, tf.float32) + 1.0
        return self.peak * tf.minimum(update / self.warmup_steps, self.share(update))

    def share(self, update: tf.Tensor) -> tf.Tensor:
        """The share of the peak at an update (float32, counted from 1) after the warm-up."""
        return tf.ones_like(update)

    def follow(self, losses: Sequence[float]) -> None:
        """Receives the validation losses of all evaluations so far; most schedules ignore them."""

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

    It would reach zero at the update after the last one, so that no update is wasted.

    Args:
        peak: Peak learning rate, reached after `warmup_steps` updates.
        warmup_steps: Number of updates of linear increase; 0 is taken as 1.
        total_steps: Number of updates of the whole training.

    Example:
        `Cosine(1e-3, 100, 1000)(99)` is 0.001.
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
    """Rises linearly to `peak`, then is reduced each time `patience` evaluations in a row bring no improvement.

    `keras.callbacks.ReduceLROnPlateau` cannot be combined with a warm-up. The reductions depend only on the losses, so
    a resumed training has the learning rate of before.

    Args:
        peak: Peak learning rate, reached after `warmup_steps` updates.
        warmup_steps: Number of updates of linear increase; 0 is taken as 1.
        factor: Factor of each reduction, below 1.
        patience: Number of evaluations without improvement before a reduction.

    Example:
        `ReduceOnPlateau(1e-3, 100, factor=0.5, patience=2)`
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
    """Counts how often `patience` losses in a row were no better than the best before; the count restarts each time.

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
    """Makes the schedule that `options` name, for `total_steps` updates."""
    peak, warmup_steps = options.learning_rate, options.warmup_steps
    if options.schedule == "cosine":
        return Cosine(peak, warmup_steps, total_steps)
    if options.schedule == "plateau":
        return ReduceOnPlateau(peak, warmup_steps, options.plateau_factor, options.plateau_patience)
    return {"constant": Constant, "inverse_sqrt": InverseSquareRoot}[options.schedule](peak, warmup_steps)
