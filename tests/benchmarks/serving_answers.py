"""Compares what an export answers behind the development server with what it answers here, text for text.

The export is checked, served with batching, and asked by `curl` and over gRPC: first row by row, then by many clients
at once. The command fails if the check finds an error or an answer differs.

    python tests/benchmarks/serving_answers.py saved_models/demo --input texts.txt --clients 64
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


def expected_answers(export: Path, texts: list[str]) -> list[str]:
    """What `tfmodels predict EXPORT` writes for these texts."""
    with tempfile.TemporaryDirectory() as name:
        source, answers = Path(name, "texts"), Path(name, "answers")
        source.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "pipelines.cli",
            "predict",
            str(export),
            "--input",
            source,
            "--output",
            answers,
        ]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return answers.read_text(encoding="utf-8").split("\n")[:-1]


async def ask_by_curl(url: str, text: str) -> str:
    """The answer that `curl` gets."""
    process = await asyncio.create_subprocess_exec(
        "curl", "--silent", "--data-binary", "@-", f"{url}:predict",
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    answer, _ = await process.communicate(json.dumps({"instances": [text]}).encode())
    return json.loads(answer)["predictions"][0]["text"]


async def ask_all(ask: Callable[[str], Awaitable[str]], texts: list[str], clients: int) -> tuple[list[str], float]:
    """The answers, and the requests per second, when so many clients ask at once."""
    numbers = iter(range(len(texts)))
    answers = [""] * len(texts)

    async def client() -> None:
        for number in numbers:
            answers[number] = await ask(texts[number])

    start = time.monotonic()
    await asyncio.gather(*(client() for _ in range(clients)))
    return answers, len(texts) / (time.monotonic() - start)


async def compare(rest: str, grpc: str, texts: list[str], expected: list[str], clients: int, table: Table) -> int:
    """Asks in all ways and returns how many answers differ."""
    different = 0
    async with AsyncClient(grpc) as client:

        async def ask_by_grpc(text: str) -> str:
            return (await client.predict(text=[text]))["text"][0].decode()

        ways = {"curl": lambda text: ask_by_curl(rest, text), "gRPC": ask_by_grpc}
        for name, ask in ways.items():
            for together in (1, clients):
                answers, rate = await ask_all(ask, texts, together)
                wrong = sum(one.replace("\n", " ") != other for one, other in zip(answers, expected, strict=True))
                table.add_row(name, str(together), f"{len(texts):,}", str(wrong), f"{rate:,.1f}")
                different += wrong
    return different


def main() -> int:
    """Reads the command line, checks, serves, compares, prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("export", type=Path, help="folder of versions of an export that takes `text`")
    parser.add_argument("--input", type=Path, required=True, help="texts, one a line")
    parser.add_argument("--rows", type=int, default=200, help="how many of them")
    parser.add_argument("--clients", type=int, default=64)
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    checked = subprocess.run([sys.executable, "-m", "tfmodels", "check", str(arguments.export)])
    with arguments.input.open(encoding="utf-8") as lines:
        texts = [line.rstrip("\n") for line, _ in zip(lines, range(arguments.rows), strict=False)]
    expected = expected_answers(arguments.export, texts)
    rest_port, grpc_port = free_port(), free_port()
    table = Table("by", "clients at once", "texts", "different", "texts/s", title=str(arguments.export))
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
