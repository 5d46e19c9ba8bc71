"""The learning-rate range test: a short training that shows which learning rates are suitable."""

import math
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfmodels.training.callbacks.progress import ProgressBar
from tfmodels.training.data.batches import Batches
from tfmodels.training.fitting import build_trainer
from tfmodels.training.optimization.objective import Objective
from tfmodels.training.options import Options
from tfmodels.training.trainer import Trainer

LOWEST, HIGHEST, STEPS = 1e-6, 1.0, 200
_SMOOTHING = 0.9  # decay of the average of the loss: over ten steps, less than a third of a decade of rates
_DIVERGED = 4.0  # times the best smoothed loss
_LEAST_FALL = 0.05  # of the first loss: a smaller fall gives no reliable slope
_WINDOW = 10  # steps on each side over which the slope is fitted
_STEPS_PER_LINE = 20
_COLUMNS = (
    ("step", 8, "step", ",d"),
    ("lr", 8, "learning_rate", ".1e"),
    ("loss", 9, "loss", ".4f"),
    ("smoothed", 9, "smoothed", ".4f"),
)


@keras.saving.register_keras_serializable("tfmodels")
class ExponentialRange(keras.optimizers.schedules.LearningRateSchedule):
    """Grows by the same factor at every update.

    Args:
        lowest: Learning rate of the first update.
        highest: Learning rate of the last update.
        steps: Number of updates, at least 2.

    Example:
        `ExponentialRange(1e-4, 1.0, 5)(2)` is 0.01.
    """

    def __init__(self, lowest: float, highest: float, steps: int) -> None:
        self.lowest = lowest
        self.highest = highest
        self.steps = steps

    def __call__(self, step: tf.Tensor) -> tf.Tensor:  # noqa: D102
        share = tf.cast(step, tf.float32) / (self.steps - 1)
        return self.lowest * tf.pow(self.highest / self.lowest, share)

    def get_config(self) -> dict[str, Any]:  # noqa: D102
        return {"lowest": self.lowest, "highest": self.highest, "steps": self.steps}


@dataclass(frozen=True)
class LearningRateRange:
    """Result of a range test.

    Attributes:
        rates: Learning rate of each update, ascending.
        losses: Training loss of each batch before its update; finite.
        divergence: Learning rate at which the test stopped because the loss was no longer finite, or the smoothed loss
            exceeded 4 times its minimum (or, if that is negative, its first value). None if the test reached the
            highest rate.

    Example:
        `LearningRateRange([1e-4, 1e-3, 1e-2], [6.2, 3.1, 4.0], divergence=None).minimum`
    """

    rates: Sequence[float]
    losses: Sequence[float]
    divergence: float | None

    @property
    def smoothed(self) -> list[float]:
        """The losses as a bias-corrected exponential average: see `smooth`."""
        return smooth(self.losses)

    @property
    def minimum(self) -> float:
        """Learning rate with the lowest smoothed loss; the average lags by ten steps, so it is almost unstable."""
        return self.rates[int(np.argmin(self.smoothed))]

    @property
    def suggestion(self) -> float | None:
        """Learning rate to train with: where the smoothed loss falls most steeply.

        It is the rate in the middle of the 21 successive updates before the minimum over which the least-squares slope
        of log(smoothed loss) against log(rate) is the most negative. Logarithms on both axes make that the steepest
        *relative* fall; without them, the early steps that only learn the frequencies of the tokens would decide. None
        if the loss never fell by 5 %.
        """
        smoothed = self.smoothed
        lowest = int(np.argmin(smoothed))
        middles = range(_WINDOW, lowest - _WINDOW + 1)
        if not middles or smoothed[0] - smoothed[lowest] < _LEAST_FALL * abs(smoothed[0]):
            return None
        # A loss that falls below zero is the negative logarithm of a density, so it is a logarithm already.
        x, y = np.log(self.rates), np.log(smoothed) if smoothed[lowest] > 0 else smoothed

        def slope(middle: int) -> float:
            window = slice(middle - _WINDOW, middle + _WINDOW + 1)
            return np.polyfit(x[window], y[window], deg=1)[0]

        return self.rates[min(middles, key=slope)]


def find_learning_rate(
    make_network: Callable[[], keras.Model],
    batches: Batches,
    options: Options,
    objective: Objective | None = None,
) -> LearningRateRange:
    """Trains a new network while the learning rate grows exponentially from 1e-6 to 1 (Smith, 2017, section 3.3).

    Everything but the learning rate is as in `fit`; `options.learning_rate`, warm-up and schedule are ignored. No file
    is written.

    Args:
        make_network: See `fit`.
        batches: Training data.
        options: How to train.
        objective: See `fit`.

    Returns:
        The result after 200 updates, or fewer if the loss diverged.

    Raises:
        FloatingPointError: The loss of the first update is not finite.

    Example:
        >>> found = training.find_learning_rate(make_network, batches, training.Options())
        >>> training.Options(learning_rate=found.suggestion)

    Source:
        Leslie N. Smith: Cyclical Learning Rates for Training Neural Networks. WACV 2017. There the rate grows linearly.
    """
    rate = ExponentialRange(LOWEST, HIGHEST, STEPS)
    trainer = build_trainer(make_network, batches.sample(1), options, rate, objective=objective)
    progress = ProgressBar(STEPS, 0, batches.units_per_epoch / batches.steps_per_epoch, _COLUMNS, batches.unit)
    recorder = _Recorder(trainer, progress.show)
    with closing(progress):
        trainer.fit(batches.dataset(), steps_per_epoch=STEPS, callbacks=[progress, recorder], verbose=0, shuffle=False)
    if not recorder.losses:
        remedy = "" if options.precision == "float32" else ", or try training.precision=float32"
        raise FloatingPointError(
            f"Expected a finite loss of the untrained network. Received: loss={recorder.last_loss}. "
            f"Check the data{remedy}."
        )
    return LearningRateRange(recorder.rates, recorder.losses, recorder.divergence)


def smooth(losses: Sequence[float]) -> list[float]:
    """Exponential average with decay 0.9, divided by the sum of its weights so far (Kingma and Ba, 2015, section 3).

    Example:
        `smooth([3.0, 3.0, 3.0])` is `[3.0, 3.0, 3.0]`, up to rounding.
    """
    average, smoothed = 0.0, []
    for count, loss in enumerate(losses, start=1):
        average = _SMOOTHING * average + (1 - _SMOOTHING) * loss
        smoothed.append(average / (1 - _SMOOTHING**count))
    return smoothed


def _highest(smoothed: Sequence[float]) -> float:
    """The smoothed loss above which the test has diverged."""
    lowest = min(smoothed)
    return _DIVERGED * lowest if lowest > 0 else smoothed[0]


class _Recorder(keras.callbacks.Callback):
    """Records learning rate and loss of each update, prints some, and stops the training when it diverges."""

    def __init__(self, trainer: Trainer, show: Callable[[dict], None]) -> None:
        super().__init__()
        self._trainer = trainer
        self._show = show
        self.rates: list[float] = []
        self.losses: list[float] = []
        self.divergence: float | None = None

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        assert logs is not None  # Keras passes the results of the step
        rate, self.last_loss = float(logs["learning_rate"]), float(logs["loss"])
        if math.isfinite(self.last_loss):
            self.rates.append(rate)
            self.losses.append(self.last_loss)
        smoothed = smooth(self.losses)
        if not math.isfinite(self.last_loss) or smoothed[-1] > _highest(smoothed):
            self.divergence = rate
            self._trainer.stop_training = True
        if self.divergence or (batch + 1) % _STEPS_PER_LINE == 0:
            row = {"step": batch + 1, "learning_rate": rate, "loss": self.last_loss}
            self._show(row | {"smoothed": smoothed[-1] if smoothed else self.last_loss})
