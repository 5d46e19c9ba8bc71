"""The lock of a run: one process trains it, while others may evaluate and export it."""

import fcntl
import os
import socket
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from tfmodels import whole_files


@contextmanager
def held(path: Path) -> Generator[None]:
    """Context that holds the lock of a run. The system releases it however the process ends.

    The lock is a file beside the run, so that it stays while the run's folder is replaced; beside the folder itself
    where the run is a link, which may have several names.

    Args:
        path: Folder of the run.

    Raises:
        ValueError: Another process holds it; names that one.

    Example:
        `with held(Path("runs/translation")): ...`
    """
    folder = path.resolve() if path.is_symlink() else path
    lock = folder.with_name(f".{folder.name}.lock")
    lock.parent.mkdir(parents=True, exist_ok=True)
    with _locked(lock, path) as file:
        file.truncate(0)
        file.write(f"{os.getpid()} on {socket.gethostname()}".encode())
        file.flush()
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)


def _locked(lock: Path, run: Path) -> BinaryIO:
    """The lock's file, locked, and still the one of that name: the process before deletes it when it ends."""
    while True:
        file = whole_files.open_own(lock)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            other = file.read(100).decode(errors="replace") or "unknown"
            file.close()
            raise ValueError(
                f"Expected no other process to train or search the run {run}. Received: process {other} does. Wait for "
                "it or end it, or choose another name with --run."
            ) from None
        except OSError as error:
            print(
                f"warning: the file system of {run} has no locks ({error.strerror}): start no second `tfmodels fit` of "
                "the run while this one works",
                file=sys.stderr,
            )
            return file
        if whole_files.has_name(file, lock):
            return file
        file.close()
