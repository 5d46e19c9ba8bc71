"""Calling a function in a child process, which may run out of memory without harm to this one."""

import multiprocessing
import signal
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from tfmodels.training.devices.memory import available_memory

_SECONDS_BETWEEN_CHECKS = 0.1
_LEAST_AVAILABLE = 2**29  # bytes; below it the machine would start to swap, or the kernel to kill processes


def run_in_child(
    function: Callable[..., Any], *arguments: Any, available: Callable[[], int | None] = available_memory
) -> Any:
    """Calls `function(*arguments)` in a new process.

    Args:
        function: A function at the top level of a module.
        *arguments: Its arguments. They and the result are pickled.
        available: Returns the available memory in bytes, None if unknown. Below half a GiB the child is killed.

    Returns:
        The function's result.

    Raises:
        MemoryError: The function raised it, or the child was killed, as the kernel does when memory runs out.
        RuntimeError: The child exited without a result.
        Exception: Any other error of the function, with the child's traceback as a note.

    Example:
        `run_in_child(os.getpid)`
    """
    context = multiprocessing.get_context("spawn")  # TensorFlow's threads do not run in a forked child
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_call, args=(sender, function, arguments), daemon=True)
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
        if child.exitcode is not None and child.exitcode < 0:
            raise MemoryError(f"killed by {signal.Signals(-child.exitcode).name}") from None
        raise RuntimeError(f"Expected a result of the child process. Received: {child.exitcode=}") from None
    finally:
        child.kill()
        child.join()
    if error:
        raise error
    return result


def _call(sender: Connection, function: Callable[..., Any], arguments: tuple) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # on an interrupt the parent ends this process
    try:
        sender.send((function(*arguments), None))
    except Exception as error:
        error.add_note(f"In the child process:\n{traceback.format_exc()}")
        sender.send((None, error))
