"""Calling a function in a child process, which may run out of memory without harm to this one."""

import multiprocessing
import os
import signal
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from tfmodels import parent_process
from tfmodels.training.devices.memory import available_memory, kills_for_memory

_SECONDS_BETWEEN_CHECKS = 0.1
_LEAST_AVAILABLE = 2**29  # bytes; below it the machine would start to swap, or the kernel to kill processes


def run_in_child(
    function: Callable[..., Any],
    *arguments: Any,
    available: Callable[[], int | None] = available_memory,
    kills: Callable[[], int | None] = kills_for_memory,
) -> Any:
    """Calls `function(*arguments)` in a new process, which ends with this one.

    Args:
        function: A function at the top level of a module.
        *arguments: Its arguments. They and the result are pickled.
        available: Returns the available memory in bytes, None if unknown. Below half a GiB the child is killed.
        kills: Returns how many processes the kernel has killed because memory ran out, None if unknown.

    Returns:
        The function's result.

    Raises:
        MemoryError: The function raised it, or the kernel killed the child because memory ran out.
        ChildProcessError: The child crashed, was killed by someone, or exited without a result.
        Exception: Any other error of the function, with the child's traceback as a note.

    Example:
        `run_in_child(os.getpid)`
    """
    context = multiprocessing.get_context("spawn")  # TensorFlow's threads do not run in a forked child
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_call, args=(os.getpid(), sender, function, arguments), daemon=True)
    killed_before = kills()
    child.start()
    sender.close()  # so that the pipe ends when the child does
    try:
        while not receiver.poll(_SECONDS_BETWEEN_CHECKS):
            left = available()
            if left is not None and left < _LEAST_AVAILABLE:
                raise MemoryError("stopped: the machine has too little memory left")
        result, error = receiver.recv()
    except EOFError:
        child.join()
        raise _why_it_ended(child.exitcode, killed_before, kills()) from None
    finally:
        child.kill()
        child.join()
    if error:
        raise error
    return result


def _why_it_ended(status: int | None, killed_before: int | None, killed_now: int | None) -> Exception:
    """The error for a child that gave no result. Only what the kernel counts as such was killed for its memory."""
    if status is None or status >= 0:
        return ChildProcessError(f"Expected a result of the child process. Received: exit status {status}")
    name = signal.Signals(-status).name
    if status != -signal.SIGKILL:
        return ChildProcessError(f"Expected a result of the child process. Received: a crash, {name}")
    if killed_before is None or killed_now is None:
        return ChildProcessError(f"{name} ended the child process: its memory may have run out, or someone killed it")
    if killed_now > killed_before:
        return MemoryError(f"out of memory: the kernel ended the child process by {name}")
    return ChildProcessError(f"{name} ended the child process; its memory had not run out")


def _call(parent: int, sender: Connection, function: Callable[..., Any], arguments: tuple) -> None:
    parent_process.end_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # on an interrupt the parent ends this process
    try:
        sender.send((function(*arguments), None))
    except Exception as error:
        error.add_note(f"In the child process:\n{traceback.format_exc()}")
        sender.send((None, error))
