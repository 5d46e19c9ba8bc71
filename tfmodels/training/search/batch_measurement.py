"""What batches of a token budget take and give: peak memory and tokens per second."""

import time
from collections.abc import Callable

import keras
import tensorflow as tf

from tfmodels.training.data.token_batches import TokenBatches
from tfmodels.training.data.window_batches import WindowBatches
from tfmodels.training.devices.memory import peak_device_memory
from tfmodels.training.fitting import build_trainer
from tfmodels.training.optimization.objective import Objective
from tfmodels.training.optimization.schedules import Constant
from tfmodels.training.options import Options
from tfmodels.training.search.batch_budget import BatchMeasurement

_STEPS, _SECONDS = 20, 6.0  # of a pass over typical batches; it ends with the first of them


def measure_batches(
    make_network: Callable[[], keras.Model],
    batches: TokenBatches | WindowBatches,
    options: Options,
    objective: Objective | None = None,
) -> BatchMeasurement:
    """Trains a fresh network for some steps, as `fit` would.

    First on the batches with the largest shapes, which decide the memory and trace the train step; then twice on
    typical ones, at most 20 of them and some 6 seconds: once to warm up, once for the speed. The memory is that of this
    process since its start, so each measurement wants a process of its own. On GPUs it is that of the first of them
    (which has not been tried).

    Args:
        make_network: Makes the network, called under the strategy; it maps inputs to outputs.
        batches: Training data.
        options: How to train.
        objective: What to minimise; by default the cross-entropy of tokens.

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
            steps = min(_STEPS, batches.steps_per_epoch)
            trainer.fit(batches.dataset(), steps_per_epoch=steps, callbacks=[stopwatch], verbose=0, shuffle=False)
    except tf.errors.ResourceExhaustedError as error:
        raise MemoryError("out of memory: a tensor could not be allocated") from error
    return BatchMeasurement(
        rows=batches.rows_per_epoch / batches.steps_per_epoch,
        all_in_one=batches.all_in_one,
        tokens_per_second=batches.tokens(stopwatch.steps) / stopwatch.seconds,
        peak_memory=peak_device_memory(),
        on_gpu=bool(tf.config.list_logical_devices("GPU")),
    )


class _Stopwatch(keras.callbacks.Callback):
    """Takes the time of the steps of the last training, and ends it when that is enough."""

    def on_train_begin(self, logs: dict | None = None) -> None:
        self.steps = 0

    def on_train_batch_begin(self, batch: int, logs: dict | None = None) -> None:
        if batch == 0:
            self._started = time.monotonic()

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        float(logs["loss"])  # waits for the step
        self.steps = batch + 1
        self.seconds = time.monotonic() - self._started
        if self.seconds > _SECONDS:
            self.model.stop_training = True
