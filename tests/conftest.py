import contextlib
import gc
import os
import random
import signal
import sys
from pathlib import Path

import hypothesis
import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def pytest_configure(config):
    """Property tests try few examples in the fast set, more with the slow tests, TFMODELS_EXAMPLES if that is set."""
    few = config.getoption("markexpr") == "not slow"
    examples = int(os.environ.get("TFMODELS_EXAMPLES", "25" if few else "100"))
    hypothesis.settings.register_profile("tests", deadline=None, max_examples=examples)  # a busy machine fails no test
    hypothesis.settings.load_profile("tests")


# What takes long goes first, so that no process is left with it while the others have nothing more to do.
LONGEST = ("pipelines", "tfmodels/training", "tfmodels/models", "tfmodels/layers", "tfmodels/export")


def in_room(path, rooms):
    """The first of some folders of tests that a file lies in, at any depth; None if it lies in none."""
    folder = path.relative_to(Path(__file__).parent).as_posix()
    return next((room for room in rooms if folder.startswith(f"{room}/")), None)


def pytest_collection_modifyitems(items):
    rank = {room: place for place, room in enumerate((*LONGEST, None))}
    items.sort(key=lambda item: rank[in_room(item.path, LONGEST)])


def pytest_collection_finish():
    """Splits the CPU in two before the first test; test modules make no tensor while they are imported.

    Tracebacks keep the frames of TensorFlow and Keras: to take them out, each op is called through one function more.
    """
    if tf := sys.modules.get("tensorflow"):
        import keras

        tf.debugging.disable_traceback_filtering()
        keras.config.disable_traceback_filtering()
        cpu = tf.config.list_physical_devices("CPU")[0]
        tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
        _look_often_whether_replicas_are_done(tf.train.Coordinator)
        from tfmodels.training.devices.strategy import strategy

        strategy(2)  # before a test that leaves their number open makes it one, for all tests of the process


def _look_often_whether_replicas_are_done(coordinator):
    """TensorFlow looks whether a replica's thread has ended, and if not, again a second later.

    In Python 3.13 every fourth is caught on its last step, so that tracing for two replicas mostly waits.
    """
    wait = coordinator.wait_for_stop
    coordinator.wait_for_stop = lambda self, timeout=None: wait(self, timeout and min(timeout, 0.01))


# Here TensorFlow rewrites graphs as it does for users. The tests of everything else trace much and run little, so that
# rewriting is a third of their time; exports are checked in sessions of their own, which rewrite whatever is set here.
REWRITTEN = ("tfmodels/layers", "tfmodels/export", "tfmodels/serving")


@pytest.fixture(scope="module", autouse=True)
def graphs_as_traced(request):
    """Spares most tests the rewriting of each graph."""
    if not (tf := sys.modules.get("tensorflow")):
        yield
        return
    off = in_room(request.path, REWRITTEN) is None
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": off})
    yield
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": False})


@pytest.fixture(scope="module", autouse=True)
def what_is_there_is_not_looked_through_again():
    """Spares the garbage collector what earlier modules left: looking through all of it took seconds each time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module", autouse=True)
def tensorflow_seeded():
    """Once for each module: it clears TensorFlow's kernels, and to find them again took an eighth of all time."""
    if tf := sys.modules.get("tensorflow"):
        tf.random.set_seed(0)


@pytest.fixture(autouse=True)
def seeded():
    """What Keras draws (weights, dropout) follows from Python's generator."""
    random.seed(0)
    np.random.seed(0)


@pytest.fixture
def interruptible():
    """Ctrl-C as in a terminal: processes of parallel tests, and what a script runs beside itself, ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def two_replicas():
    from tfmodels.training.devices.strategy import strategy

    return strategy(2)


@pytest.fixture(scope="session")
def one_replica(two_replicas):
    """A context in which one device trains, as where there is but one: half of the tracing."""
    import tensorflow as tf

    from tfmodels.training.devices import strategy

    @contextlib.contextmanager
    def alone():
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(strategy, "_strategy", tf.distribute.get_strategy())
            yield

    return alone


@pytest.fixture(scope="session")
def data_folder():
    if "TFMODELS_DATA" not in os.environ:
        pytest.skip("the environment variable TFMODELS_DATA names no folder of public data")
    return Path(os.environ["TFMODELS_DATA"])


@pytest.fixture
def checks_in_this_process(monkeypatch):
    """`export.check` without the child process, which takes seconds to import TensorFlow."""
    from tfmodels.export.checks import check_export, run_child

    monkeypatch.setattr(check_export, "isolated_findings", run_child.run)
