"""The files of a version, looked at before TensorFlow opens them."""

import os
import stat
from pathlib import Path

_MOST_FILES = 10_000


def files_of(version: Path) -> frozenset[tuple[str, int, int]]:
    """Lists the files of a version with sizes and times, which change while it is being copied.

    Args:
        version: Its folder.

    Returns:
        Name, size and time of each file, of a link those of what it leads to.
    """
    found = set()
    for path in _paths(version)[:_MOST_FILES]:
        try:
            status = path.stat()
        except OSError:  # a link to nothing, or a file that has just gone
            found.add((str(path), -1, -1))
        else:
            found.add((str(path), status.st_size, status.st_mtime_ns))
    return frozenset(found)


def check_files(version: Path) -> None:
    """Refuses a version with files that TensorFlow would wait for, or that lie elsewhere.

    Args:
        version: Its folder; may itself be a link.

    Raises:
        ValueError: If a file is not a regular file inside the version.
    """
    root = version.resolve()
    paths = _paths(root)
    if len(paths) > _MOST_FILES:
        raise ValueError(f"Expected at most {_MOST_FILES} files in a version. Received: more in {version}")
    for path in paths:
        problem = _problem(path, root)
        if problem:
            raise ValueError(f"Expected regular files inside the version only. Received: {path}, {problem}")


def _problem(path: Path, root: Path) -> str:
    try:
        target = path.resolve(strict=True)
        mode = target.stat().st_mode
    except (OSError, RuntimeError):  # RuntimeError: links in a circle, before Python 3.13
        return "a link that leads nowhere; remove it"
    if not target.is_relative_to(root):
        return f"a link to {target}; copy the file into the version"
    return "" if stat.S_ISREG(mode) or stat.S_ISDIR(mode) else "a pipe, socket or device; remove it"


def _paths(version: Path) -> list[Path]:
    """The files and folders of a version, up to one more than the limit; links are not followed."""
    paths: list[Path] = []
    for folder, folders, files in os.walk(version):
        paths += [Path(folder, name) for name in (*folders, *files)]
        if len(paths) > _MOST_FILES:
            return paths[: _MOST_FILES + 1]
    return paths
