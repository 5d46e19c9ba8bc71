"""A development server in a separate process, so that it does not share an interpreter with its clients."""

import contextlib
import os
import re
import subprocess
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import NamedTuple

import pipelines
from tfmodels import parent_process

_ADDRESSES = re.compile(r"\s*(?P<rest>http://\S+/v1/models/(?P<model>\S+))  \(gRPC: (?P<grpc>\S+)\)\s*")
_SECONDS_TO_STOP = 60


class Addresses(NamedTuple):
    """URLs of a served model.

    Attributes:
        rest: URL of the REST interface.
        grpc: URL of the gRPC interface.
    """

    rest: str
    grpc: str


@contextlib.contextmanager
def started(export: Path, batching: Path | None) -> Generator[Addresses]:
    """Serves an export on free ports until the end of the block.

    Args:
        export: A version folder, or a folder of versions.
        batching: File of batching parameters; None for no batching.

    Yields:
        The URLs of the model.

    Raises:
        ValueError: If the server fails to start, with its error message.

    Example:
        `with started(Path("saved_models/demo"), None) as server: print(server.rest)`
    """
    words = ["serve", str(export), "--server", "development", "--rest_port", "0", "--grpc_port", "0"]
    command = parent_process.command("tfmodels", *words, *(["--batching", str(batching)] if batching else []))
    root = str(Path(pipelines.__file__).parents[1])
    path = os.pathsep.join([root, *os.environ.get("PYTHONPATH", "").split(os.pathsep)])
    with tempfile.TemporaryFile() as stderr:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=stderr, text=True, env={**os.environ, "PYTHONPATH": path}
        )
        lines = process.stdout
        assert lines is not None  # a pipe
        try:
            found = next(filter(None, map(_ADDRESSES.fullmatch, lines)), None)
            if found is None:
                stderr.seek(0)
                message = stderr.read().decode(errors="replace").strip().removeprefix("tfmodels: error: ")
                raise ValueError(f"Expected the export to be served. Received: {message}")
            yield Addresses(found["rest"], f"grpc://{found['grpc']}/v1/models/{found['model']}")
        finally:
            process.terminate()
            try:
                process.wait(_SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                process.kill()
            lines.close()
