import errno
import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.cli import main
from pipelines.runs.starting import run_lock

HOLDING = """
import sys, time
from pathlib import Path
from pipelines.runs.starting import run_lock

with run_lock.held(Path("runs/shout")):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def other(shout):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    child = subprocess.Popen([sys.executable, "-c", HOLDING], stdout=subprocess.PIPE, env=environment)
    assert child.stdout.readline() == b"held\n"
    yield child
    child.kill()
    child.wait()


def test_a_second_training_is_refused_with_the_number_of_the_first(other, shout, capsys):
    assert main.main(["fit", shout]) == 2
    message = capsys.readouterr().err
    assert f"process {other.pid} on " in message and "--run" in message
    assert main.main(["fit", shout, "--overwrite"]) == 2
    assert not Path("runs/shout").exists()
    assert main.main(["fit", shout, "--run", "another"]) == 0


def test_the_lock_of_a_killed_process_is_free(other, shout):
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert Path("runs/.shout.lock").exists()
    assert main.main(["fit", shout]) == 0
    assert sorted(path.name for path in Path("runs").iterdir()) == ["shout"]


def test_a_run_that_is_trained_may_be_evaluated_and_exported(shout):
    assert main.main(["fit", shout]) == 0
    with run_lock.held(Path("runs/shout")):
        assert main.main(["evaluate", "shout", "--task", shout]) == 0
        assert main.main(["export", "shout", "--task", shout]) == 0
        assert main.main(["fit", shout]) == 2


def test_a_lock_that_was_deleted_by_its_holder_is_taken_anew(shout, monkeypatch):
    flock, path = fcntl.flock, Path("runs/shout")

    def late(file, operation):  # another process ends between the opening and the locking of the file
        monkeypatch.setattr(fcntl, "flock", flock)
        flock(file, operation)
        Path(file.name).unlink()

    monkeypatch.setattr(fcntl, "flock", late)
    with run_lock.held(path), pytest.raises(ValueError, match=f"process {os.getpid()} on"), run_lock.held(path):
        pass


def test_a_file_system_without_locks_is_told(shout, monkeypatch, capsys):
    def refuse(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    assert main.main(["fit", shout]) == 0
    assert "has no locks (No locks available)" in capsys.readouterr().err


def test_a_run_with_two_names_has_one_lock(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("disk/one").mkdir(parents=True)
    Path("runs").mkdir()
    for name in ("one", "other"):
        Path("runs", name).symlink_to(Path("disk/one").resolve())
    one, other = run_lock.held(Path("runs/one")), run_lock.held(Path("runs/other"))
    with one, pytest.raises(ValueError, match=f"process {os.getpid()} on"), other:
        pass
    Path("disk/.one.lock").symlink_to(tmp_path / "mine")
    with pytest.raises(OSError, match="symbolic links"), run_lock.held(Path("runs/one")):
        pass
    assert not Path("mine").exists()
