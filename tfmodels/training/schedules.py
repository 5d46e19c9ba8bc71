"""Learning-rate schedules with a linear warm-up."""

import keras
import tensorflow as tf

from tfmodels.training.options import Options


@keras.saving.register_keras_serializable("tfmodels")
class InverseSquareRoot(keras.optimizers.schedules.LearningRateSchedule):
    """Rises linearly to `peak`, then falls with the inverse square root of the step (Vaswani et al., 2017, eq. 3).

    Args:
        peak: Highest learning rate, reached after `warmup_steps` updates.
        warmup_steps: At least 1.

    Example:
        `InverseSquareRoot(1e-3, 100)(399)` is 0.0005.
    """

    def __init__(self, peak: float, warmup_steps: int) -> None:
        self.peak = peak
        self.warmup_steps = max(warmup_steps, 1)

    def __call__(self, step: tf.Tensor) -> tf.Tensor:  # noqa: D102
        update = tf.cast(step, tf.float32) + 1.0
        return self.peak * tf.minimum(update / self.warmup_steps, tf.sqrt(self.warmup_steps / update))

    def get_config(self) -> dict:  # noqa: D102
        return {"peak": self.peak, "warmup_steps": self.warmup_steps}


@keras.saving.register_keras_serializable("tfmodels")
class Cosine(keras.optimizers.schedules.LearningRateSchedule):
    """Rises linearly to `peak`, then falls as a half cosine (Loshchilov and Hutter, 2017).

    It would reach zero at the update after the last, so that no update is for nothing.

    Args:
        peak: Highest learning rate, reached after `warmup_steps` updates.
        warmup_steps: At least 1.
        total_steps: Updates in all.
    """

    def __init__(self, peak: float, warmup_steps: int, total_steps: int) -> None:
        self.peak = peak
        self.warmup_steps = max(warmup_steps, 1)
        self.total_steps = total_steps

    def __call__(self, step: tf.Tensor) -> tf.Tensor:  # noqa: D102
        update = tf.cast(step, tf.float32) + 1.0
        decay_steps = max(self.total_steps + 1 - self.warmup_steps, 1)
        progress = tf.clip_by_value((update - self.warmup_steps) / decay_steps, 0.0, 1.0)
        return self.peak * tf.minimum(update / self.warmup_steps, 0.5 * (1.0 + tf.cos(3.14159265 * progress)))

    def get_config(self) -> dict:  # noqa: D102
        return {"peak": self.peak, "warmup_steps": self.warmup_steps, "total_steps": self.total_steps}


def schedule(options: Options, total_steps: int) -> keras.optimizers.schedules.LearningRateSchedule:
    """The schedule that `options` name, over `total_steps` updates."""
    if options.schedule == "cosine":
        return Cosine(options.learning_rate, options.warmup_steps, total_steps)
    return InverseSquareRoot(options.learning_rate, options.warmup_steps)
