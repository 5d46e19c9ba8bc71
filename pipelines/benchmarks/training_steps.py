"""What `tfmodels benchmark train` measures: steps of a task's training, as `fit` takes them."""

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
    """What to measure.

    Attributes:
        warm_up: Steps before, of which the first traces the train step.
        steps: Steps whose time counts.
        profiled: Steps after these, under TensorFlow's profiler.
    """

    warm_up: int
    steps: int
    profiled: int


def measure(task: ModuleType, config: Any, run: "Run", plan: Plan, show: Callable[[], None]) -> dict[str, Any]:
    """Trains a fresh network of a task for some steps.

    Args:
        task: The task.
        config: Its `Config`.
        run: Its run, prepared; nothing in it is touched.
        plan: What to measure.
        show: Called after each step.

    Returns:
        `model`, `parameters`, `precision`, `replicas`; `tokens_per_step` and `tokens_per_second`, padding
        left out (of series: steps); `padding`, a share of all places; `seconds_per_step`;
        `flops_per_step` at all places, `flops_per_second` and `share_of_peak`, None for a network that is not counted;
        `peak_flops_per_second`, the mean of before and after; `peak_memory_bytes`; `input_seconds_per_step` and
        `input_tokens_per_second`, the data read without any training; `input_share`, of the step's time; `operations`:
        `kind`, `calls_per_step`, `seconds_per_step`, `share` of all operations.

    Raises:
        ValueError: If the task's options are wrong for this machine.

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
    counted = [training_flops(trainer.network, inputs) for inputs, *_ in batches.dataset(plan.warm_up).take(plan.steps)]
    known = [flops for flops in counted if flops is not None]
    flops = statistics.mean(known) if len(known) == len(counted) else None
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
    """Seconds of a step."""
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
    """Seconds of a batch where nothing waits for it but the next one."""
    elements = iter(batches.dataset())
    next(elements)
    start = time.perf_counter()
    for _ in range(_BATCHES_READ):
        next(elements)
    return (time.perf_counter() - start) / _BATCHES_READ


def _tokens(batches: "Batches", steps: int) -> int:
    """Real tokens of the first steps, each epoch taken for the first one."""
    epochs, rest = divmod(steps, batches.steps_per_epoch)
    whole = epochs * batches.tokens(batches.steps_per_epoch)
    return whole + (batches.tokens(rest) if rest else 0)


def _fit(trainer: keras.Model, data: tf.data.Dataset, steps: int, callback: keras.callbacks.Callback) -> None:
    trainer.fit(data, steps_per_epoch=steps, callbacks=[callback], verbose=0, shuffle=False)
