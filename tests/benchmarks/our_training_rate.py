"""Our training rate on the configuration that `training_rate.py` compares: one JSON line on standard output.

    python tests/benchmarks/our_training_rate.py --data multi30k/tok --steps 60

Source and target tokens per second (padding left out) after the first interval, as `fit` itself counts them.
"""

import argparse
import contextlib
import json
import os
import resource
import statistics
import sys
import tempfile
from pathlib import Path

INTERVAL = 10  # steps; the first interval, which traces the step, does not count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of Multi30k, or its tok sub-folder")
    parser.add_argument("--steps", type=int, default=60)
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as the command line sets it
    folder = arguments.data / "tok" if (arguments.data / "tok").is_dir() else arguments.data

    with tempfile.TemporaryDirectory() as work, contextlib.redirect_stdout(sys.stderr):
        rate, parameters = train(folder.resolve(), arguments.steps, Path(work))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"tokens_per_second": rate, "peak_memory_bytes": peak, "parameters": parameters}))


def train(data: Path, steps: int, work: Path) -> tuple[float, int]:
    """Trains the 7.6 M-parameter Transformer of the peers for `steps` steps; returns its rate and size."""
    from functools import partial

    from pipelines import translation
    from pipelines.runs import Run
    from tfmodels import training

    config = translation.Config(
        data=str(data),
        vocabulary_size=8000,
        num_layers=3,
        d_model=256,
        num_heads=4,
        feed_forward_dim=1024,
        dropout=0.1,
        norm_first=True,
        positions="sinusoidal",
        training=training.Options(steps=steps, interval=INTERVAL, batch_tokens=4096, ema_decay=0.0, clip_norm=0.0),
    )
    run = Run(work, "pipelines.translation", config)
    translation.prepare(config, run)
    batches = translation.datasets(config, run)
    few = batches["validation"].one_epoch().take(1)  # validation is not what is measured
    network, history = training.fit(
        partial(translation.model, config, run), batches["train"], few, config.training, work
    )
    # Intervals have equally many tokens, so the mean rate is the harmonic one.
    return statistics.harmonic_mean(row["tokens_per_second"] for row in history[1:]), network.count_params()


if __name__ == "__main__":
    main()
