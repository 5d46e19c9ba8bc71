"""Lines that TensorFlow and its libraries print to standard error past all loggers, kept from users."""

import os
import re
import sys
import tempfile
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import BinaryIO

_LEVEL = "TF_CPP_MIN_LOG_LEVEL"
_QUIET = "3"
# Of absl and of TensorFlow before it, of SentencePiece, and warnings of Python about packages, with the line they name.
_NOISE = re.compile(
    rb"^(?:[IWE]\d{4} \d\d:|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: [IWE] |WARNING: All log messages before absl"
    rb"|To enable the following instructions:|\w+\.(?:cc|h)\(\d+\) LOG\((?:INFO|WARNING)\)"
    rb"|.*[/\\]site-packages[/\\].*:\d+: \w*Warning: .*\n(?=  ))[^\n]*\n?",
    re.MULTILINE,
)


class _Redirection:
    """Standard error of the process while blocks are open: of all threads together, for there is only one."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.blocks = 0
        self.failed = False
        self.shown = -1
        self.held: BinaryIO | None = None

    def enter(self) -> None:
        with self.lock:
            self.blocks += 1
            if self.blocks > 1:
                return
            try:
                self.held = tempfile.TemporaryFile()  # noqa: SIM115  closed when the last block ends
            except OSError:  # a full disk, a process that may not write
                self.held = None
                return
            _flush()
            self.shown, self.failed = os.dup(2), False
            os.dup2(self.held.fileno(), 2)

    def leave(self, failed: bool) -> None:
        with self.lock:
            self.blocks -= 1
            self.failed |= failed
            if self.blocks or self.held is None:
                return
            _flush()
            os.dup2(self.shown, 2)
            os.close(self.shown)
            with self.held as held:
                held.seek(0)
                printed = held.read()
            os.write(2, printed if self.failed else _NOISE.sub(b"", printed))


_redirection = _Redirection()


@contextmanager
def held_back() -> Generator[None]:
    """Keeps what libraries print to standard error within the block from users, unless the block fails.

    They print before their logs can be configured, and to the standard error of the process. Other lines, such as
    those of loggers, appear at the end of the block; so do all lines if it fails, but not at Ctrl-C or for a wrong
    value. Nothing is held back if the environment has a `TF_CPP_MIN_LOG_LEVEL` other than 3, nor where standard error
    is closed or no temporary file can be made. Blocks of several threads may overlap.

    Example:
        `with held_back(): importlib.import_module("tensorflow")`
    """
    if os.environ.setdefault(_LEVEL, _QUIET) != _QUIET or not _is_open():
        yield
        return
    _redirection.enter()
    failed = True
    try:
        yield
        failed = False
    except (KeyboardInterrupt, ValueError, FileNotFoundError):  # of the user, whom noise does not help
        failed = False
        raise
    finally:
        _redirection.leave(failed)


@contextmanager
def held_back_at_first() -> Generator[None]:
    """As `held_back`, where TensorFlow may be about to be imported; nothing where it has been."""
    if "tensorflow" in sys.modules:
        yield
        return
    with held_back():
        yield


def _is_open() -> bool:
    try:
        os.fstat(2)
    except OSError:
        return False
    return True


def _flush() -> None:
    if sys.stderr is not None and not sys.stderr.closed:
        sys.stderr.flush()
