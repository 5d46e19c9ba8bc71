"""A Keras callback that measures the time of training steps."""

import time
from collections.abc import Callable

import keras


class Stopwatch(keras.callbacks.Callback):
    """Measures the time from the end of the warm-up of a `fit` to the end of its last step.

    Args:
        warm_up: Number of warm-up steps; the first one traces.
        show: Called after each step.

    Attributes:
        seconds: Total time of the steps after the warm-up.

    Example:
        >>> stopwatch = Stopwatch(warm_up=10, show=print)
        >>> trainer.fit(data, steps_per_epoch=40, callbacks=[stopwatch])
        >>> stopwatch.seconds / 30
    """

    def __init__(self, warm_up: int, show: Callable[[], None]) -> None:
        super().__init__()
        self._warm_up = warm_up
        self._show = show

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:  # noqa: D102
        if batch + 1 == self._warm_up:
            self._start = _when_ready(logs or {})
        if self.params and batch + 1 == self.params["steps"]:
            self.seconds = _when_ready(logs or {}) - self._start
        self._show()


def _when_ready(logs: dict) -> float:
    float(logs["loss"])  # waits until the step is done
    return time.perf_counter()
