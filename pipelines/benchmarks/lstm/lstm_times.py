"""The measurements of `tfmodels benchmark lstm`: our LSTM layer, the Keras layer, and matrix products alone."""

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

OURS, KERAS = "tfmodels.layers.LSTM", "keras.layers.LSTM"
COMPILED = f"{OURS}(xla=True)"
WARM_UP_ROUNDS = 2  # the first one traces
_PASSES = ("forward", "training")


def measure(size: Size, precision: str, rounds: int, show: Callable[[], None]) -> dict[str, Any]:
    """Measures the layers alternately, forward alone and forward with backward.

    Args:
        size: Sizes of inputs and layer.
        precision: `float32`, `bfloat16` or `float16`.
        rounds: Number of measured runs of each layer.
        show: Called after each round.

    Returns:
        `size`; `peak_flops_per_second`, the mean of a measurement before and one after; `layers`, a dict for each:
        `layer`, then for `forward` and `training` (forward, and backward to weights and inputs): `..._ms`, the median;
        `..._over_limit`, the median divided by the time of the matrix products alone; `..._over_keras`, the median of
        the ratios to the Keras layer in the same round.

    Raises:
        ValueError: If the machine only emulates the precision.

    Example:
        `measure(Size(64, 96, 32, 128), "float32", 20, print)["layers"][0]["forward_ms"]`
    """
    policy = dtype_policy(precision)
    x = tf.random.normal([size.batch, size.steps, size.inputs])
    runs = {
        OURS: passes(layers.LSTM(size.units, return_sequences=True, dtype=policy), x),
        COMPILED: passes(layers.LSTM(size.units, return_sequences=True, xla=True, dtype=policy), x),
        KERAS: passes(keras.layers.LSTM(size.units, return_sequences=True, dtype=policy), x),
    }
    peaks = [matrix_peak(precision)]
    seconds: dict[tuple[str, str], list[float]] = {(layer, name): [] for layer in runs for name in _PASSES}
    for number in range(WARM_UP_ROUNDS + rounds):
        for layer, name in seconds:
            duration = seconds_of(runs[layer][name])
            if number >= WARM_UP_ROUNDS:
                seconds[layer, name].append(duration)
        show()
    peaks.append(matrix_peak(precision))
    peak = statistics.mean(peaks)
    return {
        "size": str(size),
        "peak_flops_per_second": peak,
        "layers": [{"layer": layer, **_numbers(layer, seconds, size.forward_flops / peak)} for layer in runs],
    }


def passes(layer: keras.layers.Layer, x: tf.Tensor) -> dict[str, Callable[[], tf.Tensor]]:
    """Builds the functions to be timed for a layer; each returns a scalar.

    Args:
        layer: Maps `[batch, steps, inputs]` to `[batch, steps, units]`.
        x: Inputs.

    Returns:
        `forward`, and `training`: forward and the gradients of weights and inputs. A layer with `xla=True` is compiled
        only in training, so its `forward` runs in training mode.

    Example:
        `seconds_of(passes(layers.LSTM(128, return_sequences=True), tf.zeros([64, 96, 32]))["forward"])`
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
    """The seconds of a run until its result is available."""
    start = time.perf_counter()
    float(run())
    return time.perf_counter() - start


def _numbers(layer: str, seconds: dict[tuple[str, str], list[float]], limit: float) -> dict[str, float]:
    numbers = {}
    for name, products in zip(_PASSES, (limit, 3 * limit), strict=True):
        own, keras_layer = seconds[layer, name], seconds[KERAS, name]
        median = statistics.median(own)
        ratios = [ours / theirs for ours, theirs in zip(own, keras_layer, strict=True)]
        numbers[f"{name}_ms"] = 1e3 * median
        numbers[f"{name}_over_limit"] = median / products
        numbers[f"{name}_over_keras"] = statistics.median(ratios)
    return numbers
