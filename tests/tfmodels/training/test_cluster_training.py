"""Several processes on this machine stand for several machines."""

import json
import os
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
import toy_task

pytestmark = pytest.mark.slow
SCRIPT = Path(__file__).with_name("cluster_training.py")
OF_CLOCKS = ("seconds", "tokens_per_second")


def folder_with_data(path):
    toy_task.token_rows(path / "data" / "train", 50)
    toy_task.token_rows(path / "data" / "validation", 20, seed=1)
    return path


def addresses(count):
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return ",".join(f"127.0.0.1:{one.getsockname()[1]}" for one in sockets)


def start(folder, workers, index, *more):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(SCRIPT.parent), *sys.path])}
    command = [sys.executable, SCRIPT, folder, str(workers), str(index), *map(str, more)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def finish(*processes):
    outputs = [process.communicate(timeout=500)[0] for process in processes]
    assert all(process.returncode == 0 for process in processes), "\n".join(outputs)


def train_together(folder, family, count=2):
    workers = addresses(count)
    finish(*[start(folder, workers, index, family) for index in range(count)])


def history(folder):
    rows = json.loads((folder / "run" / "history.json").read_text())
    return [{name: value for name, value in row.items() if name not in OF_CLOCKS} for row in rows]


def weights(folder, index=0):
    with np.load(folder / f"weights-{index}.npz") as found:
        return [found[name] for name in found.files]


@pytest.mark.parametrize(("family", "count"), [("transformer", 2), ("lstm", 2), ("transformer", 3)])
def test_machines_train_as_replicas_of_one_do(tmp_path, family, count):
    alone, together = (folder_with_data(tmp_path / name) for name in ("alone", "together"))
    finish(start(alone, count, 0, family))
    train_together(together, family, count)
    for expected, row in zip(history(alone), history(together), strict=True):
        assert row == pytest.approx(expected, rel=1e-5, abs=1e-6)
    for index in range(1, count):
        for of_chief, of_other in zip(weights(together), weights(together, index), strict=True):
            np.testing.assert_array_equal(of_other, of_chief)
    differences = [abs(a - b).max() for a, b in zip(weights(alone), weights(together), strict=True)]
    # The gradient of a key's bias is nothing but rounding, which Adam makes steps of: there are a few of them.
    assert sorted(differences)[len(differences) * 3 // 4] < 1e-6
    assert max(differences) < 2e-2


def test_a_cluster_that_lost_a_machine_goes_on_bit_by_bit(tmp_path):
    whole, killed = (folder_with_data(tmp_path / name) for name in ("whole", "killed"))
    train_together(whole, "transformer")
    workers = addresses(2)
    chief, other = (start(killed, workers, index, "transformer", *[2] * index) for index in range(2))
    output, _ = chief.communicate(timeout=500)
    assert other.wait(timeout=100) == -9
    assert chief.returncode != 0
    assert "Collective ops is aborted" in output or "UnavailableError" in output
    done = history(killed)
    assert 0 < len(done) < len(history(whole))
    train_together(killed, "transformer")
    assert history(killed) == history(whole)
    for expected, got in zip(weights(whole), weights(killed), strict=True):
        np.testing.assert_array_equal(got, expected)
