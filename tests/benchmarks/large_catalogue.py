"""Time and memory of recommenders of a very large catalogue: a training step, answers, and exports.

    python tests/benchmarks/large_catalogue.py
    python tests/benchmarks/large_catalogue.py --items 100000 --temperature 0.05
    python tests/benchmarks/large_catalogue.py --only int8

A Transformer of one block with random weights. Each part has a process of its own, whose memory is its largest
resident size; what TensorFlow needs without a network is taken off.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

STEPS, ROWS = 3, 64
CONTEXT = 50


def main() -> None:
    """Measures each part in a process and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--temperature", type=float, default=0.0)
    parser.add_argument("--only", choices=PARTS, help="one part alone")
    parser.add_argument("--part", default="", help=argparse.SUPPRESS)
    parser.add_argument("--version", default="", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.part:
        for name, value in (PARTS | {"served": served})[arguments.part](arguments):
            print(f"{name}\t{value}", flush=True)
        return
    table = Table("part", "", f"{arguments.items:,} items, width {arguments.width}")
    for part in [arguments.only] if arguments.only else PARTS:
        for name, value in in_a_process(part, arguments):
            table.add_row(part, name, value)
            print(f"{part}: {name} {value}", flush=True)  # the parts take minutes
    Console(width=120).print(table)


def in_a_process(part: str, arguments: argparse.Namespace, version: str = ""):
    """What a part measures in a process of its own."""
    command = [sys.executable, __file__, "--part", part, "--items", str(arguments.items), "--version", version]
    command += ["--width", str(arguments.width), "--temperature", str(arguments.temperature)]
    found = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    yield from (line.split("\t") for line in found.splitlines() if "\t" in line)


def network(arguments: argparse.Namespace) -> Any:
    """A recommender with random weights."""
    from tfmodels import models

    options = models.TransformerRecommenderOptions(
        num_layers=1, d_model=arguments.width, feed_forward_dim=arguments.width, temperature=arguments.temperature
    )
    made = models.TransformerRecommender(arguments.items, options, max_length=CONTEXT, negatives=256)
    made.build()
    return made


def step(arguments: argparse.Namespace):
    """A training step of 16 sequences of 50 items, sampled softmax, Adam over the whole table."""
    from pipelines.recommendation import objective
    from tfmodels import training

    begin = resident()
    trainer = training.Trainer(network(arguments), objective.sampled_cross_entropy)
    trainer.compile(optimizer=training.AdamW(1e-3))
    random = np.random.default_rng(1)
    items, targets = random.integers(1, arguments.items + 1, [2, 16, CONTEXT]).astype(np.int32)
    batch = {"items": items, "targets": targets}, targets, np.ones(targets.shape, np.float32)
    trainer(batch[0])
    trainer.optimizer.build(trainer.trainable_variables)

    import tensorflow as tf

    function = tf.function(trainer.train_step, autograph=False)
    batch = tf.nest.map_structure(tf.constant, batch)
    yield from timed("step", lambda: function(batch))
    yield "memory, MiB", f"{resident() - begin:,.0f}"


def recommender(arguments: argparse.Namespace) -> Any:
    """The recommender with names of its items."""
    from pipelines.recommendation.item_recommender import ItemRecommender

    made = network(arguments)
    made.counts.assign(np.arange(arguments.items, 0, -1, dtype="float32"))
    return ItemRecommender(made, [f"item {number}" for number in range(arguments.items)])


def answers(arguments: argparse.Namespace):
    """Answers of the endpoints that an export has, in memory."""
    import tensorflow as tf

    begin = resident()
    made = recommender(arguments)
    yield "memory with the names, MiB", f"{resident() - begin:,.0f}"
    by_name = {endpoint.name: endpoint for endpoint in made.endpoints()}
    for rows in (1, ROWS):
        samples = made.samples(histories(arguments)[:rows])
        for name in ("serving_default", "score", "similar"):
            asked = {one: tf.constant(of) for one, of in samples[name].items()}
            yield from timed(f"{name}, {rows} rows", lambda name=name, asked=asked: by_name[name].traced(**asked))
    yield "memory at most, MiB", f"{resident() - begin:,.0f}"


def histories(arguments: argparse.Namespace) -> list[list[str]]:
    """Twenty items each."""
    return [[f"item {(row * 7919 + place) % arguments.items}" for place in range(20)] for row in range(ROWS)]


def served(arguments: argparse.Namespace):
    """Answers of an export, with the memory that it takes."""
    from pipelines.recommendation.packed_histories import padded
    from tfmodels import export

    begin = current()
    loaded = export.load(arguments.version)
    yield "memory loaded, MiB", f"{current() - begin:,.0f}"
    for rows in (1, ROWS):
        items = np.array([padded(one, CONTEXT) for one in histories(arguments)[:rows]], object)
        yield from timed(
            f"answer of the export, {rows} rows", lambda items=items: loaded.call("serving_default", items=items)
        )
    yield "memory after it, MiB", f"{current() - begin:,.0f}"


def exported(arguments: argparse.Namespace):
    """The size of an export, and its answers."""
    from tfmodels import export

    made = recommender(arguments)
    samples = made.samples([["item 1", "item 2"], [], ["item 3"]])
    with tempfile.TemporaryDirectory() as folder:
        start = time.monotonic()
        card = {"task": "recommendation", "columns": ["items"]}
        version = export.save(folder, made.endpoints(), made.tracked(), samples, card, weights=arguments.part)
        yield "to write and check, s", f"{time.monotonic() - start:,.0f}"
        total = sum(file.stat().st_size for file in Path(version).rglob("*") if file.is_file())
        yield "export, MiB", f"{total / 2**20:,.0f}"
        yield from in_a_process("served", arguments, str(version))


def timed(name: str, function: Any):
    """The CPU seconds and the seconds of one call, after a first one."""
    function()
    cpu, start = time.process_time(), time.monotonic()
    for _ in range(STEPS):
        function()
    yield f"{name}, s of CPU", f"{(time.process_time() - cpu) / STEPS:,.2f}"
    yield f"{name}, s", f"{(time.monotonic() - start) / STEPS:,.2f}"


def current() -> float:
    """The resident size now, MiB: the largest one of a child begins with that of its parent."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


def resident() -> float:
    """The largest resident size so far, MiB."""
    import tensorflow as tf

    tf.constant(0)  # TensorFlow is there
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


PARTS = {"step": step, "answers": answers, "float32": exported, "int8": exported}

if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    main()
