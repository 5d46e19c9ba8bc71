"""Sends the development server damaged HTTP, JSON, protobuf and gRPC, and draws its memory and its answers over time.

The server has a process of its own; a second client asks it for its status twenty times a second meanwhile, over REST
and over gRPC. The command fails if the server ends or does not answer what is right at the end, if it answers with an
error of its own, if an answer is late, or if the memory grows by more than 100 MiB.

    python tests/benchmarks/fuzzed_serving.py --figure fuzzed.png
    TFMODELS_EXAMPLES=2000 python tests/benchmarks/fuzzed_serving.py --batching
"""

import argparse
import asyncio
import contextlib
import itertools
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import grpc
from rich.console import Console
from rich.table import Table
from serving_load import BATCHING, MODEL, free_port, memory, start_server, write_versions
from tensorflow_serving.apis import get_model_status_pb2, predict_pb2

LATE = 36.0  # seconds: 5 for a body that does not come, 30 for an answer, and 1 for the way
MOST_GROWTH = 100  # MiB
CLIENTS = 16
PATIENCE = 0.5  # seconds until a client that got nothing says that it sends no more
OF_THE_SERVER = (500, grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN)
PREDICT = f"/v1/models/{MODEL}:predict"
HEAD = f"POST {PREDICT} HTTP/1.1\r\nHost: a\r\n".encode()
JSON = [
    b'{"instances": ["a", "\xc3\xa9"]}', b'{"inputs": {"text": ["a", {"b64": "YQ=="}]}}', b'{"inputs": ["a"]}',
    b'{"signature_name": "roots", "instances": [{"x": 4}, {"x": -1.5e-3}]}',
    b'{"signature_name": "roots", "inputs": [NaN]}',
]  # fmt: skip
JSON_PIECES = [
    *(b"[", b"]", b"{", b"}", b",", b":", b'"', b"\\", b"[" * 100, b"null", b"true", b"1e400", b"-0", b"1.", b"NaN"),
    *(b'"inputs"', b'"b64"', b'"signature_name"', b"\\ud800", b"\\u0000", b"\xff", b"9" * 400, b"{}", b"\xef\xbb\xbf"),
]
HTTP = [
    HEAD + b"Content-Length: 20\r\n\r\n" + JSON[0][:20],
    HEAD + b'Transfer-Encoding: chunked\r\n\r\n5\r\n{"ins\r\n0\r\n\r\n',
    HEAD + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00",
    f"GET /v1/models/{MODEL}/versions/1/metadata HTTP/1.1\r\nHost: a\r\n\r\n".encode() * 2,
    b"GET /monitoring/prometheus/metrics HTTP/1.0\r\n\r\n",
]
HTTP_PIECES = [
    *(b"\r\n", b"\n", b"\r", b" ", b":", b"%ff", b"%", b"/", b"?x=1", b"\x00", b"HTTP/9.9", b"HEAD ", b"OPTIONS * "),
    *(b"Content-Length: 99999999999999999999\r\n", b"Content-Length: -1\r\n", b"Transfer-Encoding: chunked\r\n"),
    *(b"Expect: 100-continue\r\n", b"fffffffffff\r\n", b"A: " + b"b" * 9000, b"Host: \xff\r\n", b"Upgrade: h2c\r\n"),
]
PROTO_PIECES = [bytes([number << 3 | kind]) for number in range(16) for kind in range(6)] + [
    *(b"\x00", b"\x7f", b"\xff", b"\xff" * 9 + b"\x01", b"\x12\x00", b"\x0a\x02\x08\x01", b"\x08\x80\x80\x80\x80\x10"),
]
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"
FRAMES = [
    PREFACE,
    PREFACE + b"\x00\x00\x08\x06\x00\x00\x00\x00\x00abcdefgh\x00\x00\x01\x01\x05\x00\x00\x00\x01\x82",
    PREFACE + b"\x00\x00\x05\x00\x00\x00\x00\x00\x01\x00\x7f\xff\xff\xff",
]
FRAME_PIECES = [b"\x00\x00\x05", b"\xff\xff\xff", b"\x00\x40\x00\x00\x00\x00\x00\x00\x01", b"\x00" * 9, b"\x82\x86\x84"]


def messages() -> list[bytes]:
    """Right messages of Predict: texts, numbers as bytes and one by one, and an output filter."""
    texts, packed, listed = (predict_pb2.PredictRequest() for _ in range(3))
    texts.inputs["text"].dtype = 7
    texts.inputs["text"].string_val.extend([b"a", b"b"])
    packed.inputs["x"].tensor_content = bytes(8)
    listed.inputs["x"].float_val.extend([1.0, 2.0])
    listed.output_filter.append("y")
    for request in (packed, listed):
        request.model_spec.signature_name = "roots"
        request.inputs["x"].dtype = 1
    for request in (texts, packed, listed):
        request.model_spec.name = MODEL
        next(iter(request.inputs.values())).tensor_shape.dim.add(size=2)
    return [request.SerializeToString(deterministic=True) for request in (texts, packed, listed)]


def damaged(rng: random.Random, originals: list[bytes], pieces: list[bytes]) -> bytes:
    """One of the originals, with parts cut out and others put in."""
    sent = rng.choice(originals)
    for _ in range(rng.choice((1, 1, 2, 5))):
        start, piece = rng.randrange(len(sent) + 1), rng.choice(pieces) if rng.random() < 0.7 else rng.randbytes(2)
        sent = sent[:start] + piece + sent[start + rng.choice((0, 0, 1, 2, 12)) :]
    return sent


async def raw(port: int, sent: bytes) -> int | None:
    """The status of the first answer to some bytes; the client closes its side when nothing has come for a while."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    received = b""
    with contextlib.suppress(ConnectionError):
        writer.write(sent)
        with contextlib.suppress(TimeoutError):
            received = await asyncio.wait_for(reader.read(100), PATIENCE)
        writer.write_eof()
        received = received or await reader.read(100)
        while await reader.read(2**16):
            pass
    writer.close()
    return int(received[9:12]) if received.startswith(b"HTTP/1.") else None


class Run(NamedTuple):
    """Answers by kind, the slowest of each, and samples of seconds, inputs, MiB, and ms of answers by REST and gRPC."""

    answers: dict[str, Counter]
    slowest: dict[str, float]
    samples: list[tuple[float, int, int, float, float]]


async def fuzz(server: subprocess.Popen, rest: int, grpc_port: int, inputs: int, seed: int) -> Run:
    """Sends the inputs by concurrent clients, and asks for the status meanwhile."""
    options = [("grpc.use_local_subchannel_pool", 1)]
    channels = [grpc.aio.insecure_channel(f"127.0.0.1:{grpc_port}", options) for _ in range(CLIENTS + 1)]
    status = get_model_status_pb2.GetModelStatusRequest()
    status.model_spec.name = MODEL
    originals, rng, numbers = messages(), random.Random(seed), iter(range(inputs))
    methods = ("PredictionService/Predict", "PredictionService/GetModelMetadata", "ModelService/GetModelStatus")
    run = Run({}, {}, [])

    async def call(channel: grpc.aio.Channel, method: str, message: bytes) -> grpc.StatusCode:
        return await channel.unary_unary(f"/tensorflow.serving.{method}")(message, timeout=2 * LATE).code()

    async def send(kind: str, channel: grpc.aio.Channel) -> object:
        if kind == "JSON":
            body = damaged(rng, JSON, JSON_PIECES)
            return await raw(rest, HEAD + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        if kind == "HTTP":
            return await raw(rest, damaged(rng, HTTP, HTTP_PIECES))
        if kind == "protobuf":
            return await call(channel, rng.choice(methods), damaged(rng, originals, PROTO_PIECES))
        return await raw(grpc_port, damaged(rng, FRAMES, FRAME_PIECES))

    async def client(channel: grpc.aio.Channel) -> None:
        for _ in numbers:
            kind = rng.choice(("JSON", "JSON", "HTTP", "protobuf", "protobuf", "gRPC frames"))
            start = time.monotonic()
            answer = await asyncio.wait_for(send(kind, channel), 2 * LATE)
            run.slowest[kind] = max(run.slowest.get(kind, 0.0), time.monotonic() - start)
            run.answers.setdefault(kind, Counter())[answer] += 1

    async def watch() -> None:
        start = time.monotonic()
        while True:
            times = [time.monotonic()]
            await raw(rest, f"GET /v1/models/{MODEL} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
            times.append(time.monotonic())
            await call(channels[-1], methods[2], status.SerializeToString())
            times.append(time.monotonic())
            sent = sum(map(Counter.total, run.answers.values()))
            by_rest, by_grpc = (1e3 * (end - begin) for begin, end in itertools.pairwise(times))
            run.samples.append((times[0] - start, sent, memory(server), by_rest, by_grpc))
            await asyncio.sleep(0.05)

    watching = asyncio.create_task(watch())
    try:
        await asyncio.gather(*map(client, channels[:-1]))
    finally:
        watching.cancel()
        for channel in channels:
            await channel.close()
    return run


def draw(path: Path, runs: dict[str, Run]) -> None:
    """Draws memory and delays over the inputs."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, (above, below) = plt.subplots(2, 1, sharex=True, figsize=(9, 6), layout="constrained")
    for title, run in runs.items():
        _, sent, held, by_rest, by_grpc = zip(*run.samples, strict=True)
        above.plot(sent, [value - held[0] for value in held], label=title)
        below.plot(sent, by_rest, ".", markersize=2, label=f"{title}, REST")
        below.plot(sent, by_grpc, ".", markersize=2, label=f"{title}, gRPC")
    above.axhline(MOST_GROWTH, color="black", linestyle="--", label="limit")
    above.set(ylabel="growth of the server's memory (MiB)")
    below.set(ylabel="answer to a status request (ms)", xlabel="damaged inputs so far", yscale="log")
    for axes in (above, below):
        axes.grid(alpha=0.3)
        axes.legend(markerscale=5)
    figure.savefig(path, dpi=100)


def main() -> int:
    """Sends, prints the table, and draws."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    examples = int(os.environ.get("TFMODELS_EXAMPLES", "100000"))
    parser.add_argument("--inputs", type=int, default=examples, help="number of inputs, of all kinds together")
    parser.add_argument("--seed", type=int, default=0, help="what is damaged, and how")
    parser.add_argument("--batching", action="store_true", help="also with batching, as many inputs again")
    parser.add_argument("--figure", type=Path, metavar="PNG", help="where to draw memory and delays")
    arguments = parser.parse_args()
    table = Table("server", "kind", "answers", "slowest (s)")
    runs, failed = {}, []
    with tempfile.TemporaryDirectory() as name:
        write_versions(Path(name))
        Path(name, "batching").write_text(BATCHING)
        for title in ("alone", "batched")[: 1 + arguments.batching]:
            rest, grpc_port = free_port(), free_port()
            batching = Path(name, "batching") if title == "batched" else None
            server = start_server(Path(name, MODEL), batching, rest, grpc_port)
            try:
                asyncio.run(fuzz(server, rest, grpc_port, 2000, -1))  # what it needs once, it has then
                start = memory(server)
                runs[title] = run = asyncio.run(fuzz(server, rest, grpc_port, arguments.inputs, arguments.seed))
                right = HEAD + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(JSON[0]) + JSON[0]
                serves = asyncio.run(raw(rest, right)) == 200
                growth = memory(server) - start
            finally:
                server.terminate()
                stopped = server.wait(timeout=60)
            for kind, answers in run.answers.items():
                listed = ", ".join(
                    f"{count:,} x {getattr(code, 'name', code)}" for code, count in answers.most_common()
                )
                table.add_row(title, kind, listed, f"{run.slowest[kind]:.1f}")
            late, silent = max(run.slowest.values()), max(max(sample[3:]) for sample in run.samples)
            most = max(sample[2] for sample in run.samples) - start
            table.add_row(
                title, "memory", f"{start} MiB, at most {most:+}, in the end {growth:+}", f"{silent / 1e3:.1f}"
            )
            own = sum(answers[code] for answers in run.answers.values() for code in OF_THE_SERVER)
            failed += [title] * bool(own or stopped or not serves or late > LATE or most > MOST_GROWTH)
    Console(width=150).print(table)
    if arguments.figure:
        draw(arguments.figure, runs)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
