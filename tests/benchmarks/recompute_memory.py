"""Memory and time of training deep Transformers, with activations stored and recomputed.

    python tests/benchmarks/recompute_memory.py --layers 4 8 16

Encoders of width 256 with 4 heads, 8 rows of 256 tokens, with dropout, float32, each in a separate process.
"""

import argparse
import json
import os
import subprocess
import sys
import time

from rich.console import Console
from rich.table import Table

ROWS, TOKENS, STEPS = 8, 256, 3


def measure(layers: int, recompute: bool) -> dict[str, float]:
    """Takes training steps; returns `seconds` per step, and `mebibytes` beyond the memory of a step on one token."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras
    import tensorflow as tf

    from tfmodels import models
    from tfmodels.training import Options
    from tfmodels.training.compute_modes import enable_modes
    from tfmodels.training.devices.memory import peak_memory

    options = models.TransformerClassifierOptions(num_layers=layers, d_model=256, feed_forward_dim=1024)
    network = models.TransformerClassifier(1000, 2, options)
    network.build((None, None))
    enable_modes(network, Options(recompute=recompute))
    optimizer = keras.optimizers.SGD(1e-3)
    optimizer.build(network.trainable_variables)

    @tf.function(autograph=False, input_signature=[tf.TensorSpec([None, None], tf.int32)])
    def step(ids: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(network(ids, training=True) ** 2)
        optimizer.apply(tape.gradient(loss, network.trainable_variables))
        return loss

    step(tf.ones([1, 1], tf.int32))
    before = peak_memory()
    ids = tf.random.uniform([ROWS, TOKENS], 3, 1000, tf.int32)
    step(ids)
    start = time.perf_counter()
    for _ in range(STEPS):
        float(step(ids))
    return {"seconds": (time.perf_counter() - start) / STEPS, "mebibytes": (peak_memory() - before) / 2**20}


def main() -> None:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--layers", type=int, nargs="+", default=[4, 8, 16])
    parser.add_argument("--one", type=int, nargs=2, metavar=("LAYERS", "RECOMPUTE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        layers, recompute = arguments.one
        print(json.dumps(measure(layers, bool(recompute))))
        return
    table = Table(
        "layers",
        *("MiB stored", "MiB recomputed", "ratio"),
        *("s stored", "s recomputed", "ratio "),
        title="Training step of a Transformer",
    )
    for layers in arguments.layers:
        found = []
        for recompute in (0, 1):
            command = [sys.executable, __file__, "--one", str(layers), str(recompute)]
            found.append(
                json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.splitlines()[-1])
            )
        cells = [str(layers)]
        for name, digits in (("mebibytes", 0), ("seconds", 2)):
            stored, recomputed = (one[name] for one in found)
            cells += [f"{stored:,.{digits}f}", f"{recomputed:,.{digits}f}", f"{recomputed / stored:.2f}"]
        table.add_row(*cells)
    Console().print(table)


if __name__ == "__main__":
    main()
