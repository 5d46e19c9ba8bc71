"""What was once made of large files, kept in an index, runs/.index, for all runs on the same files.

An entry is a folder named after a digest of its key, which stands in its `key.json`: path, size and time of change of
each file, and whatever else the content depends on. So files that change get a new entry. Any entry may be deleted at
any time: runs have hard links to its files, which take no room on the disk and outlive it, or copies where the file
system has no such links.
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

_FORMAT = 1  # to be raised when other content is made for the same key
_KEY, _CONTENT = "key.json", "content"


def stamp(paths: Iterable[Path]) -> list[list]:
    """What tells, without reading them, whether files are the same as before.

    Args:
        paths: The files.

    Returns:
        Path, size in bytes and time of change in nanoseconds of each.

    Example:
        `stamp([Path("train.en")])` -> `[["/home/me/train.en", 812, 1732612345678901234]]`
    """
    found = [(path.resolve(), path.stat()) for path in paths]
    return [[str(path), status.st_size, status.st_mtime_ns] for path, status in found]


def entry(index: Path, key: dict[str, Any], make: Callable[[Path], Any]) -> Path:
    """What was made for a key, by this call if not by an earlier one.

    Of several processes that want the same entry one makes it and the others wait. It appears when it is complete.

    Args:
        index: Folder of all entries.
        key: All that the content depends on, as JSON has it.
        make: Writes the content, a file or a folder, to the path that it is called with.

    Returns:
        The content, not to be changed.

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
    """Makes a file or folder of a run, with what the index has for it; nothing if it is there.

    Args:
        target: The file or folder; it appears when it is complete, if what `make` writes does.
        index: See `entry`.
        key: The same; None for what is not to be shared.
        make: The same.

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
    shutil.rmtree(partial, ignore_errors=True)  # of a process that was killed and had this number
    if content.is_dir():
        shutil.copytree(content, partial, copy_function=_link)
    else:
        _link(content, partial)
    partial.rename(target)


def _make(folder: Path, key: str, make: Callable[[Path], Any]) -> None:
    partial = folder.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)  # of a process that was killed
    partial.mkdir()
    try:
        (partial / _KEY).write_text(key)
        make(partial / _CONTENT)
        for path in filter(Path.is_file, partial.rglob("*")):  # a power failure keeps no name without its content
            with path.open("rb") as file:
                os.fsync(file.fileno())
        partial.rename(folder)
    except BaseException:
        shutil.rmtree(partial)
        raise


@contextlib.contextmanager
def _locked(path: Path) -> Generator[None]:
    """Holds a lock that the system gives back when the process ends, however it does."""
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
    except OSError:  # another file system, or one without links
        shutil.copy2(source, target)
