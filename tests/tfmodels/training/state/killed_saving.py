"""Saves evaluations in a process with preloaded `frozen_files`, ended at call after call; prints how often.

Usage: killed_saving.py FOLDER EVERY: tries each EVERY-th call.
"""

import contextlib
import ctypes
import re
import shutil
import sys
from pathlib import Path

import numpy as np
import toy_task

from tfmodels.training import AdamW, Checkpoints, Trainer, restore_best, smoothed_cross_entropy

LIST = "/checkpoint"  # for other programs; one save behind if the kill came before it
folder, every = Path(sys.argv[1]), int(sys.argv[2])
system = ctypes.CDLL(None)
network = toy_task.Bigrams()
trainer = Trainer(network, smoothed_cross_entropy)
trainer.compile(optimizer=AdamW())
trainer.optimizer.build(network.trainable_variables)


def fill(value):
    network.table.assign(np.full(network.table.shape, value))


def value():
    return float(network.table.numpy().max())


def state(run):
    return Checkpoints(run / "checkpoints", trainer, run / "history.json", recent=2)


def evaluate(checkpoints):
    """The next evaluation, which is the best so far: its weights are its number."""
    number = len(checkpoints.history) + 1
    fill(number)
    checkpoints.save_best(1 / number)
    checkpoints.save({"val_loss": 1 / number})


def files(run):
    return {str(path.relative_to(run)): path.read_bytes() for path in run.rglob("*") if path.is_file()}


def to(evaluations, run):
    checkpoints = state(run)
    done = checkpoints.restore()
    while len(checkpoints.history) < evaluations:
        evaluate(checkpoints)
    return done


(folder / "before").mkdir(parents=True)
for before in (0, 1, 3):
    to(before, folder / "before")
    shutil.copytree(folder / "before", folder / "whole")
    to(before + 1, folder / "whole")
    expected = files(folder / "whole")
    call, frozen = 1, True
    while frozen:
        run = folder / "run"
        shutil.copytree(folder / "before", run)
        checkpoints = state(run)
        checkpoints.restore()
        system.arm(call)
        with contextlib.suppress(OSError):
            evaluate(checkpoints)
        frozen = bool(system.is_frozen())
        system.arm(0)
        fill(-1)
        done = state(run).restore()
        assert done in (before, before + 1), f"{before}, call {call}: {done} evaluations"
        assert value() == (done or -1), f"{before}, call {call}: {value()}"
        if done:
            restore_best(run / "checkpoints", network)
            assert value() >= done, f"{before}, call {call}: the best weights are {value()}"
        to(before + 1, run)
        found = files(run)
        different = {name for name in expected if found.get(name) != expected[name] and not name.endswith(LIST)}
        left = {
            name for name in found if not re.fullmatch(r".*/(ckpt-\d+\.(index|data-.*)|checkpoint)|history.json", name)
        }
        assert not (different or left), f"{before}, call {call}: {different or left}"
        shutil.rmtree(run)
        call += every
    print(before, call)
    shutil.rmtree(folder / "whole")
