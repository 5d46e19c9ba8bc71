"""Peak memory and speed of training on given batches."""

import time
from collections.abc import Callable

import keras
import tensorflow as tf

from tfmodels.training.data.batches import Batches
from tfmodels.training.devices.memory import peak_device_memory
from tfmodels.training.fitting import build_trainer
from tfmodels.training.optimization.objective import Objective
from tfmodels.training.optimization.schedules import Constant
from tfmodels.training.options import Options
from tfmodels.training.search.batch_budget import BatchMeasurement

_STEPS, _SECONDS = 20, 6.0  # a pass over typical batches ends at the first of these limits


def measure_batches(
    make_network: Callable[[], keras.Model],
    batches: Batches,
    options: Options,
    objective: Objective | None = None,
) -> BatchMeasurement:
    """Measures memory and speed by training a new network for some steps.

    The first steps are on the batches with the largest shapes, which determine the memory and trace the train step.
    Then there are two passes over typical batches, of at most 20 steps or about 6 seconds each: one to warm up, one to
    measure the speed. The memory is the peak of this process since its start, so run each measurement in a process of
    its own. On GPUs it is the peak of the first one (untested).

    Args:
        make_network: See `fit`.
        batches: Training data.
        options: How to train.
        objective: See `fit`.

    Returns:
        The measurement.

    Raises:
        MemoryError: TensorFlow could not allocate a tensor.

    Example:
        `measure_batches(make_network, batches, options).peak_memory / 2**30`
    """
    try:
        rate = Constant(options.learning_rate, 1)
        trainer = build_trainer(make_network, batches.sample(1), options, rate, objective=objective)
        trainer.fit(batches.largest(), verbose=0, shuffle=False)
        stopwatch = _Stopwatch()
        for _ in range(2):
            trainer.fit(batches.dataset(), steps_per_epoch=_STEPS, callbacks=[stopwatch], verbose=0, shuffle=False)
    except tf.errors.ResourceExhaustedError as error:
        raise MemoryError("out of memory: a tensor could not be allocated") from error
    return BatchMeasurement(
        rows=batches.rows_per_epoch / batches.steps_per_epoch,
        all_in_one=batches.all_in_one,
        tokens_per_second=_tokens(batches, stopwatch.steps) / stopwatch.seconds,
        peak_memory=peak_device_memory(),
        on_gpu=bool(tf.config.list_logical_devices("GPU")),
    )


def _tokens(batches: Batches, steps: int) -> int:
    """Number of tokens in the first steps, whose epochs may be short."""
    epochs, rest = divmod(steps, batches.steps_per_epoch)
    return epochs * batches.tokens_per_epoch + (batches.tokens(rest) if rest else 0)


class _Stopwatch(keras.callbacks.Callback):
    """Measures the time of the steps of the last training, and ends it when that is enough."""

    def on_train_begin(self, logs: dict | None = None) -> None:
        self.steps = 0

    def on_train_batch_begin(self, batch: int, logs: dict | None = None) -> None:
        if batch == 0:
            self._started = time.monotonic()

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        assert logs is not None  # Keras passes the results of the step
        float(logs["loss"])  # waits until the step is finished
        self.steps = batch + 1
        self.seconds = time.monotonic() - self._started
        if self.seconds > _SECONDS:
            self.model.stop_training = True
