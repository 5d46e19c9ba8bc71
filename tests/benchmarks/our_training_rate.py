"""Our training rate, of the configuration that `training_rate.py` compares or of a run, as a line of JSON.

    python tests/benchmarks/our_training_rate.py --data multi30k/tok --steps 60
    python tests/benchmarks/our_training_rate.py --run multi30k --steps 60

Source and target tokens per second (padding left out) after the first interval, as `fit` itself counts them.
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

INTERVAL = 10  # steps; the first interval, which traces the step, does not count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--data", type=Path, help="folder of Multi30k, or its tok sub-folder")
    what.add_argument("--run", help="a run of translation, or its name under runs/: its model on its data")
    parser.add_argument("--steps", type=int, default=60)
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as the command line sets it
    with tempfile.TemporaryDirectory() as work, contextlib.redirect_stdout(sys.stderr):
        config = config_of(arguments.run, Path(work)) if arguments.run else peers_config(arguments.data)
        measured = train(config, arguments.steps, Path(work))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({**measured, "peak_memory_bytes": peak}))


def peers_config(data: Path) -> Any:
    """The Transformer of the peers on Multi30k."""
    from pipelines.benchmarks import reference_translator

    folder = data / "tok" if (data / "tok").is_dir() else data
    return reference_translator.config("transformer", data=str(folder.resolve()))


def config_of(name: str, work: Path) -> Any:
    """The settings of a run, whose subwords and tokens are copied to `work`."""
    from pipelines import runs

    run = runs.open(name)
    shutil.copytree(run.assets, work / "run" / "assets")
    return run.config


def train(config: Any, steps: int, work: Path) -> dict[str, float]:
    """Trains a translator for `steps` steps; returns its `tokens_per_second`, `tokens_per_step` and `parameters`."""
    from pipelines import translation
    from pipelines.runs import Run
    from tfmodels import training

    config = replace(config, training=replace(config.training, steps=steps, interval=INTERVAL))
    run = Run(work / "run", "pipelines.translation", config)
    translation.prepare(config, run)
    batches = translation.datasets(config, run)
    few = batches["validation"].one_epoch().take(1)  # validation is not what is measured
    network, history = training.fit(
        partial(translation.model, config, run), batches["train"], few, config.training, work
    )
    # Intervals have equally many tokens, so the mean rate is the harmonic one.
    rate = statistics.harmonic_mean(row["tokens_per_second"] for row in history[1:])
    tokens_per_step = batches["train"].tokens_per_epoch / batches["train"].steps_per_epoch
    return {"tokens_per_second": rate, "tokens_per_step": tokens_per_step, "parameters": network.count_params()}


if __name__ == "__main__":
    main()
