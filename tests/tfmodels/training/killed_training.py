"""Trains in a process of its own, which ends itself with SIGKILL if it is told to.

Usage: killed_training.py FOLDER STATE COUNTDOWN: dies COUNTDOWN batches after the checkpoint STATE is there; 0 0 lives.
"""

import os
import signal
import sys
from functools import partial
from pathlib import Path

import toy_task

from tfmodels import training

folder, state, countdown = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])


def assemble(source, target):
    global countdown
    if state and (folder / f"checkpoints/last/ckpt-{state}.index").exists():
        countdown -= 1
        if countdown == 0:
            os.kill(os.getpid(), signal.SIGKILL)
    return toy_task.next_token(source, target)


options = training.Options(
    steps=30, interval=6, learning_rate=1e-2, warmup_steps=4, weight_decay=0.1, ema_decay=0.9, replicas=2
)
training.replicas(options.replicas)  # splits the CPU before the batches use it
training.fit(
    partial(toy_task.Bigrams, dropout=0.3),
    toy_task.token_batches(folder / "train", 60, assemble),
    toy_task.token_batches(folder / "validation", 20, toy_task.next_token, seed=1).one_epoch(),
    options,
    folder,
)
