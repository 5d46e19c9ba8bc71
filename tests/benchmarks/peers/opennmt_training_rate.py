"""Measures the training throughput of OpenNMT-tf on Multi30k en-de with its own runner and token batches.

Runs in the peer's environment (`make_opennmt_environment.sh`) and prints one JSON line. A token is a subword or a
`</s>`, not padding; source and target end with `</s>`. The throughput is that reported by OpenNMT-tf, without
checkpoints; the first interval (tracing, first allocations) is a warm-up.

Example:
    .peer-venv/bin/python peers/opennmt_training_rate.py --data /data/multi30k --steps 60
"""

import argparse
import json
import logging
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path


class Intervals(logging.Handler):
    """Collects the log of OpenNMT-tf's trainer: one entry per report, and the number of parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.reports: list[dict[str, float]] = []
        self.parameters = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps the unformatted numbers of the two relevant records."""
        if record.msg.startswith("Step = "):
            _, steps_per_second, tokens_per_second, sides, _, loss = record.args
            source, target = (int(side.split()[0]) for side in sides.split(", "))  # "4000 source, 4100 target"
            rates = {"tokens": tokens_per_second, "source": source, "target": target, "steps": steps_per_second}
            self.reports.append({**rates, "loss": loss, "cpu_seconds": time.process_time()})
        elif record.msg.startswith("Number of model parameters"):
            (self.parameters,) = record.args


def run_config(work: Path, model_dir: str, steps: int, interval: int, batch_tokens: int) -> dict:
    """Returns OpenNMT-tf's run configuration; other options have their defaults."""
    return {
        "model_dir": model_dir,
        "data": {
            "train_features_file": str(work / "train.en"),
            "train_labels_file": str(work / "train.de"),
            "source_vocabulary": str(work / "vocabulary.txt"),
            "target_vocabulary": str(work / "vocabulary.txt"),
            "source_sequence_controls": {"end": True},
        },
        "params": {
            "optimizer": "Adam",
            "optimizer_params": {"beta_1": 0.9, "beta_2": 0.98},
            "learning_rate": 2.0,
            "decay_type": "NoamDecay",
            "decay_params": {"model_dim": 256, "warmup_steps": 4000},
            "label_smoothing": 0.1,
        },
        "train": {
            "batch_type": "tokens",
            "batch_size": batch_tokens,
            "max_step": steps,
            "save_summary_steps": interval,
            "save_checkpoints_steps": None,
        },
    }


def train(work: Path, steps: int, interval: int, batch_tokens: int) -> Intervals:
    """Trains the 7.59 M parameter Transformer from scratch and returns the trainer's reports."""
    import opennmt
    import tensorflow as tf
    from opennmt_transformer import transformer

    intervals = Intervals()
    logger = tf.get_logger()
    logger.setLevel(logging.INFO)
    logger.handlers = [intervals]

    with tempfile.TemporaryDirectory() as model_dir:
        config = run_config(work, model_dir, steps, interval, batch_tokens)
        opennmt.Runner(transformer, config, seed=1).train()
    return intervals


def summary(intervals: Intervals, interval: int) -> dict[str, float]:
    """Returns the means over all intervals but the first, weighted by their time."""
    first, *steady = intervals.reports
    seconds = [interval / report["steps"] for report in steady]

    def rate(name: str) -> float:
        return sum(report[name] * time for report, time in zip(steady, seconds, strict=True)) / sum(seconds)

    return {
        "tokens_per_second": rate("tokens"),
        "source_tokens_per_second": rate("source"),
        "target_tokens_per_second": rate("target"),
        # By the processor time of all threads, which other load on the machine hardly affects.
        "tokens_per_cpu_second": rate("tokens") * sum(seconds) / (steady[-1]["cpu_seconds"] - first["cpu_seconds"]),
        "tokens_per_step": rate("tokens") / rate("steps"),
        "measured_steps": interval * len(steady),
        "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,  # Linux counts in KiB
        "parameters": intervals.parameters,
        "loss": steady[-1]["loss"],
    }


def main() -> None:
    """Prepares the subwords, trains and prints the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of Multi30k, with tok/train*.gz")
    parser.add_argument("--steps", type=int, default=60, help="training steps")
    parser.add_argument("--interval", type=int, default=10, help="steps per report; the first one is a warm-up")
    parser.add_argument(
        "--batch_tokens", type=int, default=4096, help="maximum tokens of each side of a batch, with padding"
    )
    parser.add_argument("--work", type=Path, help="folder that keeps the subwords for further calls (default: none)")
    arguments = parser.parse_args()
    if arguments.steps < 2 * arguments.interval:
        parser.error(f"Expected --steps >= 2 * --interval. Received: {arguments.steps} and {arguments.interval}")

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with tempfile.TemporaryDirectory() as folder:
        work = arguments.work or Path(folder)
        if not (work / "vocabulary.txt").exists():
            script = Path(__file__).with_name("opennmt_subwords.py")
            subprocess.run([sys.executable, script, arguments.data, work], check=True, stdout=subprocess.DEVNULL)
        intervals = train(work, arguments.steps, arguments.interval, arguments.batch_tokens)
    print(json.dumps(summary(intervals, arguments.interval)))


if __name__ == "__main__":
    main()
