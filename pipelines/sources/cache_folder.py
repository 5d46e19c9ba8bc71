"""The folder of the data cache: its locks, its copies, and how long entries stay."""

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Generator
from pathlib import Path

from tfmodels import whole_files

_CLONE = 0x40049409  # FICLONE of Linux: the copy shares the blocks until one side is written
_MOST_DAYS, _MOST_BYTES = 90, 50 << 30  # an entry stays that long after its last use; all have that many bytes together
_PARTIAL, _DISCARDED, _LOCK = ".partial", ".discarded", ".lock"


@contextlib.contextmanager
def locked(entry: Path) -> Generator[None]:
    """Holds the lock of an entry, which the system releases however the process ends.

    Where the file system has no locks, or the cache is deleted meanwhile, two processes may make the same entry: each
    in a folder of its own.

    Args:
        entry: Folder of the entry.
    """
    entry.parent.mkdir(parents=True, exist_ok=True)
    with whole_files.open_own(entry.with_suffix(_LOCK)) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Waiting for another process that prepares the same data.")
            fcntl.flock(file, fcntl.LOCK_EX)
        except OSError:
            pass
        for left in entry.parent.glob(f"{entry.name}*{_PARTIAL}"):  # by killed processes
            whole_files.remove(left)
        yield


def partial_of(entry: Path) -> Path:
    """Folder in which this process makes an entry."""
    return entry.with_name(f"{entry.name}.{os.getpid()}{_PARTIAL}")


def mark_used(entry: Path) -> None:
    """Keeps an entry for another while."""
    with contextlib.suppress(OSError):
        os.utime(entry)


def delete_unused(index: Path, kept: Path) -> None:
    """Deletes what was not used for 90 days, and the entries unused for longest above 50 GiB in all; says so.

    Args:
        index: Folder of all entries.
        kept: An entry that is in use.
    """
    oldest, room, gone = time.time() - 86_400 * _MOST_DAYS, _MOST_BYTES, 0
    with contextlib.suppress(FileNotFoundError):  # another process deletes, too
        for path in sorted(index.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True):
            is_entry = path.is_dir() and not path.suffix
            room -= _size(path) if is_entry else 0
            if path != kept and (path.stat().st_mtime < oldest or (is_entry and room < 0)):
                discard(path) if path.is_dir() else path.unlink()
                gone += is_entry
    if gone:
        print(
            f"note: deleted {gone:,} entries of the data cache {index} that were not used for {_MOST_DAYS} days, or "
            f"for longest above {_MOST_BYTES >> 30} GiB; runs have their own copies"
        )


def discard(entry: Path) -> None:
    """Deletes an entry, which loses its name first: half an entry never counts."""
    gone = entry.with_name(f"{entry.name}.{os.getpid()}{_DISCARDED}")
    with contextlib.suppress(FileNotFoundError):
        entry.rename(gone)
    whole_files.remove(gone)


def clone(source: str | Path, target: str | Path) -> None:
    """Copies a file; takes no space where the file system shares blocks (Btrfs, XFS)."""
    with Path(source).open("rb") as read, Path(target).open("wb") as written:
        try:
            fcntl.ioctl(written, _CLONE, read.fileno())
        except OSError:
            shutil.copyfileobj(read, written, 1 << 20)


def _size(entry: Path) -> int:
    return sum(path.stat().st_size for path in entry.rglob("*") if path.is_file())
