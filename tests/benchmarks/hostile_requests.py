"""Sends the development server what is large, slow or endless, and measures what that costs others.

For each kind of request: the statuses of its answers, the longest time for which the server answered nobody else, and
how much its memory grew at most.

    python tests/benchmarks/hostile_requests.py
"""

import argparse
import asyncio
import contextlib
import http.client
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
from rich.console import Console
from rich.table import Table
from serving_load import MODEL, free_port, memory, write_versions
from tensorflow_serving.apis import predict_pb2

PREDICT = f"/v1/models/{MODEL}:predict"
HEAD = f"POST {PREDICT} HTTP/1.1\r\nHost: a\r\n"
SECONDS_BETWEEN = 0.02  # two questions whether the server still answers


def start_server(model: Path, rest_port: int, grpc_port: int) -> subprocess.Popen:
    """Starts the development server without batching, and waits until it is ready."""
    command = [sys.executable, "-m", "tfmodels", "serve", str(model), "--server", "development"]
    command += ["--rest_port", str(rest_port), "--grpc_port", str(grpc_port)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    for line in server.stdout or ():
        if f"/v1/models/{model.name}" in line:
            return server
    raise RuntimeError("Expected the server to start. Received: it exited.")


class Watch:
    """Asks the server for its status all the time, and reads its memory."""

    def __init__(self, server: subprocess.Popen, port: int) -> None:
        self.server, self.port, self.silence = server, port, 0.0
        self.before = self.most = memory(server)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _ask(self) -> None:
        while not self._stop.wait(SECONDS_BETWEEN):
            start = time.monotonic()
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
            with contextlib.closing(connection), contextlib.suppress(OSError):
                connection.request("GET", f"/v1/models/{MODEL}")
                connection.getresponse().read()
            self.silence = max(self.silence, time.monotonic() - start)
            self.most = max(self.most, memory(self.server))


def post(port: int, bodies: list[bytes]) -> Counter:
    """Sends bodies at the same time, and counts the statuses."""

    def send(body: bytes) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        with contextlib.closing(connection):
            connection.request("POST", PREDICT, body)
            return connection.getresponse().status

    with ThreadPoolExecutor(len(bodies)) as pool:
        return Counter(pool.map(send, bodies))


def begin(port: int, starts: list[str]) -> Counter:
    """Sends beginnings of requests, and counts the statuses that come in the end."""
    connections = [socket.create_connection(("127.0.0.1", port), 120) for _ in starts]
    for connection, start in zip(connections, starts, strict=True):
        connection.sendall(start.encode())
    answers = [connection.recv(100) for connection in connections]
    for connection in connections:
        connection.close()
    return Counter(answer[9:12].decode() or "closed" for answer in answers)


def call(port: int, message: bytes, count: int) -> Counter:
    """Calls Predict over ten channels at the same time, and counts the codes."""

    async def call_all() -> Counter:
        options = [("grpc.use_local_subchannel_pool", 1), ("grpc.max_send_message_length", -1)]
        channels = [grpc.aio.insecure_channel(f"127.0.0.1:{port}", options) for _ in range(10)]
        method = "/tensorflow.serving.PredictionService/Predict"
        calls = [channels[number % 10].unary_unary(method)(message, timeout=120) for number in range(count)]
        codes = await asyncio.gather(*(each.code() for each in calls))
        for channel in channels:
            await channel.close()
        return Counter(code.name for code in codes)

    return asyncio.run(call_all())


def message(claimed: int = 1, text: bytes = b"a", model: str = MODEL) -> bytes:
    """A Predict request of one text whose shape claims a number of them."""
    request = predict_pb2.PredictRequest()
    request.model_spec.name = model
    request.inputs["text"].dtype = 7
    request.inputs["text"].tensor_shape.dim.add(size=claimed)
    request.inputs["text"].string_val.append(text)
    return request.SerializeToString()


def attacks(rest: int, grpc_port: int) -> dict[str, Callable[[], Counter]]:
    """What to send, by name."""
    deep = b'{"instances": [%s]}' % b",".join([b"[" * 900 + b"]" * 900] * 220)
    claims = [f"{HEAD}Content-Length: {2**24}\r\n\r\n"] * 16 + [f"{HEAD}Transfer-Encoding: chunked\r\n\r\n1\r\na"] * 100
    return {
        "400 KB of nested JSON": lambda: post(rest, [deep]),
        "16 bodies that claim 16 MiB, 100 chunked ones": lambda: begin(rest, claims),
        "15 MB of []": lambda: post(rest, [b'{"instances": [%s[]]}' % (b"[]," * 5_000_000)]),
        "15 MB of text": lambda: post(rest, [b'{"instances": ["%s"]}' % (b"a" * 15_000_000)]),
        "16 documents of 1,000,000 numbers": lambda: post(rest, [b'{"instances": [%s1]}' % (b"1," * 999_999)] * 16),
        "100 gRPC messages that claim 2**24 texts": lambda: call(grpc_port, message(2**24), 100),
        "100 gRPC messages of 15 MB": lambda: call(grpc_port, message(1, b"a" * 15_000_000), 100),
        "100 gRPC messages of 15 MB to no model": lambda: call(grpc_port, message(1, b"a" * 15_000_000, "none"), 100),
        "1,500 gRPC calls": lambda: call(grpc_port, message(), 1500),
    }


def main() -> int:
    """Measures each kind and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="", metavar="TEXT", help="send only what has this text in its name")
    only = parser.parse_args().only
    table = Table("sent", "answers", "others waited at most (s)", "memory grew by at most (MiB)")
    with tempfile.TemporaryDirectory() as name:
        write_versions(Path(name))
        rest, grpc_port = free_port(), free_port()
        server = start_server(Path(name, MODEL), rest, grpc_port)
        try:
            call(grpc_port, message(), 50)
            for title, attack in attacks(rest, grpc_port).items():
                if only not in title:
                    continue
                with Watch(server, rest) as watch:
                    answers = attack()
                counts = ", ".join(f"{count} x {status}" for status, count in answers.items())
                table.add_row(title, counts, f"{watch.silence:.1f}", f"{watch.most - watch.before}")
        finally:
            server.terminate()
            stopped = server.wait(timeout=60)
    Console(width=150).print(table)
    return stopped


if __name__ == "__main__":
    sys.exit(main())
