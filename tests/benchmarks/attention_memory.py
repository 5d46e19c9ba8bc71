"""Memory and time of attention over long sequences, with all queries at once and in chunks, forward and backward.

    python tests/benchmarks/attention_memory.py --lengths 2048 4096 16384 --chunk 256

One row, 8 heads of width 64, float32; each measurement runs in a separate process. All queries at once need memory
quadratic in the length; measurements that would exceed the available memory are skipped.
"""

import argparse
import json
import os
import subprocess
import sys
import time

from rich.console import Console
from rich.table import Table

HEADS, KEY_DIM = 8, 64
MATRICES = 5  # matrices of attention weights and gradients in memory at the same time


def measure(length: int, chunk: int) -> dict[str, float]:
    """Takes one training step; returns `seconds`, and `mebibytes` beyond the memory of the process before."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf

    from tfmodels import layers
    from tfmodels.training.devices.memory import peak_memory

    layer = layers.MultiHeadAttention(HEADS, KEY_DIM, query_chunk=chunk)
    layer.build((1, length, HEADS * KEY_DIM))

    @tf.function(autograph=False)
    def step(x: tf.Tensor) -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(layer(x, training=True) ** 2)
        return [tf.reduce_sum(gradient) for gradient in tape.gradient(loss, layer.trainable_variables)]

    step(tf.zeros([1, 2 * (chunk or 64), HEADS * KEY_DIM]))
    x = tf.random.normal([1, length, HEADS * KEY_DIM])
    before, start = peak_memory(), time.perf_counter()
    float(step(x)[0])
    return {"seconds": time.perf_counter() - start, "mebibytes": (peak_memory() - before) / 2**20}


def main() -> None:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--lengths", type=int, nargs="+", default=[2048, 4096, 16384])
    parser.add_argument("--chunk", type=int, default=256, help="queries per chunk")
    parser.add_argument("--one", type=int, nargs=2, metavar=("LENGTH", "CHUNK"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measure(*arguments.one)))
        return
    available = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES")
    table = Table("tokens", "chunk", "MiB", "s", title="Training step of one attention layer")
    for length in arguments.lengths:
        for chunk in (0, arguments.chunk):
            needed = MATRICES * 4 * HEADS * length * (chunk or length)
            if needed > available:
                table.add_row(f"{length:,}", "-", f"more than {needed / 2**20:,.0f}", "skipped")
                continue
            command = [sys.executable, __file__, "--one", str(length), str(chunk)]
            found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.splitlines()[-1])
            row = (f"{length:,}", str(chunk or "-"), f"{found['mebibytes']:,.0f}", f"{found['seconds']:.2f}")
            table.add_row(*row)
    Console().print(table)


if __name__ == "__main__":
    main()
