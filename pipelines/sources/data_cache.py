"""A cache of data prepared from large files, in the folder runs/.index, shared by all runs on the same files.

An entry is a folder named by a digest of its key, which its `key.json` contains: path, size and modification time of
each file, and whatever else the content depends on. Changed files therefore get a new entry. Any entry may be deleted
at any time: runs have hard links to its files, which take no disk space and outlive it, or copies where the file system
has no hard links.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import Any

_FORMAT = 1  # to be raised when the same key gets other content
_KEY, _CONTENT = "key.json", "content"


def stamp(paths: Iterable[Path]) -> list[list[Any]]:
    """Identifies the content of files without reading them.

    Args:
        paths: The files.

    Returns:
        Path, size in bytes and modification time in nanoseconds of each file.

    Example:
        `stamp([Path("train.en")])` -> `[["/home/me/train.en", 812, 1732612345678901234]]`
    """
    found = [(path.resolve(), path.stat()) for path in paths]
    return [[str(path), status.st_size, status.st_mtime_ns] for path, status in found]


def entry(index: Path, key: dict[str, Any], make: Callable[[Path], Any]) -> Path:
    """Returns the content for a key, and makes it if an earlier call has not.

    If several processes ask for the same entry, one makes it and the others wait. An entry appears when it is complete.

    Args:
        index: Folder of all entries.
        key: Everything that the content depends on, in types of JSON.
        make: Writes the content, a file or a folder, to the path that it is given.

    Returns:
        The file or folder with the content, which must not be changed.

    Example:
        `entry(run.index, {"lines": stamp([path])}, lambda content: content.write_text(str(count(path)))).read_text()`
    """
    text = json.dumps({"format": _FORMAT, **key}, indent=1, sort_keys=True)
    folder = index / hashlib.sha256(text.encode()).hexdigest()[:32]
    if not folder.exists():
        index.mkdir(parents=True, exist_ok=True)
        with _locked(folder.with_suffix(".lock")):
            if not folder.exists():
                _make(folder, text, make)
    return folder / _CONTENT


def provide(target: Path, index: Path, key: dict[str, Any] | None, make: Callable[[Path], Any]) -> None:
    """Makes a file or folder of a run from the content of its entry, if it does not exist yet.

    Args:
        target: The file or folder. It appears when it is complete; without a key, as `make` writes it.
        index: Folder of all entries.
        key: Everything that the content depends on; None for content that is not cached.
        make: Writes the content, a file or a folder, to the path that it is given.

    Example:
        `provide(run.assets / "subwords.model", run.index, {"subwords": stamp(files)}, partial(train_subwords, texts))`
    """
    if target.exists():
        return
    if key is None:
        make(target)
        return
    content = entry(index, key, make)
    partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
    shutil.rmtree(partial, ignore_errors=True)  # left by a killed process with the same id
    if content.is_dir():
        shutil.copytree(content, partial, copy_function=_link)
    else:
        _link(content, partial)
    partial.rename(target)


def _make(folder: Path, key: str, make: Callable[[Path], Any]) -> None:
    partial = folder.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)  # left by a killed process
    partial.mkdir()
    try:
        (partial / _KEY).write_text(key)
        make(partial / _CONTENT)
        for path in filter(Path.is_file, partial.rglob("*")):  # a power failure leaves no empty files
            with path.open("rb") as file:
                os.fsync(file.fileno())
        partial.rename(folder)
    except BaseException:
        shutil.rmtree(partial)
        raise


@contextlib.contextmanager
def _locked(path: Path) -> Generator[None]:
    """Holds a lock, which the system releases however the process ends."""
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Waiting for another process that prepares the same data.")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _link(source: str | Path, target: str | Path) -> None:
    Path(target).unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without hard links
        shutil.copy2(source, target)
