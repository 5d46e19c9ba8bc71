"""Calling a function in a process of its own, which may run out of memory without harm."""

import multiprocessing
import signal
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from tfmodels.training.devices.memory import available_memory

_SECONDS_BETWEEN_LOOKS = 0.1
_LEAST_AVAILABLE = 2**29  # bytes: below that the machine would begin to swap, or the kernel to kill


def run_in_child(
    function: Callable[..., Any], *arguments: Any, room: Callable[[], int | None] = available_memory
) -> Any:
    """Calls `function(*arguments)` in a new process.

    Args:
        function: Of a module's top level.
        *arguments: Its arguments; they and its result are pickled.
        room: Bytes of memory that are left, None if that is not known; where they become less than half a GiB, the
            child is killed.

    Returns:
        Its result.

    Raises:
        MemoryError: The function raised one, or the child was killed, as the kernel does when memory runs out.
        RuntimeError: The child ended itself.
        Exception: What else the function raised, the trace in the child as a note.

    Example:
        `run_in_child(os.getpid)`
    """
    context = multiprocessing.get_context("spawn")  # a fork would inherit TensorFlow's threads, which do not run there
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_call, args=(sender, function, arguments), daemon=True)
    child.start()
    sender.close()  # the child's end is the only one left, so that its death ends the pipe
    try:
        while not receiver.poll(_SECONDS_BETWEEN_LOOKS):
            left = room()
            if left is not None and left < _LEAST_AVAILABLE:
                raise MemoryError("stopped: the machine has hardly any memory left")
        result, error = receiver.recv()
    except EOFError:
        child.join()
        if child.exitcode < 0:
            raise MemoryError(f"killed by {signal.Signals(-child.exitcode).name}") from None
        raise RuntimeError(f"Expected a result of the child process. Received: {child.exitcode=}") from None
    finally:
        child.kill()
        child.join()
    if error:
        raise error
    return result


def _call(sender: Connection, function: Callable[..., Any], arguments: tuple) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupted parent ends this process
    try:
        sender.send((function(*arguments), None))
    except Exception as error:
        error.add_note(f"In the child process:\n{traceback.format_exc()}")
        sender.send((None, error))
