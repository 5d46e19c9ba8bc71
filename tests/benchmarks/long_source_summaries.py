"""Memory of a training step on long documents, and time of a summary, of models that copy.

    python tests/benchmarks/long_source_summaries.py --lengths 2000 4000

The networks of `tfmodels fit summarization` with their default sizes, 8,000 subwords, one document and a summary of 64
tokens, float32, each in a process of its own. Memory is the peak of forward and backward pass above that of a document
of 16 tokens; the answer is searched for with a beam of 4 until 64 tokens.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

VOCABULARY, SUMMARY, BEAM, REPEATS = 8_000, 64, 4, 3
SETTINGS = {
    "Transformer": {"query_chunk": 0, "recompute": False},
    "Transformer, recompute": {"query_chunk": 0, "recompute": True},
    "Transformer, query_chunk 256": {"query_chunk": 256, "recompute": False},
    "Transformer, query_chunk 256, recompute": {"query_chunk": 256, "recompute": True},
    "LSTMs": {},
}


def measure(setting: str, length: int) -> dict[str, float]:
    """Measures a training step, `training_mebibytes` and `training_seconds`, and an answer, likewise."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import numpy as np
    import tensorflow as tf

    from pipelines.summarization.task import Config
    from tfmodels import decoding, models, token_ids, training
    from tfmodels.training.compute_modes import enable_modes
    from tfmodels.training.devices.memory import peak_memory

    config, chosen = Config(), SETTINGS[setting]
    if chosen:
        options = replace(config.transformer, query_chunk=chosen["query_chunk"])
        network = models.TransformerSeq2Seq(VOCABULARY, options, max_length=length, copy=True)
    else:
        network = models.LSTMSeq2Seq(VOCABULARY, config.lstm, copy=True)
    network.build()
    enable_modes(network, training.Options(recompute=bool(chosen.get("recompute"))))
    ids = tf.TensorSpec([None, None], tf.int32)

    @tf.function(autograph=False, input_signature=[ids, ids])
    def train(source: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            parts = network({"source": source, "target": target}, training=True)
            loss = tf.reduce_sum(training.copy_cross_entropy(target, parts, smoothing=0.1))
        gradients = tape.gradient(loss, network.trainable_variables)
        return tf.add_n([tf.reduce_sum(tf.convert_to_tensor(gradient)) for gradient in gradients])

    @tf.function(autograph=False, input_signature=[ids])
    def answer(source: tf.Tensor) -> tf.Tensor:
        return decoding.beam_search(
            network, network.encode(source), tf.fill([tf.shape(source)[0]], SUMMARY), BEAM
        ).score

    draw = np.random.default_rng(0)

    def text(tokens: int) -> tf.Tensor:
        return tf.constant(draw.integers(token_ids.END + 1, VOCABULARY, [1, tokens], dtype="int32"))

    found = {}
    for name, run in (("answer", answer), ("training", lambda source: train(source, text(SUMMARY)))):
        run(text(16))  # the smaller peak first, since peak memory never falls
        before, seconds = peak_memory(), []
        for _ in range(REPEATS):
            source, start = text(length), time.perf_counter()
            np.asarray(run(source))
            seconds.append(time.perf_counter() - start)
        found[f"{name}_seconds"] = statistics.median(seconds)
        found[f"{name}_mebibytes"] = (peak_memory() - before) / 2**20
    return found


def main() -> None:
    """Measures, prints the table and writes the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--lengths", type=int, nargs="+", default=[2000, 4000], help="tokens of the document")
    parser.add_argument("--output", default="long_source_summaries.json", help="file of the figures")
    parser.add_argument("--one", nargs=2, metavar=("SETTING", "LENGTH"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measure(arguments.one[0], int(arguments.one[1]))))
        return
    rows = []
    columns = ("training_mebibytes", "training_seconds", "answer_mebibytes", "answer_seconds")
    titles = ("training, MiB", "training, s", "answer, MiB", "answer, s")
    table = Table("tokens", "model", *titles, title="One document and its summary")
    for length in arguments.lengths:
        for setting in SETTINGS:
            command = [sys.executable, __file__, "--one", setting, str(length)]
            printed = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
            rows.append({"tokens": length, "model": setting, **json.loads(printed.splitlines()[-1])})
            cells = (f"{rows[-1][name]:,.{0 if name.endswith('bytes') else 2}f}" for name in columns)
            table.add_row(f"{length:,}", setting, *cells)
    Console().print(table)
    Path(arguments.output).write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
