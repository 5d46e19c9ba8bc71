"""Compares the responses of the development server with the predictions of the same export in process.

The export is checked and served with batching; requests are sent by `curl` and over gRPC, first by one client, then by
many concurrent clients. The command fails if the check finds an error or a response differs.

    python tests/benchmarks/serving_responses.py saved_models/demo --input texts.txt --clients 64
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table
from serving_load import BATCHING, free_port, start_server

from tfmodels.serving import AsyncClient


def expected_outputs(export: Path, texts: list[str]) -> list[str]:
    """The output of `tfmodels predict EXPORT` for the texts."""
    with tempfile.TemporaryDirectory() as name:
        source, outputs = Path(name, "texts"), Path(name, "outputs")
        source.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "tfmodels",
            "predict",
            str(export),
            "--input",
            source,
            "--output",
            outputs,
        ]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return outputs.read_text(encoding="utf-8").split("\n")[:-1]


async def send_by_curl(url: str, text: str) -> str:
    """Sends a request by `curl` and returns the text of the response."""
    process = await asyncio.create_subprocess_exec(
        "curl", "--silent", "--data-binary", "@-", f"{url}:predict",
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    response, _ = await process.communicate(json.dumps({"instances": [text]}).encode())
    return json.loads(response)["predictions"][0]["text"]


async def send_all(send: Callable[[str], Awaitable[str]], texts: list[str], clients: int) -> tuple[list[str], float]:
    """Sends all texts by concurrent clients; returns the responses and the requests per second."""
    numbers = iter(range(len(texts)))
    responses = [""] * len(texts)

    async def client() -> None:
        for number in numbers:
            responses[number] = await send(texts[number])

    start = time.monotonic()
    await asyncio.gather(*(client() for _ in range(clients)))
    return responses, len(texts) / (time.monotonic() - start)


async def compare(rest: str, grpc: str, texts: list[str], expected: list[str], clients: int, table: Table) -> int:
    """Sends requests over both interfaces and returns the number of differing responses."""
    different = 0
    async with AsyncClient(grpc) as client:

        async def send_by_grpc(text: str) -> str:
            return (await client.predict(text=[text]))["text"][0].decode()

        interfaces = {"curl": lambda text: send_by_curl(rest, text), "gRPC": send_by_grpc}
        for name, send in interfaces.items():
            for concurrent in (1, clients):
                responses, rate = await send_all(send, texts, concurrent)
                wrong = sum(one.replace("\n", " ") != other for one, other in zip(responses, expected, strict=True))
                table.add_row(name, str(concurrent), f"{len(texts):,}", str(wrong), f"{rate:,.1f}")
                different += wrong
    return different


def main() -> int:
    """Checks, serves, compares and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("export", type=Path, help="folder of versions of an export that takes `text`")
    parser.add_argument("--input", type=Path, required=True, help="input texts, one per line")
    parser.add_argument("--rows", type=int, default=200, help="number of texts, from the start")
    parser.add_argument("--clients", type=int, default=64, help="number of concurrent clients")
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    checked = subprocess.run([sys.executable, "-m", "tfmodels", "check", str(arguments.export)])
    with arguments.input.open(encoding="utf-8") as lines:
        texts = [line.rstrip("\n") for line, _ in zip(lines, range(arguments.rows), strict=False)]
    expected = expected_outputs(arguments.export, texts)
    rest_port, grpc_port = free_port(), free_port()
    table = Table("client", "concurrent", "texts", "different", "texts/s", title=str(arguments.export))
    with tempfile.TemporaryDirectory() as name:
        batching = Path(name, "batching")
        batching.write_text(BATCHING)
        server = start_server(arguments.export, batching, rest_port, grpc_port)
        try:
            model = f"/v1/models/{arguments.export.name}"
            urls = f"http://127.0.0.1:{rest_port}{model}", f"grpc://127.0.0.1:{grpc_port}{model}"
            different = asyncio.run(compare(*urls, texts, expected, arguments.clients, table))
        finally:
            server.terminate()
            server.wait(timeout=60)
    Console().print(table)
    return 1 if different or checked.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
