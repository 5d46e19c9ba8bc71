import os
import subprocess
import sys
import time
from pathlib import Path

import bad_saved_models as bad
import pytest

from tfmodels import export
from tfmodels.export.checks import isolated_run, run_child


@pytest.fixture
def odd(monkeypatch, tmp_path):
    """Runs the stand-in for the child on a folder of a name."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setattr(isolated_run, "_CHILD", "odd_child")

    def run(name, **options):
        version = tmp_path / name
        version.mkdir()
        return isolated_run.isolated_findings(version, **options)

    return run


def child_of(version):
    """The process id of the stand-in, once it runs."""
    for _ in range(600):
        if found := list(version.glob("pid-*")):
            return int(found[0].name.removeprefix("pid-"))
        time.sleep(0.1)
    raise TimeoutError


def is_gone(pid):
    for _ in range(300):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("aborts", "by SIGABRT"),
        ("exits", "with status 3"),
        ("eats", "run out of memory"),
        ("writes", "fail with OSError: [Errno 27]"),
        ("raises", "fail with KeyError"),
    ],
)
def test_a_bad_end_is_a_finding(name, problem, odd, tmp_path):
    (finding,) = odd(name)
    assert (finding.rule, finding.severity) == ("run", "error")
    assert problem in finding.problem
    assert not any(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())


def test_what_takes_too_long_is_ended(odd, tmp_path):
    (finding,) = odd("hangs", seconds=5.0)
    assert "within 5 seconds" in finding.problem
    assert all(is_gone(int(path.name.removeprefix("pid-"))) for path in tmp_path.glob("*/pid-*"))


@pytest.mark.parametrize("name", ["fine", "prints"])
def test_findings_come_back_whatever_is_printed(name, odd, capfd):
    found = odd(name)
    assert len(found) == 999
    assert found[7].problem.startswith("7, ")
    assert capfd.readouterr() == ("", "")


def test_an_interrupt_ends_the_child(odd, monkeypatch, tmp_path):
    def interrupted(descriptor, seconds):
        child_of(tmp_path / "hangs")
        raise KeyboardInterrupt

    monkeypatch.setattr(isolated_run, "_read", interrupted)
    with pytest.raises(KeyboardInterrupt):
        odd("hangs")
    assert is_gone(child_of(tmp_path / "hangs"))


def test_the_child_ends_with_its_parent(odd, tmp_path):
    version = tmp_path / "hangs"
    version.mkdir()
    code = (
        "import sys, pathlib; from tfmodels.export.checks import isolated_run as i; i._CHILD = 'odd_child'; "
        "i.isolated_findings(pathlib.Path(sys.argv[1]))"
    )
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[4]), os.environ["PYTHONPATH"]]),
    }
    parent = subprocess.Popen([sys.executable, "-c", code, str(version)], env=environment)
    child = child_of(version)
    parent.kill()
    parent.wait()
    assert is_gone(child)


def test_nothing_of_the_working_directory_is_run(odd, monkeypatch, tmp_path):
    (tmp_path / "json.py").write_text("raise SystemExit(7)")
    monkeypatch.chdir(tmp_path)
    assert len(odd("fine")) == 999


def test_secrets_of_the_environment_do_not_reach_the_child(odd, monkeypatch):
    secrets = {"AWS_SECRET_ACCESS_KEY": "s3cret", "TF_TOKEN_example_com": "s3cret", "TF_NUM_INTEROP_THREADS": "1"}
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    found = {finding.subject: finding.problem for finding in odd("environment")}
    assert found["TF_NUM_INTEROP_THREADS"] == "1" and found["PATH"] == os.environ["PATH"]
    assert not secrets.keys() - {"TF_NUM_INTEROP_THREADS"} & found.keys() and "s3cret" not in found.values()


def test_a_child_finds_what_this_process_finds(tmp_path):
    version = bad.save_infinite(tmp_path)
    found = export.check(version)
    assert found == sorted(run_child.run(version), key=lambda finding: finding.severity)
    assert {finding.rule for finding in found} == {"finite", "warmup_missing"}
    assert sorted(path.name for path in version.iterdir()) == sorted(
        ["assets", "fingerprint.pb", "saved_model.pb", "variables"]
    )


def test_files_that_are_not_loaded_raise_no_limit(tmp_path):
    (tmp_path / "saved_model.pb").write_bytes(b"x" * 5000)
    size = run_child._size(tmp_path)
    assert 5000 <= size < 2**17
    (tmp_path / "assets.extra").mkdir()
    (tmp_path / "assets.extra" / "more").write_bytes(b"x" * 2**20)
    (tmp_path / "variables").mkdir()
    with (tmp_path / "variables" / "variables.data-00000-of-00001").open("wb") as file:
        file.truncate(2**40)
    assert run_child._size(tmp_path) < size + 2**17
