"""The matrix-product peak of this machine, the reference of the other measurements."""

import statistics
import time

import tensorflow as tf

_SIZE_ON_CPU, _SIZE_ON_GPU = 2048, 8192
_REPEATS = 10


def matrix_peak(precision: str = "float32", size: int = 0) -> float:
    """Measures the rate of the product of two square matrices.

    Args:
        precision: `float32`, `bfloat16` or `float16`.
        size: Rows and columns; 0 for 2,048 on a CPU and 8,192 on a GPU.

    Returns:
        The median of ten measurements, in FLOP/s.

    Example:
        `matrix_peak("float32") / 1e9` -> `439.0`
    """
    size = size or (_SIZE_ON_GPU if tf.config.list_logical_devices("GPU") else _SIZE_ON_CPU)
    matrix = tf.cast(tf.random.normal([size, size]), precision)
    seconds = [_seconds(matrix) for _ in range(_REPEATS + 1)]
    return 2 * size**3 / statistics.median(seconds[1:])  # without the first, a warm-up


def _seconds(matrix: tf.Tensor) -> float:
    start = time.perf_counter()
    float(tf.matmul(matrix, matrix)[0, 0])  # waits for the device
    return time.perf_counter() - start
