import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines import runs
from pipelines.cli import main
from pipelines.runs import registry
from tfmodels import whole_files


def raising(monkeypatch, number, name=None):
    def fail(*_):
        raise OSError(number, os.strerror(number), name)

    monkeypatch.setattr(whole_files, "flush", fail)


@pytest.mark.parametrize(
    ("number", "status", "remedy"),
    [
        (errno.ENOSPC, 1, "Free some"),
        (errno.EDQUOT, 1, "Free some"),
        (errno.EACCES, 2, "owner"),
        (errno.EIO, 1, "disk"),
    ],
)
def test_a_failing_disk_is_told_in_a_sentence_that_names_the_file(shout, capsys, monkeypatch, number, status, remedy):
    raising(monkeypatch, number)
    assert main.main(["fit", shout]) == status
    message = capsys.readouterr().err
    assert "runs/shout/config.yaml" in message and os.strerror(number) in message and remedy in message
    assert len(message.splitlines()) == 1


def test_after_a_full_disk_the_same_command_goes_on(shout, monkeypatch):
    with monkeypatch.context() as full:
        raising(full, errno.ENOSPC)
        assert main.main(["fit", shout]) == 1
    assert main.main(["fit", shout]) == 0


def test_other_failures_keep_their_trace(shout, monkeypatch):
    raising(monkeypatch, errno.EMFILE)
    with pytest.raises(OSError, match="Too many open files"):
        main.main(["fit", shout])


def test_a_folder_that_may_not_be_written_is_named(shout, capsys):
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    runs.ROOT.mkdir()
    runs.ROOT.chmod(0o500)
    assert main.main(["fit", shout]) == 2
    assert "runs" in capsys.readouterr().err


def test_sigterm_ends_a_training_as_ctrl_c_does(shout, capsys, monkeypatch):
    before = signal.getsignal(signal.SIGTERM)
    with monkeypatch.context() as terminated:
        terminated.setattr(registry.find(shout), "fit", lambda config, run: os.kill(os.getpid(), signal.SIGTERM))
        assert main.main(["fit", shout]) == 143
    message = capsys.readouterr().err
    assert "Terminated. Resume with" in message and f"tfmodels fit {shout}\n" in message
    assert signal.getsignal(signal.SIGTERM) == before
    assert not Path("runs/.shout.lock").exists()
    assert main.main(["fit", shout]) == 0


@pytest.mark.parametrize("switch", ["--dry_run", "--find_lr", "--find_batch"])
def test_what_trains_nothing_names_no_command_to_resume_with(monkeypatch, capsys, switch):
    monkeypatch.setitem(main._SUBCOMMANDS, "fit", lambda arguments: os.kill(os.getpid(), signal.SIGTERM))
    assert main.main(["fit", "translation", switch]) == 143
    assert capsys.readouterr().err == "\nTerminated.\n"


def test_a_child_that_crashes_is_told_without_a_trace(monkeypatch, capsys):
    def crash(arguments):
        raise ChildProcessError("Expected a result of the child process. Received: a crash, SIGSEGV")

    monkeypatch.setitem(main._SUBCOMMANDS, "fit", crash)
    assert main.main(["fit", "translation"]) == 1
    assert capsys.readouterr().err.endswith("a crash, SIGSEGV\n")


def with_streams(closed, *words):
    """A Python process with these redirections of the shell."""
    command = ["sh", "-c", f'"$0" "$@" {closed}', sys.executable, *words]
    environment = {**os.environ, "PYTHONPATH": str(Path(main.__file__).parents[2])}
    return subprocess.run(command, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize(("words", "status"), [(["--version"], 1), (["evaluate", "nowhere"], 2)], ids=str)
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_said_where_they_are_needed(words, status, closed):
    done = with_streams(closed, "-m", "tfmodels", *words)
    assert done.returncode == (0 if (words, closed) == (["--version"], "2>&-") else status)
    assert "Traceback" not in done.stderr
    assert (closed == ">&-") == done.stderr.startswith("tfmodels: error: Expected")
    assert "error" not in done.stdout


def test_no_file_gets_the_number_of_a_closed_stream(tmp_path):
    """What C libraries print to standard error would be written into it."""
    (tmp_path / "data").touch()
    program = (
        f"from pipelines.cli import main; main.main(['--version']); print(open({str(tmp_path / 'data')!r}).fileno())"
    )
    number = int(with_streams("<&- 2>&-", "-c", program).stdout.split()[-1])
    assert number > 2
