"""A folder that appears only when it is complete."""

import errno
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tfmodels import whole_files

_NOTHING = 1 << 20  # bytes; with fewer left a disk is full


@contextmanager
def atomic_folder(folder: Path) -> Generator[Path]:
    """Context that makes a temporary folder and renames it to `folder` at the end, unless an error was raised.

    Args:
        folder: The folder to make; must not exist.

    Yields:
        The temporary folder, beside `folder`.

    Raises:
        OSError: A file in it cannot be written; names the folder if the system named no file.

    Example:
        ```python
        with atomic_folder(Path("rows")) as partial:
            (partial / "index.json").write_text("{}")
        ```
    """
    partial = folder.with_name(f"{folder.name}.{os.getpid()}.partial")
    shutil.rmtree(partial, ignore_errors=True)  # left by an earlier process that failed and had the same number
    partial.mkdir(parents=True)
    try:
        yield partial
        for path in filter(Path.is_file, partial.rglob("*")):
            whole_files.flush(path)
        partial.rename(folder)
    except BaseException as error:
        full = shutil.disk_usage(folder.parent).free < _NOTHING
        shutil.rmtree(partial, ignore_errors=True)
        if isinstance(error, OSError) and error.filename is None:  # NumPy gives no number either
            number = error.errno or (errno.ENOSPC if full else errno.EIO)
            known = error.errno or full or not str(error)
            raise OSError(number, os.strerror(number) if known else str(error), str(folder)) from error
        raise
