"""What the command says of failures that lie in the system: files, disks, processes, signals."""

import errno
import os
import signal
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

TERMINATED = 143  # exit status, as a shell gives it for SIGTERM

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


class Terminated(KeyboardInterrupt):
    """SIGTERM: ends the work as Ctrl-C does."""


@contextmanager
def terminated_like_interrupted() -> Generator[None]:
    """Context in which SIGTERM raises `Terminated`, so that what is open is closed and the last line is printed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def open_closed_streams() -> None:
    """Opens standard streams that are closed, so that no file of ours gets their numbers, and with it others' messages.

    What is written to standard output fails then, and what is written to standard error is lost.
    """
    for number, flags in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, flags)  # gets the lowest number that is free
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115  for the whole process
    sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115  print takes None for standard output


def drop_output() -> None:
    """Drops what standard output still holds: Python's flush at the end must not fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def of_system(error: OSError) -> str | None:
    """A sentence on a disk or a permission, with what can be done.

    Args:
        error: The error.

    Returns:
        The sentence; None for other errors.

    Example:
        `of_system(OSError(errno.ENOSPC, "No space left on device", "runs/a/config.yaml"))`
    """
    place = error.filename if error.filename is not None else f"{Path.cwd()}, or where standard output goes"
    if error.errno in _FULL:
        return (
            f"Expected room on the disk for {place}. Received: {error.strerror}. Free some; what was complete before "
            "is kept, and the same command without --overwrite goes on."
        )
    if error.errno in _FORBIDDEN:
        return (
            f"Expected permission to read and write {place}. Received: {error.strerror}. Change its owner or its mode "
            "(`ls -ld` shows them), or work in another folder."
        )
    if error.errno == errno.ELOOP:
        return (
            f"Expected a file at {place}. Received: a link, which is not followed to write, since a run may come from "
            "anyone. Delete the link."
        )
    if error.errno == errno.EBADF and error.filename is None:
        return f"Expected to write to standard output. Received: {error.strerror}: it is closed."
    if error.errno == errno.EIO:
        return f"Expected to read and write {place}. Received: {error.strerror}: the disk may be damaged."
    return None


def _terminate(number: int, frame: FrameType | None) -> None:
    raise Terminated
