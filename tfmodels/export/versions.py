"""Numbered versions of an export, by TensorFlow Serving's rule: a child whose name is an integer is a version."""

import contextlib
import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

RESERVED = "serving"  # the folder of the server's own files among exports: no export has this name
_UNFINISHED = "unfinished-"  # what a workspace's name starts with: no server takes it for a version


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
    """Finds the version that a path means.

    Args:
        path: A version folder, or a folder of versions: then the newest counts.

    Returns:
        The version folder.

    Raises:
        FileNotFoundError: If there is no SavedModel in either place.
    """
    path = Path(path)
    candidates = [path, *list(versions(path).values())[-1:]]
    for candidate in candidates:
        if (candidate / "saved_model.pb").is_file():
            return candidate
    raise FileNotFoundError(
        f"Expected a SavedModel, or a folder whose newest numbered version is one. Received: path={path}"
    )


@contextlib.contextmanager
def workspace(folder: Path) -> Generator[Path]:
    """Makes a folder to write a version in: where it can be renamed from, and unseen by a server.

    It is deleted at the end, with all that is still in it. What a killed process left behind is deleted at the
    beginning of the next: each workspace is locked while its process lives, and the system opens the locks of the dead.

    Args:
        folder: The folder of versions; made if need be.

    Yields:
        The workspace, empty.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _lock(folder):  # between a workspace's making and its locking nobody may look for dead ones
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
    """Moves a finished version to where servers look for it, in one step.

    All of it is on the disk before: after a power cut the version is there whole, or not at all.

    Args:
        version: What was written in a `workspace` of the folder.
        folder: The folder of versions.

    Returns:
        The version's place, under the next free number.
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
            number += 1  # another export was faster
        else:
            _flush(folder)
            return published


def remove_old(folder: Path, keep: int, place: Path) -> None:
    """Deletes the oldest versions.

    Args:
        folder: The folder of versions.
        keep: How many of the newest stay, at least one.
        place: A `workspace` of the folder, which the old versions are moved into: no server sees half of one, and
            they are deleted with it.
    """
    for number, version in list(versions(folder).items())[:-keep]:
        with contextlib.suppress(FileNotFoundError):  # another export was faster
            version.rename(place / f"old-{number}")


@contextlib.contextmanager
def _lock(folder: Path, wait: bool = True) -> Generator[None]:
    """Holds the only lock on a folder; raises `BlockingIOError` if another process has it and one need not wait."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except OSError as error:
            if not wait:  # locked; or on a file system without locks, where nobody is surely dead
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
