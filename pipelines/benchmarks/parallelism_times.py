"""The measurement of one setting of `tfmodels benchmark parallelism`: time and memory."""

import statistics
import time
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from pipelines.benchmarks.parallelism_setting import Setting, Shape, Times
from pipelines.benchmarks.stopwatch import Stopwatch
from pipelines.seq2seq.data import teacher_forced
from tfmodels import decoding, models, token_ids
from tfmodels.training.devices.memory import peak_device_memory
from tfmodels.training.devices.strategy import strategy
from tfmodels.training.fitting import build_trainer
from tfmodels.training.optimization.schedules import Constant
from tfmodels.training.options import Options

_VOCABULARY = 1000
_HEADS = 4


def measure(setting: Setting, shape: Shape, repeats: int) -> Times:
    """Trains on random tokens, or decodes with random tokens forced so that every output has the full length.

    Args:
        setting: The setting. Its threads and replicas apply to the whole process.
        shape: Size of the network.
        repeats: Number of steps or batches, after one warm-up.

    Returns:
        The mean time of the steps, or the median time of the batches, and the memory.

    Raises:
        MemoryError: If TensorFlow could not allocate a tensor.

    Example:
        `measure(Setting("lstm", "training", 64, 32, 1, 0), Shape(128, 2), 5).seconds`
    """
    if setting.threads:
        tf.config.threading.set_intra_op_parallelism_threads(setting.threads)
        tf.config.threading.set_inter_op_parallelism_threads(setting.threads)
    workloads = {"training": _train, "generation": _generate}
    try:
        return workloads[setting.workload](setting, shape, repeats)
    except tf.errors.ResourceExhaustedError as error:
        raise MemoryError("out of memory: a tensor could not be allocated") from error


def _train(setting: Setting, shape: Shape, repeats: int) -> Times:
    strategy(setting.replicas)  # splits the CPU into virtual devices, which must precede its first use
    ids = _tokens(setting)
    data = tf.data.Dataset.from_tensors(teacher_forced(ids, ids)).repeat()
    options = Options(replicas=setting.replicas, ema_decay=0.0, batch_tokens=ids.size)
    trainer = build_trainer(_network(setting, shape), data, options, Constant(options.learning_rate, 1))
    before = peak_device_memory()
    stopwatch = Stopwatch(warm_up=1, show=lambda: None)
    trainer.fit(data, steps_per_epoch=1 + repeats, callbacks=[stopwatch], verbose=0, shuffle=False)
    return Times(stopwatch.seconds / repeats, _memory_beyond(before))


def _generate(setting: Setting, shape: Shape, repeats: int) -> Times:
    network = _network(setting, shape)()
    network.build()
    ids = tf.constant(_tokens(setting))

    @tf.function(input_signature=[tf.TensorSpec([None, None], tf.int32)], autograph=False)  # as in an export
    def generate(ids: tf.Tensor) -> tf.Tensor:
        limits = tf.fill(tf.shape(ids)[:1], setting.length)
        return decoding.greedy(network, network.encode(ids), limits, prefix=ids).score

    before = peak_device_memory()
    durations = []
    for _ in range(1 + repeats):
        start = time.perf_counter()
        generate(ids).numpy()
        durations.append(time.perf_counter() - start)
    return Times(statistics.median(durations[1:]), _memory_beyond(before))


def _tokens(setting: Setting) -> np.ndarray:
    random = np.random.default_rng(1)
    size = [setting.batch, setting.length]
    return random.integers(token_ids.END + 1, _VOCABULARY, size, np.int32)


def _network(setting: Setting, shape: Shape) -> Callable[[], keras.Model]:
    shared = {"num_layers": shape.layers, "d_model": shape.width, "num_heads": _HEADS, "dropout": 0.1}
    if setting.family == "lstm":
        lstm = models.LSTMOptions(**shared, attention="multi_head")
        return lambda: models.LSTMSeq2Seq(_VOCABULARY, lstm)
    transformer = models.TransformerOptions(**shared, feed_forward_dim=4 * shape.width)
    return lambda: models.TransformerSeq2Seq(_VOCABULARY, transformer)


def _memory_beyond(before: int) -> int:
    """What was taken since; the kernel adds up its counts of pages late, so that a peak may seem to fall by a few."""
    return max(peak_device_memory() - before, 0)
