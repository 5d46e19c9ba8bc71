"""What libraries print is kept from users, what we print is not."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import tfmodels
from tfmodels import library_noise

ROOT = Path(tfmodels.__file__).parents[1]
NOISE = (
    "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n"
    "I0000 00:00:1796073437.121760    7413 port.cc:153] oneDNN custom operations are on.\n"
    "To enable the following instructions: AVX2 FMA, in other operations, rebuild TensorFlow.\n"
    "2026-01-01 10:00:00.123456: E external/local_xla/xla/cuda_dnn.cc:9261] Unable to register\n"
    "normalizer.cc(51) LOG(INFO) precompiled_charsmap is empty. use identity normalization.\n"
    "/usr/lib/python3/site-packages/keras/a.py:8: FutureWarning: In the future\n  np.object,\n"
)
OURS = "warning: the data file x.csv is missing\nInfo of a user's\n"


def child(program, **environment):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    environment.pop("TF_CPP_MIN_LOG_LEVEL", None) if "TF_CPP_MIN_LOG_LEVEL" not in environment else None
    return subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)


@pytest.fixture(autouse=True)
def usual_level(monkeypatch):
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "3")


def write(text):
    os.write(2, text.encode())


def test_noise_is_left_out_and_the_rest_is_shown(capfd):
    with library_noise.held_back():
        write(NOISE)
        write(OURS)
        write(NOISE)
    assert capfd.readouterr().err == OURS


def test_a_block_that_fails_shows_all(capfd):
    with pytest.raises(ImportError), library_noise.held_back():
        write(NOISE)
        raise ImportError
    assert capfd.readouterr().err == NOISE


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, FileNotFoundError])
def test_what_a_user_does_shows_no_noise(error, capfd):
    with pytest.raises(error), library_noise.held_back():
        write(NOISE + OURS)
        raise error
    assert capfd.readouterr().err == OURS


def test_a_user_who_sets_the_level_sees_all(capfd, monkeypatch):
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    with library_noise.held_back():
        write(NOISE)
    assert capfd.readouterr().err == NOISE


def test_where_no_file_can_be_made_nothing_is_held_back(capfd, monkeypatch):
    def refuse():
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(library_noise.tempfile, "TemporaryFile", refuse)
    with library_noise.held_back():
        os.write(2, b"shown\n")
    assert capfd.readouterr().err == "shown\n"


def test_blocks_of_threads_may_overlap(capfd):
    first_is_open, second_is_open = threading.Event(), threading.Event()

    def first():
        with library_noise.held_back():
            first_is_open.set()
            second_is_open.wait(10)
            write(NOISE)

    def second():
        first_is_open.wait(10)
        with library_noise.held_back():
            second_is_open.set()
            thread.join()
            write(OURS)

    thread, other = threading.Thread(target=first), threading.Thread(target=second)
    thread.start()
    other.start()
    other.join()
    write("afterwards\n")
    assert capfd.readouterr().err == f"{OURS}afterwards\n"


def test_closed_standard_error_is_no_failure():
    done = child("import os; os.close(2); from tfmodels import library_noise as n\nwith n.held_back(): print('done')")
    assert done.stdout == "done\n"


@pytest.mark.parametrize(
    "program",
    [
        "import tfmodels; tfmodels.training.fit",
        "from tfmodels import layers; layers.MultiHeadAttention",
        "from tfmodels.preprocessing import Subwords",
    ],
)
def test_python_prints_nothing_of_tensorflow(program):
    done = child(f"{program}\nimport sys; print('tensorflow' in sys.modules)")
    assert (done.stdout, done.stderr) == ("True\n", "")
