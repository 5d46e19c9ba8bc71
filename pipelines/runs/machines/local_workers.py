"""Several processes of this machine that train together, to try it."""

import contextlib
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator, Sequence
from pathlib import Path

from pipelines.runs.machines.lost_machine import STATUS, LostMachineError
from tfmodels import parent_process

HOST = "127.0.0.1"
_SECONDS_BETWEEN_CHECKS, _SECONDS_TO_END = 0.2, 60.0
_SHOWN = 2_000  # characters of a worker's last lines


def run(count: int, command: Sequence[str]) -> int:
    """Trains in several processes, of which the first prints as one alone would.

    Args:
        count: How many.
        command: The words after `tfmodels`, without `--workers`.

    Returns:
        The exit status of the first.

    Raises:
        LostMachineError: Another one ended before it.

    Example:
        `run(2, ["fit", "translation", "--run", "pair"])`
    """
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        addresses = ",".join(f"{HOST}:{port}" for port in _free_ports(count))
        logs = [Path(folder, f"worker-{index}.log") for index in range(count)]
        workers = [
            stack.enter_context(
                _started([*command, "--workers", addresses, "--worker", str(index)], log if index else None)
            )
            for index, log in enumerate(logs)
        ]
        while (status := workers[0].poll()) is None:
            for index, worker in enumerate(workers[1:], start=1):
                if worker.poll():
                    raise LostMachineError(
                        f"Expected {count} processes to train to the end. Received: worker {index} ended with status "
                        f"{worker.returncode}. Its last lines:\n{logs[index].read_text(errors='replace')[-_SHOWN:]}"
                    )
            time.sleep(_SECONDS_BETWEEN_CHECKS)
        deadline = time.monotonic() + (0 if status else _SECONDS_TO_END)
        while any(worker.poll() is None for worker in workers) and time.monotonic() < deadline:
            time.sleep(_SECONDS_BETWEEN_CHECKS)
        return STATUS if status < 0 else status


@contextlib.contextmanager
def _started(command: Sequence[str], log: Path | None) -> Generator[subprocess.Popen]:
    """A `tfmodels` command in a process and a session of its own, which is ended with the context."""
    with contextlib.ExitStack() as stack:
        output = None if log is None else stack.enter_context(log.open("wb"))
        process = subprocess.Popen(
            parent_process.command("tfmodels", *command), stdout=output, stderr=output, start_new_session=True
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((HOST, 0))
        return [one.getsockname()[1] for one in sockets]
