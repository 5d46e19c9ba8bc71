"""Sends valid and invalid requests to the development server under load, and replaces the version halfway.

Each response is compared with the expected one, and the server's memory is recorded. The command fails if a response is
wrong, a request is lost, or not both versions responded.

    python tests/benchmarks/serving_load.py --requests 100000 --clients 256
"""

import argparse
import asyncio
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import aiohttp
from rich.console import Console
from rich.table import Table

MODEL = "small"
BATCHING = """
max_batch_size { value: 32 }
batch_timeout_micros { value: 2000 }
max_enqueued_batches { value: 1000 }
num_batch_threads { value: 2 }
allowed_batch_sizes: 1 allowed_batch_sizes: 2 allowed_batch_sizes: 4
allowed_batch_sizes: 8 allowed_batch_sizes: 16 allowed_batch_sizes: 32
"""
MALFORMED = (b"{", b"[]", b'{"instances": [1]}', b'{"instances": [[["a"]]]}', b"\xff", b'{"inputs": {"x": 1}}')


def write_versions(folder: Path) -> Path:
    """Writes version 1 of a small model, and version 2 in a folder that the server ignores.

    `serving_default` returns a text in upper case and the version; `roots` fails on negative numbers.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf

    class Small(tf.Module):
        def __init__(self, version: int) -> None:
            super().__init__()
            self.version = tf.Variable(version)

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "text")])
        def loud(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
            return {
                "text": tf.strings.upper(text, encoding="utf-8"),
                "version": tf.fill(tf.shape(text), self.version),
            }

        @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, "x")])
        def roots(self, x: tf.Tensor) -> dict[str, tf.Tensor]:
            with tf.control_dependencies([tf.debugging.assert_non_negative(x)]):
                return {"y": tf.sqrt(x)}

    for version in (1, 2):
        model = Small(version)
        signatures = {"serving_default": model.loud, "roots": model.roots}
        tf.saved_model.save(model, str(folder / MODEL / f"hidden-{version}"), signatures)
    (folder / MODEL / "hidden-1").rename(folder / MODEL / "1")
    return folder / MODEL / "hidden-2"


def free_port() -> int:
    """Finds an unused port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_server(model: Path, batching: Path | None, rest_port: int, grpc_port: int) -> subprocess.Popen:
    """Starts the development server for a model's folder of versions and waits until it is ready."""
    command = [sys.executable, "-m", "tfmodels", "serve", str(model), "--server", "development"]
    command += ["--rest_port", str(rest_port), "--grpc_port", str(grpc_port)]
    command += ["--batching", str(batching)] if batching else []
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    for line in server.stdout or ():
        if f"/v1/models/{model.name}" in line:
            return server
    raise RuntimeError("Expected the server to start. Received: it exited.")


def memory(server: subprocess.Popen) -> int:
    """Resident memory of the server in MiB."""
    pages = int(Path(f"/proc/{server.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 2**20


def request(number: int, failures: bool) -> tuple[bytes, Callable[[int, dict], bool]]:
    """The body of a request, and a function that checks the status and the body of the response.

    With `failures` one of eight requests fails inside the model.
    """
    rng = random.Random(number)
    kind = number % 8
    if kind < 4:
        text = "".join(rng.choice("abcé日 ") for _ in range(rng.randrange(40)))
        return json.dumps(
            {"instances": [text]}
        ).encode(), lambda status, response: status == 200 and response["predictions"][0]["text"] == text.upper()
    x = float(rng.randrange(1000))
    if kind == 4 or (kind == 5 and not failures):
        return json.dumps(
            {"signature_name": "roots", "instances": [x]}
        ).encode(), lambda status, response: status == 200 and abs(response["predictions"][0] - x**0.5) < 1e-3
    if kind == 5:
        return json.dumps(
            {"signature_name": "roots", "instances": [-x - 1]}
        ).encode(), lambda status, response: status == 400 and "assertion failed" in response["error"]
    if kind == 6:
        return rng.choice(MALFORMED), lambda status, response: status == 400 and bool(response["error"])
    return b'{"inputs": {"text": []}}', lambda status, response: status == 200 and response["outputs"]["text"] == []


async def load(url: str, server: subprocess.Popen, arguments: argparse.Namespace, hidden: Path) -> dict:
    """Sends the requests by concurrent clients and makes version 2 visible halfway."""
    requests, clients = arguments.requests, arguments.clients
    numbers = iter(range(requests))
    seen, wrong, memories, seconds = Counter(), [], [memory(server)], []
    start = time.monotonic()
    connector = aiohttp.TCPConnector(limit=clients)
    timeout = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:

        async def client() -> None:
            for number in numbers:
                if number == requests // 2:
                    hidden.rename(hidden.with_name("2"))
                body, is_right = request(number, not arguments.without_failures)
                sent = time.monotonic()
                async with session.post(url, data=body) as response:
                    content = await response.json()
                seconds.append(time.monotonic() - sent)
                seen[response.status] += 1
                if number % 8 < 4 and response.status == 200:
                    seen[f"version {content['predictions'][0]['version']}"] += 1
                if not is_right(response.status, content):
                    wrong.append((number, response.status, str(content)[:200]))
                if (number + 1) % (requests // 10) == 0:
                    memories.append(memory(server))
                    print(f"{number + 1:,} requests, {memories[-1]:,} MiB", flush=True)

        await asyncio.gather(*(client() for _ in range(clients)))
    seconds.sort()
    return {
        "requests per second": f"{requests / (time.monotonic() - start):,.0f}",
        "median, 99th percentile (ms)": ", ".join(f"{1e3 * seconds[requests * q // 100]:.1f}" for q in (50, 99)),
        "responses by status and version": dict(sorted(seen.items(), key=str)),
        "memory of the server (MiB)": memories,
        "wrong": wrong,
    }


def main() -> int:
    """Loads the server and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--requests", type=int, default=100_000, help="number of requests")
    parser.add_argument("--clients", type=int, default=256, help="number of concurrent clients")
    parser.add_argument("--without_failures", action="store_true", help="send no requests that fail inside the model")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        hidden = write_versions(Path(name))
        batching, port = Path(name, "batching"), free_port()
        batching.write_text(BATCHING)
        server = start_server(Path(name, MODEL), batching, port, free_port())
        try:
            url = f"http://127.0.0.1:{port}/v1/models/{MODEL}:predict"
            result = asyncio.run(load(url, server, arguments, hidden))
        finally:
            server.terminate()
        stopped = server.wait(timeout=60)
    table = Table(title=f"{arguments.requests:,} requests, {arguments.clients} clients", show_header=False)
    for title, value in result.items():
        table.add_row(title, str(value))
    table.add_row("exit status of the server", str(stopped))
    Console().print(table)
    both = {"version 1", "version 2"} <= result["responses by status and version"].keys()
    return 0 if both and not result["wrong"] and not stopped else 1


if __name__ == "__main__":
    sys.exit(main())
