import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import tfmodels
from tfmodels import parent_process

# A child that holds the interpreter in a library's call, as SentencePiece does, so that no thread of it can act.
HOLDING = "import ctypes; print('started', flush=True); ctypes.PyDLL(None).sleep(600)"
STARTS = {
    "a function": """
import ctypes, os
from tfmodels.training import run_in_child

def hold():
    print("started", flush=True)
    ctypes.PyDLL(None).sleep(600)

if __name__ == "__main__":
    run_in_child(hold)
""",
    "a module": """
import subprocess
from tfmodels import parent_process
subprocess.run(parent_process.command("holding"))
""",
}


@pytest.mark.parametrize("start", STARTS)
def test_a_child_ends_when_its_parent_is_killed(start, tmp_path):
    (tmp_path / "holding.py").write_text(HOLDING)
    (tmp_path / "starting.py").write_text(STARTS[start])
    path = os.pathsep.join([str(tmp_path), str(Path(tfmodels.__file__).parents[1])])
    parent = subprocess.Popen(
        [sys.executable, tmp_path / "starting.py"], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}
    )
    assert parent.stdout.readline() == b"started\n"
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    readable, _, _ = select.select([parent.stdout], [], [], 60)  # the pipe ends when the last process that has it does
    assert readable
    assert parent.stdout.read() == b""


def test_a_child_that_starts_after_its_parent_ended_ends(monkeypatch):
    sent = []
    monkeypatch.setattr(parent_process, "_asked_of_the_kernel", lambda: True)
    monkeypatch.setattr(os, "kill", lambda process, signal: sent.append((process, signal)))
    parent_process.end_with(os.getpid())  # not the parent of this process
    assert sent == [(os.getpid(), signal.SIGKILL)]


def test_a_thread_looks_for_the_parent_where_the_kernel_does_not(monkeypatch):
    def kill(process, signal):
        raise SystemExit

    parents = iter([7, 7, 7, 1])
    monkeypatch.setattr(os, "getppid", parents.__next__)
    monkeypatch.setattr(os, "kill", kill)
    monkeypatch.setattr(parent_process.time, "sleep", lambda seconds: None)
    with pytest.raises(SystemExit):
        parent_process._watch(7)
    assert not list(parents)
