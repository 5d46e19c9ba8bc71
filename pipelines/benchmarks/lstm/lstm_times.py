"""What `tfmodels benchmark lstm` measures: an LSTM layer beside Keras' own and the machine's matrix products."""

import statistics
import time
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from pipelines.benchmarks.lstm.lstm_size import Size
from pipelines.benchmarks.matrix_peak import matrix_peak
from tfmodels import layers
from tfmodels.training.optimization.precision import dtype_policy

OURS, STOCK = "tfmodels.layers.LSTM", "keras.layers.LSTM"
COMPILED = f"{OURS}(xla=True)"
UNMEASURED = 2  # rounds at first, of which one traces
_PASSES = ("forward", "training")


def measure(size: Size, precision: str, rounds: int, show: Callable[[], None]) -> dict[str, Any]:
    """Runs the layers in turn, forward, and forward and backward.

    Args:
        size: Of inputs and layer.
        precision: `float32`, `bfloat16` or `float16`.
        rounds: How often each is run.
        show: Called after each round.

    Returns:
        `size`; `peak_flops_per_second`, measured before and after; `layers`, a dict for each: `layer`, then for
        `forward` and `training` (forward, and backward to weights and inputs) `..._ms`, the median, and
        `..._of_limit`, that over the time of the matrix products alone; and `..._of_stock`, the median of the ratios to
        Keras' layer in the same round.

    Raises:
        ValueError: If this machine only emulates that precision.

    Example:
        `measure(Size(64, 96, 32, 128), "float32", 20, print)["layers"][0]["forward_ms"]`
    """
    policy = dtype_policy(precision)
    x = tf.random.normal([size.batch, size.steps, size.inputs])
    runs = {
        OURS: passes(layers.LSTM(size.units, dtype=policy), x),
        COMPILED: passes(layers.LSTM(size.units, xla=True, dtype=policy), x),
        STOCK: passes(keras.layers.LSTM(size.units, return_sequences=True, dtype=policy), x),
    }
    peaks = [matrix_peak(precision)]
    seconds: dict[tuple[str, str], list[float]] = {(layer, name): [] for layer in runs for name in _PASSES}
    for number in range(UNMEASURED + rounds):
        for layer, name in seconds:
            taken = seconds_of(runs[layer][name])
            if number >= UNMEASURED:
                seconds[layer, name].append(taken)
        show()
    peaks.append(matrix_peak(precision))
    peak = statistics.mean(peaks)
    return {
        "size": str(size),
        "peak_flops_per_second": peak,
        "layers": [{"layer": layer, **_numbers(layer, seconds, size.forward_flops / peak)} for layer in runs],
    }


def passes(layer: keras.layers.Layer, x: tf.Tensor) -> dict[str, Callable[[], tf.Tensor]]:
    """What is timed of a layer, each to a scalar.

    Args:
        layer: Maps `[batch, steps, inputs]` to `[batch, steps, units]`.
        x: Its inputs.

    Returns:
        `forward`, and `training`: forward, and the gradients of weights and inputs. What is compiled is so in training
        only, whose forward pass is taken then.

    Example:
        `seconds_of(passes(layers.LSTM(128), tf.zeros([64, 96, 32]))["forward"])`
    """
    layer.build(x.shape)
    compiled = getattr(layer, "xla", False)
    x = tf.cast(x, layer.compute_dtype)

    @tf.function(autograph=False)
    def forward(x: tf.Tensor) -> tf.Tensor:
        return layer(x, training=compiled)[-1, -1, -1]

    @tf.function(autograph=False)
    def training(x: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(layer(x, training=True))
        gradients = tape.gradient(loss, [x, *layer.trainable_variables])
        return tf.add_n([tf.cast(tf.reshape(gradient, [-1])[0], tf.float32) for gradient in gradients])

    return {"forward": lambda: forward(x), "training": lambda: training(x)}


def seconds_of(run: Callable[[], tf.Tensor]) -> float:
    """Seconds that a run takes until its scalar is there."""
    start = time.perf_counter()
    float(run())
    return time.perf_counter() - start


def _numbers(layer: str, seconds: dict[tuple[str, str], list[float]], limit: float) -> dict[str, float]:
    numbers = {}
    for name, products in zip(_PASSES, (limit, 3 * limit), strict=True):
        own, stock = seconds[layer, name], seconds[STOCK, name]
        median = statistics.median(own)
        numbers[f"{name}_ms"] = 1e3 * median
        numbers[f"{name}_of_limit"] = median / products
        numbers[f"{name}_of_stock"] = statistics.median(mine / other for mine, other in zip(own, stock, strict=True))
    return numbers
