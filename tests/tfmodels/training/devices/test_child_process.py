import os
import signal
import sys
import time

import pytest

from tfmodels.training import run_in_child
from tfmodels.training.devices.memory import kills_for_memory


def kill_itself(sent):
    os.kill(os.getpid(), sent)


def fail(kind, message):
    raise kind(message)


def test_the_result_comes_back_from_another_process():
    assert run_in_child(os.getpid) != os.getpid()


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGABRT, signal.SIGSEGV])
def test_a_crash_is_not_called_out_of_memory(sent):
    with pytest.raises(ChildProcessError, match=sent.name):
        run_in_child(kill_itself, sent, kills=lambda: 3)


@pytest.mark.parametrize(("counted", "error"), [([3, 4], MemoryError), ([None, None], ChildProcessError)])
def test_what_the_kernel_killed_for_its_memory_ran_out_of_memory(counted, error):
    with pytest.raises(error, match="SIGKILL"):
        run_in_child(kill_itself, signal.SIGKILL, kills=iter(counted).__next__)


def test_the_kernel_counts_kills():
    assert kills_for_memory() == kills_for_memory()


@pytest.mark.parametrize("kind", [MemoryError, ValueError])
def test_what_the_child_raises_is_raised_again_with_its_trace(kind):
    with pytest.raises(kind) as error:
        run_in_child(fail, kind, "too much")
    assert str(error.value) == "too much"
    assert "in fail" in error.value.__notes__[0]


def test_a_child_that_ends_itself_is_an_error():
    with pytest.raises(ChildProcessError, match="exit status 3"):
        run_in_child(os._exit, 3)


def test_a_child_is_killed_before_the_machine_runs_out_of_memory():
    started = time.monotonic()
    with pytest.raises(MemoryError, match="memory left"):
        run_in_child(time.sleep, 600, available=lambda: 2**20)
    assert time.monotonic() - started < 300


def test_where_the_memory_is_not_known_the_child_is_let_alone():
    assert run_in_child(time.sleep, 0.3, available=lambda: None) is None


def test_the_child_loads_no_tensorflow_by_itself():
    assert "tensorflow" not in run_in_child(loaded)


def loaded():
    return [name for name in sys.modules if name == "tensorflow"]
