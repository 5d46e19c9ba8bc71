"""Measures our training throughput, with the model of `training_rate.py` or that of a run; prints a JSON line.

    python tests/benchmarks/our_training_rate.py --data multi30k/tok --steps 60
    python tests/benchmarks/our_training_rate.py --run multi30k --steps 60

Source and target tokens per second without padding, after the first interval, as measured by `fit`.
"""

import argparse
import contextlib
import json
import os
import resource
import shutil
import statistics
import sys
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

INTERVAL = 10  # steps; the first interval is a warm-up, which traces the train step


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--data", type=Path, help="folder of Multi30k, or its subfolder tok")
    source.add_argument("--run", help="run of translation, its folder or its name under runs/")
    parser.add_argument("--steps", type=int, default=60, help=f"more than {INTERVAL}, the warm-up")
    parser.add_argument("--precision", default="float32", help="float32 or bfloat16, only with --data")
    parser.add_argument("--work", type=Path, help="folder that keeps the tokens of --data for further calls")
    arguments = parser.parse_args()
    if arguments.steps <= INTERVAL:
        parser.error(f"Expected more than {INTERVAL} steps. Received: steps={arguments.steps}")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as the command line sets it
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(sys.stderr):
        if arguments.run:
            run = copied(arguments.run, Path(folder))
        else:
            run = prepared(peers_config(arguments.data, arguments.precision), arguments.work or Path(folder))
        measured = train(run, arguments.steps, Path(folder))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({**measured, "peak_memory_bytes": peak}))


def peers_config(data: Path, precision: str = "float32") -> Any:
    """The config of the Transformer that the peers train, on Multi30k."""
    from pipelines.benchmarks import reference_translator

    folder = data / "tok" if (data / "tok").is_dir() else data
    config = reference_translator.config("transformer", data=str(folder.resolve()))
    return replace(config, training=replace(config.training, precision=precision))


def prepared(config: Any, work: Path) -> Any:
    """A prepared run of translation in `work`; existing subwords and tokens there are reused."""
    from pipelines.runs import Run
    from pipelines.translation import task as translation

    run = Run(work / "run", "translation", config)
    translation.prepare(config, run)
    return run


def copied(name: str, work: Path) -> Any:
    """A new run with the config, subwords and tokens of another."""
    from pipelines import runs

    run = runs.load(name)
    shutil.copytree(run.assets, work / "run" / "assets")
    return prepared(run.config, work)


def train(run: Any, steps: int, work: Path) -> dict[str, float]:
    """Trains a translator for `steps` steps; returns its `tokens_per_second`, `tokens_per_step` and `parameters`."""
    from pipelines.translation import task as translation
    from tfmodels import training

    config = replace(run.config, training=replace(run.config.training, steps=steps, interval=INTERVAL))
    batches = translation.datasets(config, run)
    few = batches["validation"].one_epoch().take(1)  # evaluations are not measured
    network, history = training.fit(
        partial(translation.model, config, run), batches["train"], few, config.training, work / "training"
    )
    # Intervals have the same number of tokens, so the mean throughput is the harmonic mean.
    rate = statistics.harmonic_mean(row["tokens_per_second"] for row in history[1:])
    tokens_per_step = batches["train"].tokens_per_epoch / batches["train"].steps_per_epoch
    return {"tokens_per_second": rate, "tokens_per_step": tokens_per_step, "parameters": network.count_params()}


if __name__ == "__main__":
    main()
