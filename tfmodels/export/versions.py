"""Numbered versions of an export. As for TensorFlow Serving, a child folder with an integer name is a version."""

import contextlib
import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

RESERVED = "serving"  # the folder of the server's configuration files among exports; no export may have this name
_SHOWN = 10  # exports in a message
_UNFINISHED = "unfinished-"  # prefix of the names of workspaces, which no server takes for a version


def is_version(name: str) -> bool:
    """Whether TensorFlow Serving takes a folder of this name for a version."""
    return name.isascii() and name.isdecimal() and int(name) < 2**63


def versions(folder: Path) -> dict[int, Path]:
    """Lists the versions in a folder.

    Args:
        folder: The folder of versions; need not exist.

    Returns:
        Version -> its folder, oldest first.
    """
    children = folder.iterdir() if folder.is_dir() else ()
    numbered = {int(child.name): child for child in children if is_version(child.name)}
    return dict(sorted(numbered.items()))


def version_folder(path: str | Path) -> Path:
    """Resolves a path to a version folder.

    Args:
        path: A version folder, or a folder of versions, of which the newest is taken.

    Returns:
        The version folder.

    Raises:
        FileNotFoundError: If neither is a SavedModel.
    """
    path = Path(path)
    candidates = [path, *list(versions(path).values())[-1:]]
    for candidate in candidates:
        if (candidate / "saved_model.pb").is_file():
            return candidate
    raise FileNotFoundError(
        f"Expected a SavedModel, or a folder whose newest numbered version is one. Received: path={path}{_there(path)}"
    )


def _there(path: Path) -> str:
    """What a folder that is no export has in place of one, with a leading comma; empty for nothing of note."""
    if not path.is_dir():
        return ""
    folders = sorted(child for child in path.iterdir() if child.is_dir())
    if path.name.startswith(_UNFINISHED) or any(child.name.startswith(_UNFINISHED) for child in folders):
        return ", where an export is being written or was ended before it was whole; when none runs, export again"
    exports = [str(child) for child in folders if any(map(is_version, os.listdir(child)))]
    more = f" and {len(exports) - _SHOWN:,} more" if len(exports) > _SHOWN else ""
    return f", a folder of exports; choose one: {', '.join(exports[:_SHOWN])}{more}" if exports else ""


@contextlib.contextmanager
def workspace(folder: Path) -> Generator[Path]:
    """Makes a temporary folder for writing a version, on the same file system and ignored by servers.

    It is deleted at the end, with whatever is still in it. Workspaces that killed processes left behind are deleted
    first: a process locks its workspace, and the operating system releases the lock when the process ends.

    Args:
        folder: The folder of versions; created if needed.

    Yields:
        The empty workspace.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _lock(folder):  # so that nobody deletes a workspace before it is locked
        for left in folder.glob(f"{_UNFINISHED}*"):
            with contextlib.suppress(BlockingIOError, FileNotFoundError), _lock(left, wait=False):
                shutil.rmtree(left)
        place = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=folder))
        lock = contextlib.ExitStack()
        lock.enter_context(_lock(place))
    with lock:
        try:
            yield place
        finally:
            shutil.rmtree(place)


def publish(version: Path, folder: Path) -> Path:
    """Moves a finished version to the folder of versions in one step.

    All its files are flushed to disk first: after a power cut the version is complete, or not there.

    Args:
        version: The version, in a `workspace` of the folder.
        folder: The folder of versions.

    Returns:
        The published version, under the next free number.
    """
    for parent, _, files in os.walk(version):
        for path in (*(Path(parent, file) for file in files), Path(parent)):
            _flush(path)
    number = max(versions(folder), default=0) + 1
    while True:
        try:
            published = version.rename(folder / str(number))
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            number += 1  # another export took this number
        else:
            _flush(folder)
            return published


def remove_old(folder: Path, keep: int, place: Path) -> None:
    """Deletes the oldest versions.

    Args:
        folder: The folder of versions.
        keep: How many of the newest to keep, at least one.
        place: A `workspace` of the folder. Old versions are moved into it first and deleted with it, so no server
            sees a version that is half deleted.
    """
    for number, version in list(versions(folder).items())[:-keep]:
        with contextlib.suppress(FileNotFoundError):  # another export removed it
            version.rename(place / f"old-{number}")


@contextlib.contextmanager
def _lock(folder: Path, wait: bool = True) -> Generator[None]:
    """Locks a folder exclusively; without `wait`, raises `BlockingIOError` if another process holds the lock."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except OSError as error:
            if not wait:  # locked, or a file system without locks, where nothing tells if the process is alive
                raise BlockingIOError(f"Expected {folder} to be unlocked.") from error
        yield
    finally:
        os.close(descriptor)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
