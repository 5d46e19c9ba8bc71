"""A cache of data prepared from large files, in the folder runs/.index, shared by all runs on the same files.

An entry is a folder named by a digest of its key, which its `key.json` contains: path, size and modification time of
each file, and whatever else the content depends on. Changed files therefore get a new entry. The files of an entry are
read-only and have digests; an entry that was changed all the same is made anew. Runs get copies, clones where the file
system can: nothing that is done to a run reaches another. Any entry may be deleted at any time.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from pipelines.sources import cache_folder
from tfmodels import whole_files

_FORMAT = 2  # to be raised when the same key gets other content
_KEY, _DIGESTS, _CONTENT = "key.json", "digests.json", "content"


class CacheDeletedError(Exception):
    """The cache was deleted or changed while it was used: what is needed must be made without it."""


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

    Raises:
        CacheDeletedError: The cache was deleted meanwhile.

    Example:
        `entry(run.index, {"lines": stamp([path])}, lambda content: content.write_text(str(count(path))))`
    """
    written = json.dumps({"format": _FORMAT, **key}, indent=1, sort_keys=True)
    folder = index / hashlib.sha256(written.encode()).hexdigest()[:32]
    if not _is_sound(folder):
        with cache_folder.locked(folder):
            if not _is_sound(folder):
                _make(folder, written, make)
                cache_folder.delete_unused(index, kept=folder)
    cache_folder.mark_used(folder)
    return folder / _CONTENT


def text(index: Path, key: dict[str, Any], make: Callable[[], str]) -> str:
    """Returns the text for a key, and makes it if an earlier call has not.

    Args:
        index: Folder of all entries.
        key: Everything that the text depends on, in types of JSON.
        make: Makes the text.

    Returns:
        The text.

    Example:
        `text(run.index, {"lines": stamp([path])}, lambda: str(count(path)))`
    """
    made: list[str] = []

    def write(path: Path) -> None:
        made.append(make())
        path.write_text(made[0], encoding="utf-8")

    try:
        return entry(index, key, write).read_text(encoding="utf-8")
    except (CacheDeletedError, OSError):  # the latter is raised again if it is not about the cache, such as a full disk
        return made[0] if made else make()


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
    partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
    whole_files.remove(partial)  # left by a killed process with the same id
    try:
        _copy(entry(index, key, make), partial)
    except CacheDeletedError:
        make(target)
    else:
        partial.rename(target)


def _copy(content: Path, partial: Path) -> None:
    try:
        if content.is_dir():
            shutil.copytree(content, partial, copy_function=cache_folder.clone)
        else:
            cache_folder.clone(content, partial)
    except (FileNotFoundError, shutil.Error) as error:
        if _is_sound(content.parent):
            raise
        whole_files.remove(partial)
        raise CacheDeletedError from error
    if not _is_sound(content.parent, partial):  # the entry was checked before it was copied
        whole_files.remove(partial)
        raise CacheDeletedError


def _make(folder: Path, key: str, make: Callable[[Path], Any]) -> None:
    if folder.exists():
        print(f"note: what the data cache holds in {folder} was changed; it is made anew")
        cache_folder.discard(folder)
    partial = cache_folder.partial_of(folder)
    try:
        partial.mkdir()
        (partial / _KEY).write_text(key, encoding="utf-8")
        make(partial / _CONTENT)
        content = [path for path in sorted((partial / _CONTENT).rglob("*")) if path.is_file()] or [partial / _CONTENT]
        digests = {str(path.relative_to(partial)): _digest(path) for path in content}
        (partial / _DIGESTS).write_text(json.dumps(digests, indent=1), encoding="utf-8")
        for path in (partial / _KEY, partial / _DIGESTS, *content):
            whole_files.flush(path)  # a power failure leaves no empty files
            path.chmod(0o444)
        partial.rename(folder)
    except BaseException as error:
        deleted = not partial.exists()
        shutil.rmtree(partial, ignore_errors=True)
        if deleted and isinstance(error, OSError):
            raise CacheDeletedError from error
        raise


def _is_sound(folder: Path, copy: Path | None = None) -> bool:
    """Whether there is an entry, and its content, or a copy of it, as it was made."""
    content = copy or folder / _CONTENT
    try:
        digests = json.loads((folder / _DIGESTS).read_bytes())
        return all(_digest(content / Path(name).relative_to(_CONTENT)) == digest for name, digest in digests.items())
    except (OSError, ValueError, AttributeError):
        return False


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
