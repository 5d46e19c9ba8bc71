import os
import shutil
import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
import tensorflow as tf
from odd_model import save_odd
from running_server import Running, running

from tfmodels.serving import read_batching

BATCHING = """
max_batch_size { value: 8 }
batch_timeout_micros { value: 1000 }
max_enqueued_batches { value: 100 }
num_batch_threads { value: 2 }
allowed_batch_sizes: 1
allowed_batch_sizes: 4
allowed_batch_sizes: 8
"""
MODELS = """
model_config_list {{
  config {{
    name: "text" base_path: "{folder}/text" model_platform: "tensorflow"
    model_version_policy {{ specific {{ versions: 1 versions: 2 }} }}
    version_labels {{ key: "stable" value: 1 }}
    version_labels {{ key: "canary" value: 2 }}
  }}
  config {{ name: "numbers" base_path: "{folder}/numbers" model_platform: "tensorflow" }}
}}
"""


class Text(tf.Module):
    """Returns texts in upper case, and its version."""

    def __init__(self, version):
        super().__init__()
        self.version = tf.Variable(version)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    def loud(self, text):
        versions = tf.fill(tf.shape(text), self.version)
        return {"text": tf.strings.upper(text, encoding="utf-8"), "version": versions}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    def same(self, text):
        return {"text": text}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    def same_bytes(self, text):
        return {"text_bytes": text}


NUMBERS = {
    "double": tf.float64, "float": tf.float32, "int": tf.int32, "long": tf.int64, "byte": tf.uint8, "truth": tf.bool,
}  # fmt: skip


class Numbers(tf.Module):
    """Functions of numbers, valid and invalid ones."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    def twice(self, x):
        return {"y": 2 * x}

    @tf.function(input_signature=[{name: tf.TensorSpec([None], dtype, name=name) for name, dtype in NUMBERS.items()}])
    def typed(self, given):
        return {f"same_{name}": tf.identity(value) for name, value in given.items()}

    @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32, name="x")])
    def row_sums(self, x):
        return {"y": tf.reduce_sum(x, axis=1)}

    @tf.function(input_signature=[tf.TensorSpec([], tf.float32, name="x")])
    def scalar(self, x):
        return {"y": 2 * x}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    def total(self, x):
        return {"y": tf.reduce_sum(x)}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    def roots(self, x):
        tf.debugging.assert_non_negative(x)
        return {"y": tf.sqrt(x)}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    def half(self, x):
        return {"y": tf.cast(x, tf.float16)}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32, name="steps")])
    def slow(self, steps):
        """Counts to the largest number of steps; a step takes some microseconds."""
        count = tf.while_loop(lambda count: count < tf.reduce_max(steps), lambda count: [count + 1], [0])[0]
        return {"steps": tf.minimum(steps, count)}


def save(module, folder, **signatures):
    tf.saved_model.save(module, str(folder), signatures)


@pytest.fixture(scope="session")
def models_folder(tmp_path_factory):
    """A folder of two models, `text` in two versions, and its models.config."""
    folder = tmp_path_factory.mktemp("served")
    for version in (1, 2):
        text = Text(version)
        save(text, folder / "text" / str(version), serving_default=text.loud, same=text.same, bytes=text.same_bytes)
    numbers = Numbers()
    functions = {
        name: getattr(numbers, name) for name in ("typed", "row_sums", "scalar", "total", "roots", "half", "slow")
    }
    save(numbers, folder / "numbers" / "1", serving_default=numbers.twice, **functions)
    (folder / "serving").mkdir()
    (folder / "serving" / "models.config").write_text(MODELS.format(folder=folder))
    (folder / "serving" / "batching.config").write_text(BATCHING)
    return folder


@pytest.fixture(scope="session")
def all_models(models_folder, tmp_path_factory):
    """A models.config of `text`, `numbers` and `odd`."""
    folder = tmp_path_factory.mktemp("odd")
    save_odd(folder)
    odd = f'config {{ name: "odd" base_path: "{folder}" model_platform: "tensorflow" }}'
    config = (models_folder / "serving" / "models.config").read_text().rstrip()
    (folder / "models.config").write_text(f"{config.removesuffix('}')}{odd}\n}}\n")
    return folder / "models.config"


class Tested(NamedTuple):
    """A server under test."""

    rest: str
    grpc: str
    real: bool
    batched: bool


@pytest.fixture
def serve():
    """`with serve(folder, batching) as server`: a development server with `server.rest` and `server.grpc`."""
    return running


@pytest.fixture(scope="session", params=["development", "development batched", "real", "real batched"])
def server(request, models_folder, all_models, tmp_path_factory):
    """Both servers, without and with batching; the real one if the environment names its binary."""
    kind, _, batched = request.param.partition(" ")
    batching = models_folder / "serving" / "batching.config" if batched else None
    if kind == "development":
        started = running(all_models, read_batching(batching) if batched else None)
    elif "TFMODELS_MODEL_SERVER" in os.environ:
        started = running_real(all_models, batching, tmp_path_factory.mktemp("monitoring"))
    else:
        pytest.skip("the environment variable TFMODELS_MODEL_SERVER names no binary of TensorFlow Serving")
    with started as server:
        yield Tested(server.rest, server.grpc, kind == "real", bool(batched))


@contextmanager
def running_real(models, batching, monitoring):
    """Runs the real server on free ports until the end of the block."""
    (monitoring / "monitoring.config").write_text(
        'prometheus_config { enable: true path: "/monitoring/prometheus/metrics" }'
    )
    rest, grpc = free_port(), free_port()
    command = [
        os.environ["TFMODELS_MODEL_SERVER"], f"--rest_api_port={rest}", f"--port={grpc}",
        f"--model_config_file={models}",
        f"--monitoring_config_file={monitoring / 'monitoring.config'}",
        "--allow_version_labels_for_unavailable_models", "--enable_grpc_healthcheck_service",
        "--max_num_load_retries=0",
    ]  # fmt: skip
    command += ["--enable_batching", f"--batching_parameters_file={batching}"] if batching else []
    process = subprocess.Popen(command)
    try:
        wait_until_open(f"http://127.0.0.1:{rest}/v1/models/numbers", process)
        yield Running(rest, grpc)
    finally:
        process.kill()
        process.wait()


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def wait_until_open(url, process):
    for _ in range(600):
        assert process.poll() is None, "TensorFlow Serving ended"
        try:
            urllib.request.urlopen(url).read()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(url)


@pytest.fixture
def drop_version(models_folder):
    """Copies a version of `text` into a folder of versions in one step."""

    def drop(version, folder: Path, number):
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = folder / f"unfinished-{number}"
        shutil.copytree(models_folder / "text" / str(version), unfinished)
        return unfinished.rename(folder / str(number))

    return drop
