import json
from argparse import Namespace

import pytest

from pipelines.cli import machines
from pipelines.runs import command_lines
from pipelines.runs.machines import local_workers, lost_machine
from tfmodels.training.devices import cluster
from tfmodels.training.devices.cluster import Cluster

PAIR = "train-0:2222,train-1:2222"


@pytest.fixture(autouse=True)
def no_cluster(monkeypatch):
    monkeypatch.setattr(cluster, "_joined", None)
    monkeypatch.delenv("TF_CONFIG", raising=False)


def options(workers=None, worker=None):
    return Namespace(workers=workers, worker=worker)


def test_addresses_make_the_process_a_worker():
    assert machines.join(options(PAIR, 1), []) == 0
    assert cluster.joined() == Cluster(("train-0:2222", "train-1:2222"), 1)
    with machines.as_typed(options(PAIR, 1), "translation", []):
        assert command_lines.command_line() != "tfmodels fit translation --workers 2"


def test_a_number_asks_for_processes_and_joins_nothing():
    assert machines.join(options("3"), ["--workers", "3"]) == 3
    assert machines.join(options("1"), ["--workers", "1"]) == machines.join(options(), []) == 0
    assert cluster.joined() is None


def test_the_platform_counts_without_options(monkeypatch):
    content = {"cluster": {"worker": PAIR.split(",")}, "task": {"type": "worker", "index": 1}}
    monkeypatch.setenv("TF_CONFIG", json.dumps(content))
    assert machines.join(options("1"), ["--workers", "1"]) == 0
    assert cluster.joined() is None
    machines.join(options(), [])
    assert not cluster.is_chief()


@pytest.mark.parametrize(
    ("given", "arguments", "message"),
    [
        (options(None, 1), [], r"--worker with --workers.*Received: --worker 1"),
        (options(PAIR), [], r"--worker, the place of this machine"),
        (options("2", 1), [], r"addresses with --worker.*Received: --workers 2 --worker 1"),
        (options("0"), [], r"from 2 to 64 processes.*--workers 0"),
        (options("1000"), [], r"from 2 to 64 processes.*--workers 1000"),
        (options("a,b", 0), [], r"`host:port`.*'a,b'"),
        (options(PAIR, 2), [], r"from 0 to 1.*worker=2"),
        (options("2"), ["--seeds", "0,1"], r"--seeds on one machine"),
        (options(PAIR, 0), ["--dry_run"], r"--dry_run on one machine"),
    ],
)
def test_what_cannot_be_together_is_refused(given, arguments, message):
    with pytest.raises(ValueError, match=message):
        machines.join(given, arguments)
    assert cluster.joined() is None


def test_reports_name_the_command_that_was_typed():
    workers = "127.0.0.1:41,127.0.0.1:42"
    machines.join(options(workers, 0), [])
    arguments = ["--run", "pair", "--workers", workers, "--worker", "0"]
    with machines.as_typed(options(workers, 0), "translation", arguments):
        assert command_lines.command_line() == "tfmodels fit translation --run pair --workers 2"


@pytest.mark.parametrize(("of_chief", "of_other", "expected"), [(0, 0, 0), (2, 0, 2), (-9, 0, lost_machine.STATUS)])
def test_the_status_of_processes_is_that_of_the_chief(monkeypatch, of_chief, of_other, expected):
    monkeypatch.setattr(local_workers.parent_process, "command", _ending(of_chief, of_other))
    assert local_workers.run(2, ["fit", "translation"]) == expected


def test_a_process_that_ends_early_ends_all(monkeypatch):
    monkeypatch.setattr(local_workers.parent_process, "command", _ending(None, 3))
    with pytest.raises(lost_machine.LostMachineError, match=r"worker 1 ended with status 3(?s:.*)why"):
        local_workers.run(2, ["fit", "translation"])


def _ending(*statuses):
    """Commands of workers that end with these statuses; None works on, a negative one is a signal."""

    def command(module, *arguments):
        status = statuses[int(arguments[-1])]
        if status is None:
            return ["sleep", "100"]
        end = f"kill {status} $$" if status < 0 else f"exit {status}"
        return ["sh", "-c", f"echo why; {end}"]

    return command
