"""Memory and time of classifying one long document, by sentences and as one sequence.

    python tests/benchmarks/long_document.py --words 5000

Networks with the default sizes of the task, float32, each in a separate process; training (forward and backward) and
inference, both traced before the measurement with a short document.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

from rich.console import Console
from rich.table import Table

VOCABULARY, CLASSES, WORDS_PER_SENTENCE, REPEATS = 10_000, 2, 25, 3
SIZE = {"num_layers": 2, "d_model": 64, "num_heads": 4, "dropout": 0.1}
FAMILIES = ("hierarchical", "lstm", "transformer", "transformer, in chunks")


def measure(family: str, words: int) -> dict[str, dict[str, float]]:
    """Measures inference and training: median `seconds`, and peak `mebibytes` beyond the memory before."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import numpy as np
    import tensorflow as tf

    from tfmodels import models, token_ids
    from tfmodels.training.devices.memory import peak_memory

    if family.startswith("transformer"):
        chunk = 256 if family.endswith("chunks") else 0
        options = models.TransformerClassifierOptions(
            **SIZE, feed_forward_dim=128, positions="rotary", query_chunk=chunk
        )
        network = models.TransformerClassifier(VOCABULARY, CLASSES, options)
    elif family == "lstm":
        network = models.LSTMClassifier(VOCABULARY, CLASSES, models.LSTMOptions(**SIZE))
    else:
        network = models.HierarchicalClassifier(VOCABULARY, CLASSES, models.LSTMOptions(**SIZE))
    network.build()
    rank = 3 if family == "hierarchical" else 2

    @tf.function(autograph=False, input_signature=[tf.TensorSpec([None] * rank, tf.int32)])
    def train(ids: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            logits = network(ids, training=True)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits([0], logits))
        gradients = tape.gradient(loss, network.trainable_variables)
        return tf.add_n([tf.reduce_sum(tf.convert_to_tensor(gradient)) for gradient in gradients])

    @tf.function(autograph=False, input_signature=[tf.TensorSpec([None] * rank, tf.int32)])
    def infer(ids: tf.Tensor) -> tf.Tensor:
        return tf.reduce_sum(network(ids, training=False))

    draw = np.random.default_rng(0)

    def document(length: int) -> tf.Tensor:
        ids = draw.integers(token_ids.END + 1, VOCABULARY, [1, length], dtype="int32")
        return tf.constant(ids.reshape([1, -1, WORDS_PER_SENTENCE]) if rank == 3 else ids)

    found = {}
    for name, run in (("infer", infer), ("train", train)):  # the smaller peak first, since peak memory never falls
        run(document(2 * WORDS_PER_SENTENCE))
        before, seconds = peak_memory(), []
        for _ in range(REPEATS):
            ids, start = document(words), time.perf_counter()
            float(run(ids))
            seconds.append(time.perf_counter() - start)
        found[name] = {"seconds": statistics.median(seconds), "mebibytes": (peak_memory() - before) / 2**20}
    return found


def main() -> None:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--words", type=int, default=5000, help=f"length, a multiple of {WORDS_PER_SENTENCE}")
    parser.add_argument("--one", choices=FAMILIES, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.words % WORDS_PER_SENTENCE:
        parser.error(f"Expected a multiple of {WORDS_PER_SENTENCE}. Received: --words {arguments.words}")
    if arguments.one:
        print(json.dumps(measure(arguments.one, arguments.words)))
        return
    table = Table(
        "network", "inference, MiB", "inference, s", "training, MiB", "training, s", title=f"{arguments.words:,} words"
    )
    for family in FAMILIES:
        command = [sys.executable, __file__, "--words", str(arguments.words), "--one", family]
        found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.splitlines()[-1])
        cells = (
            f"{found[name][unit]:,.{digits}f}"
            for name in ("infer", "train")
            for unit, digits in (("mebibytes", 0), ("seconds", 2))
        )
        table.add_row(family, *cells)
    Console().print(table)


if __name__ == "__main__":
    main()
