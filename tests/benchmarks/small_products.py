"""Time of the matrix products of decoding alone: a lower bound of a step of the 7.6 M-parameter Transformer.

    python tests/benchmarks/small_products.py --rows 1 4 32 128

Each product runs in a loop inside the graph, as in decoding, with a matrix that stays in the processor's caches: the
best case for TensorFlow. Set `TF_ENABLE_ONEDNN_OPTS=1` to measure oneDNN.
"""

import argparse
import os
import statistics
import time

from rich.console import Console
from rich.table import Table

WIDTH, FEED_FORWARD, VOCABULARY, LAYERS, STEPS = 256, 1024, 8000, 3, 50
REPEATS, RUNS = 60, 5
# Name -> shape of the matrix, whether the product transposes it, number of such products per step.
PRODUCTS = {
    "queries, keys and values": ((WIDTH, 3 * WIDTH), False, LAYERS),
    "other projections of attention": ((WIDTH, WIDTH), False, 3 * LAYERS),
    "feed-forward, inner": ((WIDTH, FEED_FORWARD), False, LAYERS),
    "feed-forward, outer": ((FEED_FORWARD, WIDTH), False, LAYERS),
    "logits, table stored transposed": ((WIDTH, VOCABULARY), False, 1),
    "logits, table transposed by the product": ((VOCABULARY, WIDTH), True, 0),
}


def microseconds(rows: int, shape: tuple[int, int], transposed: bool) -> float:
    """The time of a product of `[rows, inputs]` and a matrix."""
    import tensorflow as tf

    matrix = tf.Variable(tf.random.normal(shape))
    x = tf.random.normal([rows, shape[1] if transposed else shape[0]])

    @tf.function(input_signature=[tf.TensorSpec([None, x.shape[1]])])
    def loop(x: tf.Tensor) -> tf.Tensor:
        def advance(i: tf.Tensor, last: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            # Each product depends on the previous one, as a step depends on the previous token.
            product = tf.matmul(x + last, matrix.read_value(), transpose_b=transposed)
            return i + 1, 1e-9 * tf.reduce_max(product[:1, :1])

        return tf.while_loop(lambda i, _: i < REPEATS, advance, (0, 0.0), parallel_iterations=1)[1]

    def run() -> float:
        start = time.perf_counter()
        loop(x).numpy()
        return time.perf_counter() - start

    run()
    return 1e6 * statistics.median(run() for _ in range(RUNS)) / REPEATS


def main() -> None:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--rows", type=int, nargs="+", default=[1, 4, 32, 128], help="numbers of rows: sentences times beams"
    )
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    table = Table("microseconds per product", "matrix", "per step", *(f"{rows} rows" for rows in arguments.rows))
    steps = dict.fromkeys(arguments.rows, 0.0)
    for name, (shape, transposed, times) in PRODUCTS.items():
        durations = {rows: microseconds(rows, shape, transposed) for rows in arguments.rows}
        steps = {rows: steps[rows] + times * durations[rows] for rows in steps}
        table.add_row(name, "{} x {}".format(*shape), str(times), *(f"{durations[rows]:,.0f}" for rows in durations))
    table.add_section()
    table.add_row(f"ms per {STEPS} steps", "", "", *(f"{STEPS * duration / 1e3:,.0f}" for duration in steps.values()))
    Console().print(table)


if __name__ == "__main__":
    main()
