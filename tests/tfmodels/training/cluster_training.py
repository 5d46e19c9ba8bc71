"""Trains as one worker of several, or alone with as many replicas, and writes what came of it.

Usage: cluster_training.py FOLDER WORKERS INDEX FAMILY [STATE]: WORKERS are addresses with commas between them, or a
number of replicas; the process ends itself with SIGKILL when it assembles a batch after the checkpoint STATE is there.
"""

import os
import signal
import sys
from pathlib import Path

import numpy as np
import toy_task

from tfmodels import training

folder, workers, index, family = Path(sys.argv[1]), sys.argv[2].split(","), int(sys.argv[3]), sys.argv[4]
state = sys.argv[5] if len(sys.argv) > 5 else ""
if len(workers) > 1:
    training.join(training.Cluster(tuple(workers), index))
replicas = training.replicas(int(workers[0]) if len(workers) == 1 else 0)


def assemble(source, target):
    if state and (folder / f"run/checkpoints/last/ckpt-{state}.index").exists():
        os.kill(os.getpid(), signal.SIGKILL)
    return toy_task.seq2seq(source, target)


options = training.Options(
    steps=20, interval=5, learning_rate=1e-2, warmup_steps=4, weight_decay=0.1, ema_decay=0.9, clip_norm=0.3,
    accumulate=2, average_checkpoints=2,
)  # fmt: skip
rows, held_out = (training.TokenRows(folder / "data" / split) for split in ("train", "validation"))
run = folder / "run"
network, history = training.fit(
    toy_task.FAMILIES[family],
    training.TokenBatches(rows, 40, replicas, 0, assemble, options.accumulate),
    training.TokenBatches(held_out, 40, replicas, 0, toy_task.seq2seq).one_epoch(),
    options,
    run,
)
np.savez(folder / f"weights-{index}.npz", *[variable.numpy() for variable in network.variables])
