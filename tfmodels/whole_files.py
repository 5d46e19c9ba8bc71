"""Files that are there as a whole or not at all, however the process that writes them ends."""

import errno
import fcntl
import json
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

REMEDY = "Put it back from a copy, or make the run anew with `tfmodels fit` and --overwrite."
_LARGEST_JSON = 1 << 28  # bytes; the histories, histograms and decisions of runs are far smaller
_OF_DISKS = {getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EFBIG", "EIO", "EROFS", "EACCES", "EPERM")}
UNFINISHED = ".unfinished"  # ends the name of a file that is being written


@contextmanager
def replacing(path: Path) -> Generator[Path]:
    """Context that gives the name of a file to write, which replaces `path` at the end, flushed to the disk.

    Processes that write the same file do so one after the other, where the file system has locks.

    Args:
        path: The file. It stays as it was if an error is raised or the process is killed.

    Yields:
        The file to write, beside `path`; its ending is that of `path`, as some writers want it.

    Raises:
        OSError: The file cannot be written; names `path`.

    Example:
        ```python
        with replacing(run.path / "temperature.npy") as unfinished:
            np.save(unfinished, temperature)
        ```
    """
    unfinished = path.with_name(f"{path.stem}{UNFINISHED}{path.suffix}")
    with naming(path, unfinished), _alone(unfinished):
        try:
            yield unfinished
            flush(unfinished)
            unfinished.replace(path)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise


@contextmanager
def naming(path: Path, written: Path | None = None) -> Generator[None]:
    """Context in which a failing disk names a file: a write to a full one names none.

    Args:
        path: The name that errors get.
        written: The file that is written in its place.

    Raises:
        OSError: The one that was raised, with its name.

    Example:
        `with naming(path), path.open("a") as log: log.write("used")`
    """
    try:
        yield
    except OSError as error:
        if error.filename == str(written) or (error.filename is None and error.errno in _OF_DISKS):
            error.filename = str(path)
            del error.filename2  # of a renaming
        raise


def write(path: Path, content: str | bytes) -> None:
    """Writes a file that appears, or replaces the one before, when it is complete.

    Args:
        path: The file.
        content: All of it; a text is written in UTF-8.

    Raises:
        OSError: It cannot be written; names `path`.

    Example:
        `write(run.path / "config.yaml", text)`
    """
    with replacing(path) as unfinished, unfinished.open("wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)


def append(path: Path, content: str) -> None:
    """Adds to the end of a file.

    Args:
        path: The file, which need not exist.
        content: What is added, in UTF-8.

    Raises:
        OSError: It cannot be written; names `path`.

    Example:
        `append(run.path / "test_uses.log", "tfmodels evaluate mine --split test\n")`
    """
    with naming(path), open_own(path) as file:
        file.write(content.encode())


def open_own(path: Path) -> BinaryIO:
    """Opens a file to read it and to add to its end; a folder may come from anyone, so that a link is not followed.

    Args:
        path: The file, which need not exist.

    Raises:
        OSError: It is a link (`errno.ELOOP`), or cannot be written.

    Example:
        `open_own(run.path / "test_uses.log")`
    """
    return open(str(path), "a+b", opener=lambda name, flags: os.open(name, flags | os.O_NOFOLLOW, 0o666))


def has_name(file: BinaryIO, path: Path) -> bool:
    """Whether an open file is still the one of a name, which another process may have deleted or replaced.

    Args:
        file: The open file.
        path: The name.

    Example:
        `has_name(file, Path("runs/.translation.lock"))`
    """
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def remove(path: Path) -> None:
    """Deletes a file, or a folder with what is in it; of a link only the link, of nothing nothing.

    Args:
        path: What to delete.

    Example:
        `remove(run.assets / "train.7.partial")`
    """
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def read_json(path: Path, remedy: str = REMEDY, largest: int = _LARGEST_JSON) -> Any:
    """Reads a JSON file of a run.

    Args:
        path: The file.
        remedy: What the error says that can be done.
        largest: Bytes that such a file has at most.

    Returns:
        Its content.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: Its content is no JSON in UTF-8, or far larger than such files are; names the file.

    Example:
        `read_json(run.path / "history.json", "`tfmodels fit` with the same options writes it anew.")`
    """
    content = read_bytes(path, remedy, largest)
    try:
        return json.loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise ValueError(f"Expected JSON in {path}, which is damaged. Received: {error}. {remedy}") from None


def read_bytes(path: Path, remedy: str = REMEDY, largest: int = _LARGEST_JSON) -> bytes:
    """Reads a file of a run, which may come from anyone.

    Args:
        path: The file.
        remedy: What the error says that can be done.
        largest: Bytes that such a file has at most.

    Returns:
        Its content.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is far larger than such files are; names the file.

    Example:
        `read_bytes(run.path / "history.json", largest=1 << 24)`
    """
    if not path.is_file():
        raise FileNotFoundError(f"Expected the file {path}. Received: none. {remedy}")
    if path.stat().st_size > largest:
        raise ValueError(f"Expected at most {largest:,} bytes in {path}. Received: {path.stat().st_size:,}. {remedy}")
    return path.read_bytes()


def flush(path: Path) -> None:
    """Waits until a file is on the disk, so that a power failure leaves it whole."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


@contextmanager
def _alone(unfinished: Path) -> Generator[None]:
    """Waits while another process writes a file; the system releases it however that ends."""
    if unfinished.is_symlink():
        unfinished.unlink()
    while True:
        with open_own(unfinished) as file:
            with suppress(OSError):  # of a file system without locks
                fcntl.flock(file, fcntl.LOCK_EX)
            if has_name(file, unfinished):
                yield
                return
