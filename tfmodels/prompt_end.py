"""A process that ends within five seconds of SIGTERM or SIGINT, also while a library holds the interpreter.

Python's handlers of signals run when the interpreter is free. What the system runs at once writes the signal's number
to a socket, from which a child process reads it; it kills the process that has not ended some seconds later.
As a program this module is that child: `python prompt_end.py PARENT SOCKET`.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any, Self

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_SECONDS_TO_END = 4.0  # by itself, with status 0
_SECONDS_TO_LIVE = 4.5
_SECONDS_BETWEEN_LOOKS = 0.05


class PromptEnd:
    """Context in which the first SIGTERM or SIGINT ends this process within five seconds, whatever it does.

    It ends at once with status 0, or once it has tidied up, if it said how with `tidy_up`. One that does not end so is
    killed. To be entered in the main thread, before anything that may hold the interpreter.

    Example:
        ```python
        with PromptEnd() as ending:
            import tensorflow
        ```
    """

    def __enter__(self) -> Self:
        self._received = False
        self._folders: list[str] = []
        self._tidy_up = self._end
        self._socket, theirs = socket.socketpair()
        self._socket.setblocking(False)
        with theirs:
            words = [sys.executable, "-I", "-S", __file__, str(os.getpid()), str(theirs.fileno())]
            self._child = subprocess.Popen(
                words, pass_fds=[theirs.fileno()], start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        self._wakeup = signal.set_wakeup_fd(self._socket.fileno(), warn_on_full_buffer=False)
        self._handlers = {number: signal.signal(number, self._receive) for number in _SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        if self._received:  # the process is to end: the child sees to that
            return
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup)
        self._socket.close()
        self._child.wait()

    def tidy_up(self, action: Callable[[], Any]) -> None:
        """Says what to do after a signal, in the event loop that runs; what it starts has some seconds to end.

        Args:
            action: Called once.

        Example:
            `ending.tidy_up(stop.set)`
        """
        loop = asyncio.get_running_loop()
        loop.add_reader(self._socket, self._woken, loop)
        self._tidy_up = lambda: loop.call_soon_threadsafe(action)

    def delete(self, folder: str) -> None:
        """Names a folder that is deleted when a signal ends the process.

        Args:
            folder: Its path.

        Example:
            `ending.delete(tempfile.mkdtemp())`
        """
        self._folders.append(folder)

    def _end(self) -> None:
        for folder in self._folders:
            shutil.rmtree(folder, ignore_errors=True)
        end_now()

    def _receive(self, number: int, frame: FrameType | None) -> None:
        if self._received:
            return
        self._received = True
        timer = threading.Timer(_SECONDS_TO_END, self._end)
        timer.daemon = True
        timer.start()
        self._tidy_up()

    def _woken(self, loop: asyncio.AbstractEventLoop) -> None:
        """The child has sent a signal's number back, so that the event loop wakes and Python runs its handler."""
        with contextlib.suppress(OSError):
            if self._socket.recv(1000):
                return
        loop.remove_reader(self._socket)  # the child has ended


def end_now() -> None:
    """Ends the process with status 0, whatever its threads do."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):  # such as a reader that has gone
            stream.flush()
    os._exit(0)


def _watch(parent: int, descriptor: int) -> None:
    for number in _SIGNALS:  # sent to a group of processes, or a service
        signal.signal(number, signal.SIG_IGN)
    with socket.socket(fileno=descriptor) as ours:
        while (byte := ours.recv(1)) and byte[0] not in _SIGNALS:
            pass
        if not byte:  # the process has ended
            return
        with contextlib.suppress(OSError):  # it ends just now
            ours.send(byte)
        end = time.monotonic() + _SECONDS_TO_LIVE
        while os.getppid() == parent:  # with the socket open, for later signals
            if time.monotonic() > end:
                os.kill(parent, signal.SIGKILL)
            time.sleep(_SECONDS_BETWEEN_LOOKS)


if __name__ == "__main__":
    _watch(int(sys.argv[1]), int(sys.argv[2]))
