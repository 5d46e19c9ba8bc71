"""A process that gives up what it does not need: Landlock, where Linux has it (5.13 and later; networks 6.7 and later).

TensorFlow's threads start with its first session, and inherit what the thread that starts them may do.
"""

import contextlib
import ctypes
import os
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # system calls, the same on every processor
_VERSION, _PATH_BENEATH, _NO_NEW_PRIVILEGES = 1, 1, 38
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_OF_FILES = {1: 13, 2: 14, 3: 15, 5: 16}  # version of the interface -> how many rights it knows, from executing on
_OF_NETWORK = 3  # to listen and to connect over TCP
_OF_PROCESSES = 3  # abstract sockets and signals to processes outside
_SYSTEM = (  # what TensorFlow reads, beside its own files
    *("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache"),
    *("/dev/urandom", "/dev/random", "/dev/null"),
    *("/sys/devices/system", "/proc/cpuinfo", "/proc/meminfo", "/proc/self/cmdline", "/proc/self/maps"),
)


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("processes", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def version() -> int:
    """The version of Landlock's interface; 0 where there is none."""
    if sys.platform != "linux":  # where the same numbers are other calls
        return 0
    try:
        return max(0, ctypes.CDLL(None).syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION)))
    except (OSError, AttributeError):  # of a C library without this function
        return 0


def enter(readable: Iterable[Path]) -> bool:
    """Lets this thread, and those that it starts, only read: these folders, and the libraries of Python and the system.

    What is open stays open. Nothing is written, made, deleted or executed any more. Call it once all is imported.

    Args:
        readable: Folders or files.

    Returns:
        Whether the system can do it.

    Example:
        `enter([Path("saved_models/translation/1")])`
    """
    found = version()
    if not found:
        return False
    library = ctypes.CDLL(None)
    rights = max(count for since, count in _OF_FILES.items() if since <= found)
    rules = _Ruleset((1 << rights) - 1, _OF_NETWORK * (found >= 4), _OF_PROCESSES * (found >= 6))
    ruleset = library.syscall(_CREATE_RULESET, ctypes.byref(rules), ctypes.c_size_t(_size(found)), ctypes.c_uint32(0))
    if ruleset < 0:
        return False
    try:
        for path in {*map(Path, _SYSTEM), *_packages(), *readable}:
            with contextlib.suppress(OSError):  # not of this system
                _allow(library, ruleset, path)
        library.prctl(_NO_NEW_PRIVILEGES, *map(ctypes.c_ulong, (1, 0, 0, 0)))
        return library.syscall(_RESTRICT_SELF, ruleset, ctypes.c_uint32(0)) == 0
    finally:
        os.close(ruleset)


def _size(found: int) -> int:
    """The bytes of a ruleset that this version reads."""
    return 8 * (1 + (found >= 4) + (found >= 6))


def _allow(library: ctypes.CDLL, ruleset: int, path: Path) -> None:
    opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        allowed = _READ_FILE | (_READ_FOLDER if path.is_dir() else 0)
        rule = ctypes.byref(_PathBeneath(allowed, opened))
        library.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, ctypes.c_uint32(0))
    finally:
        os.close(opened)


def _packages() -> set[Path]:
    """The folders of Python's own modules, of installed packages, and of this one, which may lie elsewhere."""
    kinds = ("stdlib", "platstdlib", "purelib", "platlib")
    return {Path(__file__).parents[2], *(Path(sysconfig.get_path(kind)) for kind in kinds)}
