"""A folder that appears only when it is complete."""

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_folder(folder: Path) -> Generator[Path]:
    """Context that makes a temporary folder and renames it to `folder` at the end, unless an error was raised.

    Args:
        folder: The folder to make; must not exist.

    Yields:
        The temporary folder, beside `folder`.

    Example:
        ```python
        with atomic_folder(Path("rows")) as partial:
            (partial / "index.json").write_text("{}")
        ```
    """
    partial = folder.with_name(f"{folder.name}.{os.getpid()}.partial")
    shutil.rmtree(partial, ignore_errors=True)  # left by an earlier process that failed and had the same number
    partial.mkdir(parents=True)
    yield partial
    partial.rename(folder)
