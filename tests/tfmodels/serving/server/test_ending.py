"""The process of the server ends when it is asked to, whatever it does."""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import tensorflow as tf
from sending import send

import tfmodels

ROOT = Path(tfmodels.__file__).parents[1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two models: the initialiser of one waits for ever, the other decomposes matrices in one operation."""
    folder = tmp_path_factory.mktemp("endless")
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        waits = tf.queue.FIFOQueue(1, [tf.float32], shapes=[[]]).dequeue()
        save(session, folder / "waits" / "1", waits.op)
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        save(session, folder / "busy" / "1", tf.no_op())
    return folder


def save(session, path, initialiser):
    size = tf.compat.v1.placeholder(tf.int32, [None], "size")
    matrix = tf.random.stateless_uniform(tf.stack([size[0], size[0]]), [1, 2], dtype=tf.float64)
    singular = tf.linalg.svd(matrix, compute_uv=False)
    signature = tf.compat.v1.saved_model.predict_signature_def({"size": size}, {"values": singular})
    builder = tf.compat.v1.saved_model.Builder(str(path))
    builder.add_meta_graph_and_variables(
        session, ["serve"], {"serving_default": signature}, main_op=initialiser, strip_default_attrs=True
    )
    builder.save()


class Process:
    """A server in a process, and the lines that it writes."""

    def __init__(self, *arguments):
        command = [sys.executable, "-m", "tfmodels", "serve", "--server", "development", "--rest_port", "0"]
        self.process = subprocess.Popen(
            [*command, "--grpc_port", "0", *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        self._lines = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self._lines.put(line)

    def line_with(self, text):
        while text not in (line := self._lines.get(timeout=120)):
            pass
        return line


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)])
def test_it_ends_while_a_model_hangs_in_loading(folder, number):
    server = Process(str(folder / "waits"))
    try:
        server.line_with("loading version 1 of waits")
        server.process.send_signal(number)
        assert server.process.wait(60) == 0  # the load would take five minutes
    finally:
        server.process.kill()


def test_it_ends_while_it_starts(folder):
    server = Process(str(folder / "busy"))
    try:
        server.line_with("Serving with the development server")
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(60) == 0
    finally:
        server.process.kill()


@pytest.mark.slow
def test_it_ends_while_an_operation_does_not(folder):
    server = Process(str(folder / "busy"))
    try:
        url = server.line_with("/v1/models/busy").split()[0]
        assert len(send(f"{url}:predict", {"inputs": [3]})[1]["outputs"]) == 3
        asked = threading.Thread(target=endless_request, args=(f"{url}:predict",), daemon=True)
        asked.start()
        asked.join(1)
        assert asked.is_alive()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(60) == 0
    finally:
        server.process.kill()


def endless_request(url):
    with contextlib.suppress(OSError):
        send(url, {"inputs": [5000]})
