"""The measurements of `tfmodels benchmark train`: training steps of a task as in `fit`."""

import statistics
import time
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

import keras
import tensorflow as tf

from pipelines.benchmarks.matrix_peak import matrix_peak
from pipelines.benchmarks.operation_times import operation_times
from pipelines.benchmarks.stopwatch import Stopwatch
from pipelines.runs import trainable
from tfmodels.models.training_flops import training_flops
from tfmodels.training.devices.memory import peak_device_memory
from tfmodels.training.devices.strategy import replicas
from tfmodels.training.fitting import build_trainer
from tfmodels.training.optimization.schedules import Constant

if TYPE_CHECKING:
    from pipelines.runs import Run
    from tfmodels.training import Batches

_BATCHES_READ = 100


class Plan(NamedTuple):
    """Numbers of training steps.

    Attributes:
        warm_up: Warm-up steps; the first one traces the train step.
        steps: Measured steps.
        profiled: Steps after these under TensorFlow's profiler.
    """

    warm_up: int
    steps: int
    profiled: int


def measure(task: ModuleType, config: Any, run: "Run", plan: Plan, show: Callable[[], None]) -> dict[str, Any]:
    """Measures training steps of a newly initialised network.

    Args:
        task: The task.
        config: Its `Config`.
        run: A prepared run; it is not changed.
        plan: Numbers of steps.
        show: Called after each step.

    Returns:
        `model`, `parameters`, `precision`, `replicas`; `tokens_per_step` and `tokens_per_second`, without padding
        (for series: time steps); `padding`, as a share of all positions; `seconds_per_step`; `flops_per_step`
        including padding, `flops_per_second` and `share_of_peak`, None if the FLOP of the network are unknown;
        `peak_flops_per_second`, the mean of a measurement before and one after; `peak_memory_bytes`;
        `input_seconds_per_step` and `input_tokens_per_second`, reading the data without training; `input_share`, of
        the step time; `operations`, a dict for each: `kind`, `calls_per_step`, `seconds_per_step`, `share` of the time
        of all operations.

    Raises:
        ValueError: If the machine does not support the options of the training.

    Example:
        `measure(translation, run.config, run, Plan(10, 30, 5), print)["share_of_peak"]`
    """
    options = config.training
    batches = task.datasets(config, run)["train"]
    objective = trainable.objective(task, config, run)
    trainer = build_trainer(
        partial(task.model, config, run),
        batches.sample(1),
        options,
        Constant(options.learning_rate, 1),
        None,
        objective,
    )
    peaks = [matrix_peak(options.precision)]
    seconds = _train(trainer, batches, plan, show)
    peaks.append(matrix_peak(options.precision))
    operations = _operations(trainer, batches, plan, show)
    memory = peak_device_memory()
    of_steps = [
        training_flops(trainer.network, inputs) for inputs, *_ in batches.dataset(plan.warm_up).take(plan.steps)
    ]
    known = [flops for flops in of_steps if flops is not None]
    flops = statistics.mean(known) if len(known) == len(of_steps) else None
    tokens = (_tokens(batches, plan.warm_up + plan.steps) - _tokens(batches, plan.warm_up)) / plan.steps
    input_seconds = _read(batches)
    peak = statistics.mean(peaks)
    return {
        "model": type(trainer.network).__name__,
        "parameters": trainer.network.count_params(),
        "precision": options.precision,
        "replicas": replicas(options.replicas),
        "tokens_per_step": tokens,
        "tokens_per_second": tokens / seconds,
        "padding": getattr(batches, "waste", 0.0),  # windows have none
        "seconds_per_step": seconds,
        "flops_per_step": flops,
        "flops_per_second": flops and flops / seconds,
        "peak_flops_per_second": peak,
        "share_of_peak": flops and flops / seconds / peak,
        "peak_memory_bytes": memory,
        "input_seconds_per_step": input_seconds,
        "input_tokens_per_second": tokens / input_seconds,
        "input_share": input_seconds / seconds,
        "operations": operations,
    }


def _train(trainer: keras.Model, batches: "Batches", plan: Plan, show: Callable[[], None]) -> float:
    """The seconds per training step."""
    stopwatch = Stopwatch(plan.warm_up, show)
    _fit(trainer, batches.dataset(), plan.warm_up + plan.steps, stopwatch)
    return stopwatch.seconds / plan.steps


def _operations(trainer: keras.Model, batches: "Batches", plan: Plan, show: Callable[[], None]) -> list[dict[str, Any]]:
    follow = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: show())
    data = batches.dataset(plan.warm_up)
    times = operation_times(lambda: _fit(trainer, data, plan.profiled, follow))
    total = sum(time.seconds for time in times)
    return [
        {
            "kind": time.kind,
            "calls_per_step": time.calls / plan.profiled,
            "seconds_per_step": time.seconds / plan.profiled,
            "share": time.seconds / total,
        }
        for time in times
    ]


def _read(batches: "Batches") -> float:
    """The seconds per batch of reading the data alone."""
    elements = iter(batches.dataset())
    next(elements)
    start = time.perf_counter()
    for _ in range(_BATCHES_READ):
        next(elements)
    return (time.perf_counter() - start) / _BATCHES_READ


def _tokens(batches: "Batches", steps: int) -> int:
    """Tokens of the first steps without padding, assuming that all epochs are like the first."""
    epochs, rest = divmod(steps, batches.steps_per_epoch)
    whole = epochs * batches.tokens(batches.steps_per_epoch)
    return whole + (batches.tokens(rest) if rest else 0)


def _fit(trainer: keras.Model, data: tf.data.Dataset, steps: int, callback: keras.callbacks.Callback) -> None:
    trainer.fit(data, steps_per_epoch=steps, callbacks=[callback], verbose=0, shuffle=False)
