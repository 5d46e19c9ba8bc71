"""What the development server costs beside the same session called in process, at the same number of clients.

Rounds of both alternate, so that a busy host slows both; the best round of each counts. The time of a core for an
answer depends on the host the least. `TFMODELS_MODEL_SERVER` adds TensorFlow Serving. The small model shows the
overhead of a request, the other, which decodes for some milliseconds, the share of the rate that is left. Beside it are
the least that a server in Python needs: the same HTTP library with a constant answer, and with the session in threads.

    python tests/benchmarks/serving_overhead.py --seconds 3 --rounds 3
"""

import argparse
import http.client
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table
from serving_load import free_port, start_server

Call = Callable[[], Callable[[], object]]

BODY = b'{"instances": [1.0]}'
STEPS = {"small": 1, "decoder": 300}  # model -> steps of its loop
CLIENTS = (1, 4, 16)


def write_models(folder: Path) -> None:
    """Writes a model for each number of steps: small products, one after the other, as a decoder has them."""
    import tensorflow as tf

    for name, steps in STEPS.items():

        @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, "x")])
        def loop(x: tf.Tensor, steps: int = steps) -> dict[str, tf.Tensor]:
            weights, state = tf.eye(64), tf.repeat(x[:, None], 64, 1)
            for _ in tf.range(steps):
                state = tf.tanh(tf.matmul(state, weights))
            return {"y": state[:, 0]}

        tf.saved_model.save(tf.Module(), str(folder / name / "1"), {"serving_default": loop.get_concrete_function()})


class Place(NamedTuple):
    """Where answers come from: how to ask, and the process that computes."""

    call: Call
    process: int


def core_seconds(process: int) -> float:
    """The time of cores that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(place: Place, clients: int, seconds: float) -> tuple[float, float, float]:
    """Median latency in ms, answers per second, and ms of a core for an answer.

    The clients are threads, each with a connection of its own.
    """
    end = time.monotonic() + seconds

    def client(_: int) -> list[float]:
        ask, times = place.call(), []
        while (start := time.monotonic()) < end:
            ask()
            times.append(time.monotonic() - start)
        return times

    used = core_seconds(place.process)
    with ThreadPoolExecutor(clients) as pool:
        times = [one for found in pool.map(client, range(clients)) for one in found]
    used = core_seconds(place.process) - used
    return 1e3 * float(np.median(times)), len(times) / seconds, 1e3 * used / len(times)


def by_rest(port: int, model: str) -> Call:
    """Requests over a connection that is kept."""

    def connect() -> Callable[[], object]:
        connection = http.client.HTTPConnection("127.0.0.1", port)

        def ask() -> object:
            connection.request("POST", f"/v1/models/{model}:predict", BODY)
            response = connection.getresponse()
            if response.status != 200:
                raise RuntimeError(f"Expected status 200. Received: {response.status} {response.read()[:200]!r}")
            return response.read()

        return ask

    return connect


def in_process(version: Path) -> Call:
    """Runs of the session that the server runs."""
    from tfmodels.export import SessionRunner

    runner, feed = SessionRunner(version), {"x": np.ones([1], np.float32)}
    return lambda: lambda: runner.run("serving_default", feed)


def start_bare(port: int, *arguments: str) -> subprocess.Popen:
    """Starts the server that does the least, and waits until it is ready."""
    script = Path(__file__).with_name("bare_server.py")
    server = subprocess.Popen([sys.executable, str(script), str(port), *arguments], stdout=subprocess.PIPE, text=True)
    for line in server.stdout or ():
        if line == "serves\n":
            return server
    raise RuntimeError("Expected the server to start. Received: it exited.")


def start_real(folder: Path, port: int) -> subprocess.Popen:
    """Starts TensorFlow Serving."""
    configs = "".join(f'config {{ name: "{n}" base_path: "{folder / n}" model_platform: "tensorflow" }}' for n in STEPS)
    (folder / "models.config").write_text(f"model_config_list {{ {configs} }}")
    flags = [f"--model_config_file={folder / 'models.config'}", f"--rest_api_port={port}", f"--port={free_port()}"]
    server = subprocess.Popen([os.environ["TFMODELS_MODEL_SERVER"], *flags], stderr=subprocess.DEVNULL)
    for _ in range(600):
        try:
            by_rest(port, "small")()()
            return server
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("Expected TensorFlow Serving to start. Received: no answer within a minute.")


def main() -> int:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=3.0, help="length of a round")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each, of which the best counts")
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    table = Table(
        "model", "clients", "where", "median (ms)", "more than in process (ms)", "answers/s", "share", "core (ms)"
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_models(folder)
        ports = {model: free_port() for model in STEPS}
        servers = {model: start_server(folder / model, None, port, free_port()) for model, port in ports.items()}
        real = free_port() if "TFMODELS_MODEL_SERVER" in os.environ else None
        bare = {f"bare {model}": ["--model", str(folder / model)] for model in STEPS} | {"constant": []}
        ports |= {name: free_port() for name in bare}
        servers |= {name: start_bare(ports[name], *words) for name, words in bare.items()}
        servers |= {"real": start_real(folder, real)} if real else {}
        try:
            for model in STEPS:
                places = {
                    "in process": Place(in_process(folder / model), os.getpid()),
                    "development": Place(by_rest(ports[model], model), servers[model].pid),
                    "HTTP, session": Place(by_rest(ports[f"bare {model}"], model), servers[f"bare {model}"].pid),
                    "HTTP, constant": Place(by_rest(ports["constant"], model), servers["constant"].pid),
                }
                places |= {"TensorFlow Serving": Place(by_rest(real, model), servers["real"].pid)} if real else {}
                for clients in CLIENTS:
                    add_rows(table, model, clients, places, arguments)
        finally:
            for server in servers.values():
                server.terminate()
                server.wait(timeout=60)
    Console(width=120).print(table)
    return 0


def add_rows(table: Table, model: str, clients: int, places: dict[str, Place], arguments: argparse.Namespace) -> None:
    """Measures the places in turns, and adds a row for each."""
    found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in places}
    for _ in range(arguments.rounds):
        for name, place in places.items():
            found[name].append(measure(place, clients, arguments.seconds))
    columns = {name: list(zip(*rounds, strict=True)) for name, rounds in found.items()}
    own_ms, own_rate = min(columns["in process"][0]), max(columns["in process"][1])
    for name, (latencies, rates, cores) in columns.items():
        ms, rate = min(latencies), max(rates)
        row = f"{ms:.2f}", f"{ms - own_ms:.2f}", f"{rate:,.0f}", f"{rate / own_rate:.2f}", f"{min(cores):.2f}"
        table.add_row(model, str(clients), name, *row)


if __name__ == "__main__":
    sys.exit(main())
