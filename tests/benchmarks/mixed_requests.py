"""Sends right and wrong requests of all kinds over REST and gRPC while versions of the model come and go.

Predict of two signatures, empty ones, malformed ones, ones that fail in the model, unknown signatures, models and
versions, Classify and Regress. Each answer is compared with the right one. Version 2 is published and taken back again
several times, each time once the version before has answered; if there are too few requests for that, more are sent.
The command fails if an answer is wrong, a request is lost, or a version has not answered within half a minute.

    python tests/benchmarks/mixed_requests.py --requests 100000 --clients 32
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from itertools import count
from pathlib import Path
from typing import NamedTuple

import aiohttp
import grpc
from rich.console import Console
from rich.table import Table
from serving_load import BATCHING, MALFORMED, MODEL, free_port, memory, start_server, write_versions
from tensorflow_serving.apis import predict_pb2

CHANGES = 5  # version 2 comes, goes, comes, goes, comes
SECONDS_TO_CHANGE = 30.0
KINDS = ("text", "text", "text", "numbers", "fails", "empty", "malformed", "classify", "regress", "signature", "model")
STATUS = {"malformed": 400, "fails": 400, "classify": 501, "regress": 501, "signature": 400, "model": 404}
CODE = {
    "malformed": grpc.StatusCode.INVALID_ARGUMENT,
    "fails": grpc.StatusCode.INVALID_ARGUMENT,
    "classify": grpc.StatusCode.UNIMPLEMENTED,
    "regress": grpc.StatusCode.UNIMPLEMENTED,
    "signature": grpc.StatusCode.FAILED_PRECONDITION,
    "model": grpc.StatusCode.NOT_FOUND,
}  # of wrong requests
SIGNATURES = {"text": "serving_default", "empty": "serving_default", "malformed": "none", "signature": "none"}
TIMEOUT = 60.0


class Sent(NamedTuple):
    """A request: its kind, and the texts or numbers in it."""

    kind: str
    values: list

    @property
    def signature(self) -> str:
        """The signature that it asks for."""
        return SIGNATURES.get(self.kind, "serving_default" if isinstance((self.values or [""])[0], str) else "roots")

    def right(self) -> list:
        """The right answer."""
        return [value.upper() if isinstance(value, str) else value**0.5 for value in self.values]


def make(number: int) -> Sent:
    """The request of a number."""
    kind = KINDS[number % len(KINDS)]
    values: list = [f"text {number} é", "a" * (number % 40)]
    if kind in ("numbers", "fails"):
        values = [float(number % 1000), -1.0 if kind == "fails" else 4.0]
    return Sent(kind, [] if kind == "empty" else values)


async def post(session: aiohttp.ClientSession, url: str, sent: Sent) -> tuple[object, list, list]:
    """Sends a request over REST: the status, the answer and its versions."""
    kind = sent.kind
    model = "none" if kind == "model" else MODEL
    method = kind if kind in ("classify", "regress") else "predict"
    body = json.dumps({"signature_name": sent.signature, "inputs": sent.values}).encode()
    body = MALFORMED[len(sent.values[1]) % len(MALFORMED)] if kind == "malformed" else body
    async with session.post(f"{url}/v1/models/{model}:{method}", data=body) as response:
        outputs = (await response.json()).get("outputs", [])
        if isinstance(outputs, dict):
            return response.status, outputs["text"], outputs["version"]
        return response.status, outputs, []


async def call(channel: grpc.aio.Channel, sent: Sent) -> tuple[object, list, list]:
    """Sends a request over gRPC: the code, the answer and its versions."""
    message = predict_pb2.PredictRequest()
    message.model_spec.name = "none" if sent.kind == "model" else MODEL
    message.model_spec.signature_name = sent.signature
    given = message.inputs["x" if sent.signature == "roots" else "text"]
    given.tensor_shape.dim.add(size=len(sent.values))
    if sent.signature == "roots":
        given.dtype = 1
        given.float_val.extend(sent.values)
    else:
        given.dtype = 7
        given.string_val.extend(text.encode() for text in sent.values)
    data = b"\xff" if sent.kind == "malformed" else message.SerializeToString()
    method = sent.kind.capitalize() if sent.kind in ("classify", "regress") else "Predict"
    try:
        answer = await channel.unary_unary(f"/tensorflow.serving.PredictionService/{method}")(data, timeout=TIMEOUT)
    except grpc.aio.AioRpcError as error:
        return error.code(), [], []
    outputs = predict_pb2.PredictResponse.FromString(answer).outputs
    texts = [text.decode() for text in outputs["text"].string_val] if "text" in outputs else []
    return grpc.StatusCode.OK, texts or list(outputs["y"].float_val), list(outputs["version"].int_val)


def is_right(sent: Sent, code: object, answer: list) -> bool:
    """Whether a request was answered as it must be."""
    if sent.kind in STATUS:
        return code in (STATUS[sent.kind], CODE[sent.kind])
    near = all(
        one == other if isinstance(other, str) else abs(one - other) < 1e-3
        for one, other in zip(answer, sent.right(), strict=False)
    )
    return code in (200, grpc.StatusCode.OK) and len(answer) == len(sent.values) and near


class Seen(NamedTuple):
    """Requests sent, seconds of each answer by interface, wrong ones, versions between two changes, MiB over time."""

    sent: Counter
    seconds: dict[str, list[float]]
    wrong: list[tuple]
    versions: list[Counter]
    memories: list[int]

    @property
    def is_changed(self) -> bool:
        """Whether the version of the last change has answered."""
        return bool(self.versions[-1][2 - len(self.versions) % 2])


async def load(server: subprocess.Popen, ports: tuple[int, int], options: argparse.Namespace, hidden: Path) -> Seen:
    """Sends the requests by concurrent clients, half over each interface, and changes the versions."""
    seen = Seen(Counter(), {"REST": [], "gRPC": []}, [], [Counter()], [memory(server)])
    numbers, shown = count(), hidden.with_name("2")
    changed = time.monotonic()
    channel = grpc.aio.insecure_channel(f"127.0.0.1:{ports[1]}")
    timeout = aiohttp.ClientTimeout(total=TIMEOUT)
    async with channel, aiohttp.ClientSession(timeout=timeout) as session:

        def change(number: int) -> bool:
            """Changes the version if it is time, and returns whether to go on."""
            nonlocal changed
            changes = len(seen.versions) - 1
            if changes < CHANGES and seen.is_changed and number >= options.requests * (1 + changes) // (1 + CHANGES):
                before, after = (hidden, shown) if hidden.exists() else (shown, hidden)
                before.rename(after)
                changed = time.monotonic()
                seen.versions.append(Counter())
                seen.memories.append(memory(server))
            if seen.is_changed:
                return number < options.requests or changes < CHANGES
            return time.monotonic() < changed + SECONDS_TO_CHANGE

        async def client() -> None:
            while change(number := next(numbers)):
                interface = ("REST", "gRPC")[number % 2]
                seen.sent[interface] += 1
                sent = make(number)
                start = time.monotonic()
                sending = (
                    post(session, f"http://127.0.0.1:{ports[0]}", sent) if interface == "REST" else call(channel, sent)
                )
                code, answer, versions = await sending
                seen.seconds[interface].append(time.monotonic() - start)
                seen.versions[-1].update(versions)
                if not is_right(sent, code, answer):
                    seen.wrong.append((number, interface, *sent, code, answer))

        await asyncio.gather(*(client() for _ in range(options.clients)))
    seen.memories.append(memory(server))
    return seen


def main() -> int:
    """Sends the requests and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--requests", type=int, default=100_000, help="number of requests")
    parser.add_argument("--clients", type=int, default=32, help="number of concurrent clients")
    parser.add_argument("--batching", action="store_true", help="with batches of up to 32")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        hidden = write_versions(Path(name))
        batching, ports = Path(name, "batching"), (free_port(), free_port())
        batching.write_text(BATCHING)
        server = start_server(Path(name, MODEL), batching if options.batching else None, *ports)
        try:
            start = time.monotonic()
            seen = asyncio.run(load(server, ports, options, hidden))
            rate = seen.sent.total() / (time.monotonic() - start)
        finally:
            server.terminate()
        stopped = server.wait(timeout=60)
    table = Table("over", "requests", "median (ms)", "99 % within (ms)", "slowest (ms)")
    for interface, seconds in seen.seconds.items():
        seconds.sort()
        found = [1e3 * seconds[int(share * (len(seconds) - 1))] for share in (0.5, 0.99, 1)]
        table.add_row(interface, f"{len(seconds):,}", *(f"{value:.1f}" for value in found))
    console = Console(width=120)
    console.print(table)
    console.print(f"{rate:,.0f} requests/s; {len(seen.wrong)} wrong; memory (MiB) at each change: {seen.memories}")
    console.print("rows by version, between the changes:", *(dict(sorted(each.items())) for each in seen.versions))
    console.print(*seen.wrong[:10], sep="\n")
    lost = seen.sent.total() - sum(map(len, seen.seconds.values()))
    changed = len(seen.versions) == 1 + CHANGES and seen.is_changed
    if not changed:
        console.print(f"a version has not answered within {SECONDS_TO_CHANGE:g} s")
    return 1 if seen.wrong or lost or stopped or not changed else 0


if __name__ == "__main__":
    sys.exit(main())
