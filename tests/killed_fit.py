"""A training that is killed and goes on, beside one that is not."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command_line import command

from pipelines import runs


def killed_and_whole(words, one_replica):
    """Trains by a command of a run `killed`, which is killed after an evaluation and goes on, and by one that is not.

    Returns the names of the two runs, whose histories are the same.
    """
    words = [*words, "--training.replicas", "1"]
    with open("killed.log", "w") as log:
        fitting = subprocess.Popen([sys.executable, "-m", "tfmodels", *words], stdout=log, stderr=log)
    while fitting.poll() is None and not Path("runs/killed/history.json").exists():
        time.sleep(0.01)
    fitting.kill()
    assert fitting.wait() == -signal.SIGKILL, Path("killed.log").read_text()
    names = ("killed", "not killed")
    with one_replica():
        for name in names:
            status, printed = command(*[name if word == "killed" else word for word in words])
            assert status == 0, printed
    killed, whole = (runs.load(name) for name in names)
    assert [row["step"] for row in killed.history] == [row["step"] for row in whole.history]
    for one, other in zip(killed.history, whole.history, strict=True):
        assert (one["val_loss"], one["train_loss"]) == pytest.approx((other["val_loss"], other["train_loss"]), rel=1e-5)
    return names
