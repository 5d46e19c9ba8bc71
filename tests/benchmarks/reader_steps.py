"""CPU time of a training step of the readers of question answering.

    python tests/benchmarks/reader_steps.py --steps 20

Synthetic questions in batches of 4,096 tokens, width 64, one thread: forward, backward and the update. The LSTM reader
is also measured with the loops that `block_lstm` replaces, with the same weights and batches.
"""

import argparse
import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.table import Table

EXAMPLES = 1000
WARM_UP = 2


def main() -> None:
    """Measures all sides and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--steps", type=int, default=20, help="batches that are measured, each once")
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as the command line sets it
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    table = Table("reader", "parameters", "forward, ms", "step, ms", "tokens a step")
    with tempfile.TemporaryDirectory() as folder:
        sides: tuple[tuple[Literal["lstm", "transformer"], bool], ...]
        sides = (("lstm", False), ("lstm", True), ("transformer", False))
        for name, loops in sides:
            forward, step, tokens, parameters = measured(name, loops, arguments.steps, Path(folder))
            label = f"{name}, loops" if loops else name
            table.add_row(label, f"{parameters:,}", f"{forward:,.0f}", f"{step:,.0f}", f"{tokens:,.0f}")
    Console().print(table)


def measured(
    model: Literal["lstm", "transformer"], loops: bool, steps: int, folder: Path
) -> tuple[float, float, float, int]:
    """Milliseconds of CPU time of a forward pass and of a step, real tokens of a step, and the number of parameters."""
    from pipelines.question_answering import task
    from pipelines.question_answering.config import Config
    from pipelines.runs import Run
    from tfmodels import training

    config = Config(examples=EXAMPLES, model=model)
    config = replace(config, training=replace(config.training, batch_tokens=4096))
    run = Run(folder / model, "question_answering", config)
    task.prepare(config, run)
    network, objective = task.model(config, run), task.objective(config, run)
    if loops:
        for layer in (*network.encoder.layers, *network.modelling.layers):
            layer.right_padded = False
    batches = list(task.datasets(config, run)["train"].one_epoch().take(steps + WARM_UP))
    trainer = training.Trainer(network, objective.loss)
    trainer.compile(optimizer=training.AdamW(1e-3))
    trainer(batches[0][0])
    trainer.optimizer.build(network.trainable_variables)

    import tensorflow as tf

    forward = tf.function(lambda batch: network(batch[0], training=True), autograph=False, reduce_retracing=True)
    step = tf.function(trainer.train_step, autograph=False, reduce_retracing=True)
    tokens = sum(int((ids != 0).numpy().sum()) for inputs, *_ in batches for ids in inputs.values()) / len(batches)
    return _milliseconds(forward, batches), _milliseconds(step, batches), tokens, network.count_params()


def _milliseconds(function: Any, batches: list) -> float:
    for batch in batches[:WARM_UP]:
        function(batch)
    start = time.process_time()
    for batch in batches[WARM_UP:]:
        function(batch)
    return 1e3 * (time.process_time() - start) / (len(batches) - WARM_UP)


if __name__ == "__main__":
    main()
