"""Time of the matrix products of a training step alone, at their actual sizes: a lower bound of the step.

    python tests/benchmarks/step_products.py --precision float32

The 7.6 M-parameter Transformer of `training_rate.py` on a batch with 4,096 positions on each side: all products of the
forward pass and the two of each in the backward pass, sequentially and without other operations.
"""

import argparse
import math
import os
import statistics
import time
from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

LAYERS, WIDTH, HEADS, FEED_FORWARD, VOCABULARY = 3, 256, 4, 1024, 8000
RUNS, WARM_UP_RUNS = 15, 3
Product = tuple[tuple[int, ...], tuple[int, ...]]  # shapes of both factors


def forward_products(rows: int, time_steps: int) -> Iterator[Product]:
    """The products of a forward pass, with source and target of the same length."""
    positions = rows * time_steps
    heads, head = (HEADS, rows), WIDTH // HEADS
    attention = [((*heads, time_steps, head), (*heads, head, time_steps))]
    attention += [((*heads, time_steps, time_steps), (*heads, time_steps, head))]
    self_attention = [*_projections(positions, (WIDTH, 3 * WIDTH), (WIDTH, WIDTH)), *attention]
    cross_attention = [*_projections(positions, (WIDTH, WIDTH), (WIDTH, 2 * WIDTH), (WIDTH, WIDTH)), *attention]
    feed_forward = _projections(positions, (WIDTH, FEED_FORWARD), (FEED_FORWARD, WIDTH))
    for _ in range(LAYERS):
        yield from (*self_attention, *feed_forward)
        yield from (*self_attention, *cross_attention, *feed_forward)
    yield from _projections(positions, (WIDTH, VOCABULARY))


def _projections(positions: int, *kernels: tuple[int, int]) -> list[Product]:
    return [((positions, kernel[0]), kernel) for kernel in kernels]


def flops(products: list[Product]) -> int:
    """FLOP of a step: a multiplication and an addition for each pair of factors, forward once and backward twice."""
    return sum(3 * 2 * math.prod(left) * right[-1] for left, right in products)


def seconds(products: list[Product], precision: str) -> float:
    """The median time of all products of a step."""
    import tensorflow as tf

    factors = [[tf.cast(tf.random.normal(shape), precision) for shape in product] for product in products]
    results = [tf.matmul(a, b) for a, b in factors]

    @tf.function(autograph=False)
    def step() -> tf.Tensor:
        done = []
        for (a, b), of_result in zip(factors, results, strict=True):
            with tf.control_dependencies(done[-1:]):  # sequentially, each on all cores
                parts = (
                    tf.matmul(a, b),
                    tf.matmul(of_result, b, transpose_b=True),
                    tf.matmul(a, of_result, transpose_a=True),
                )
            done.append(tf.add_n([tf.reshape(part, [-1])[0] for part in parts]))
        return tf.cast(tf.add_n(done), tf.float32)

    durations = []
    for _ in range(WARM_UP_RUNS + RUNS):
        start = time.perf_counter()
        float(step())
        durations.append(time.perf_counter() - start)
    return statistics.median(durations[WARM_UP_RUNS:])


def main() -> None:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--rows", type=int, default=128, help="batch size")
    parser.add_argument("--time", type=int, default=32, help="length of source and of target")
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as the command line sets it
    products = list(forward_products(arguments.rows, arguments.time))
    duration, count = seconds(products, arguments.precision), flops(products)

    from pipelines.benchmarks.matrix_peak import matrix_peak

    peak = matrix_peak(arguments.precision)
    table = Table("products of a step", "GFLOP", "seconds", "GFLOP/s", "peak, GFLOP/s", "share")
    table.add_row(
        arguments.precision,
        f"{count / 1e9:,.1f}",
        f"{duration:.3f}",
        f"{count / duration / 1e9:,.0f}",
        f"{peak / 1e9:,.0f}",
        f"{100 * count / duration / peak:.0f} %",
    )
    Console().print(table)


if __name__ == "__main__":
    main()
