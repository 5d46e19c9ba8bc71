"""Processes that end when the one that started them ends, however it ended.

As a program it runs a module so: `python -m tfmodels.parent_process PARENT MODULE ARGUMENTS ...`.
"""

import ctypes
import os
import runpy
import signal
import sys
import threading
import time

_PR_SET_PDEATHSIG = 1  # of Linux' prctl
_SECONDS_BETWEEN_CHECKS = 1.0  # elsewhere


def end_with(parent: int) -> None:
    """Ends this process as soon as its parent has ended, also by SIGKILL.

    On Linux the kernel does that, even while a library holds the interpreter; elsewhere a thread looks for the parent.

    Args:
        parent: Process id of the parent, from the parent itself: it may have ended already.

    Example:
        In a child process that was given `os.getpid()` of its parent: `end_with(parent)`
    """
    if not _asked_of_the_kernel():
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    _end_without(parent)


def command(module: str, *arguments: str) -> list[str]:
    """The command that runs a module in a child of this process and ends with it.

    Args:
        module: Full name of the module.
        *arguments: Its command line arguments.

    Returns:
        The words of the command.

    Example:
        `subprocess.run(command("tfmodels", "recipes"))`
    """
    return [sys.executable, "-m", "tfmodels.parent_process", str(os.getpid()), module, *arguments]


def _asked_of_the_kernel() -> bool:
    if sys.platform != "linux":
        return False
    return ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL) == 0


def _watch(parent: int) -> None:
    while True:
        time.sleep(_SECONDS_BETWEEN_CHECKS)
        _end_without(parent)


def _end_without(parent: int) -> None:
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    _, started_by, name, *rest = sys.argv
    end_with(int(started_by))
    sys.argv = [name, *rest]
    runpy.run_module(name, run_name="__main__", alter_sys=True)
