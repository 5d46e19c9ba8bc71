"""Ctrl-C ends the command, also while a model never answers."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import tensorflow as tf

import tfmodels
from tfmodels import export

ROOT = Path(tfmodels.__file__).parents[1]


def answer(text):
    waits = tf.reduce_any(tf.equal(text, "for ever"))
    turns = tf.while_loop(lambda turn: waits, lambda turn: [turn + 1], [0], name="turns")
    return {"turns": tf.fill(tf.shape(text), turns[0])}


@pytest.fixture(scope="module")
def endless(tmp_path_factory):
    """An export that never answers one text."""
    endpoint = export.Endpoint("serving_default", (tf.TensorSpec([None], tf.string, "text"),), answer)
    card = {"task": "endless", "columns": ["text"]}
    return export.save(
        tmp_path_factory.mktemp("endless") / "export", [endpoint], [], {"serving_default": {"text": ["a", "b"]}}, card
    )


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_model_that_never_answers_is_not_waited_for(interruptible, endless, number):
    process = subprocess.Popen(
        [sys.executable, "-m", "tfmodels", "predict", str(endless), "for ever"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    try:
        timer = threading.Timer(12, process.send_signal, [number])  # by then it computes
        timer.start()
        _, said = process.communicate(timeout=100)
        assert process.returncode in (130, -number)
        assert "Traceback" not in said
    finally:
        process.kill()
