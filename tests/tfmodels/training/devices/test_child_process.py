import os
import signal
import sys
import time

import pytest

from tfmodels.training import run_in_child


def kill_itself(sent):
    os.kill(os.getpid(), sent)


def fail(kind, message):
    raise kind(message)


def test_the_result_comes_back_from_another_process():
    assert run_in_child(os.getpid) != os.getpid()


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGABRT])
def test_a_killed_child_ran_out_of_memory(sent):
    with pytest.raises(MemoryError, match=sent.name):
        run_in_child(kill_itself, sent)


@pytest.mark.parametrize("kind", [MemoryError, ValueError])
def test_what_the_child_raises_is_raised_again_with_its_trace(kind):
    with pytest.raises(kind) as error:
        run_in_child(fail, kind, "too much")
    assert str(error.value) == "too much"
    assert "in fail" in error.value.__notes__[0]


def test_a_child_that_ends_itself_is_an_error():
    with pytest.raises(RuntimeError, match="exitcode=3"):
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
