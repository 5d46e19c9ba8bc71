"""Threads for work that may never end."""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

_Job = tuple[Future | None, Callable[..., Any], tuple[Any, ...], dict[str, Any]]


class DaemonPool(Executor):
    """Daemon threads, started when they are needed.

    Unlike `ThreadPoolExecutor`, it never keeps the process alive: nothing can end a call of TensorFlow that does not
    return.

    Args:
        threads: Maximum number of threads.
        name: Their name.

    Example:
        `DaemonPool(2, "parser").submit(json.loads, body).result()`
    """

    def __init__(self, threads: int, name: str) -> None:
        self._most = threads
        self._name = name
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._unclaimed = 0  # idle threads, less jobs that wait for them

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future:
        """Runs a function in a thread, see `Executor.submit`."""
        future: Future = Future()
        self._add((future, function, args, kwargs))
        return future

    def start(self, function: Callable[..., None], /, *args: Any) -> None:
        """Runs a function in a thread that nobody waits for, and that raises no error."""
        self._add((None, function, args, {}))

    def shutdown(self, wait: bool = False, *, cancel_futures: bool = False) -> None:
        """Ends the threads when they have done what was submitted; never waits for them."""
        with self._lock:
            for _ in range(self._threads):
                self._jobs.put(None)

    def _add(self, job: _Job) -> None:
        with self._lock:
            self._unclaimed -= 1
            start = self._unclaimed < 0 and self._threads < self._most
            self._threads += start
        self._jobs.put(job)
        if start:
            threading.Thread(target=self._work, name=self._name, daemon=True).start()

    def _work(self) -> None:
        while self._work_once():  # each job in a call of its own: an idle thread keeps nothing alive
            pass

    def _work_once(self) -> bool:
        with self._lock:
            self._unclaimed += 1
        job = self._jobs.get()
        if job is None:
            return False
        future, function, args, kwargs = job
        if future is None:
            function(*args)
        elif future.set_running_or_notify_cancel():
            try:
                result = function(*args, **kwargs)
            except BaseException as error:
                future.set_exception(error)
                del job, future, args, kwargs  # else the error would keep this frame, and the frame the error
            else:
                future.set_result(result)
        return True


def in_thread(function: Callable[..., Any], /, *args: Any) -> Future:
    """Calls a function in a daemon thread of its own.

    Args:
        function: The function.
        *args: Its arguments.

    Returns:
        The future of its result.
    """
    pool = DaemonPool(1, function.__name__)
    future = pool.submit(function, *args)
    pool.shutdown()
    return future
