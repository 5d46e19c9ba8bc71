"""What lies in a folder beside the files of its splits, and so is not read."""

from collections.abc import Collection
from pathlib import Path

from pipelines.sources.files import file_formats

_SHOWN = 5


def not_read(folder: Path, read: Collection[Path]) -> str:
    """Names the tables of a folder that are not read, and the files that end like those that are.

    Args:
        folder: The folder.
        read: The files, or folders, of its splits.

    Returns:
        A sentence; empty if there is nothing else.

    Example:
        `not_read(Path("load"), [Path("load/train.csv"), Path("load/test.csv")])`
    """
    kinds = {*map(_kind, read), *file_formats.TABLES}
    found = sorted(path.name for path in folder.iterdir() if path not in read and _kind(path) in kinds)
    others = [name for name in found if not name.startswith(".")]
    if not others:
        return ""
    more = f" and {len(others) - _SHOWN:,} more" if len(others) > _SHOWN else ""
    return (
        f"not read in {folder}: {', '.join(others[:_SHOWN])}{more}, since other files there are named after splits "
        "(train, val, test)"
    )


def _kind(path: Path) -> str:
    return "folder" if path.is_dir() else Path(path.name.lower().removesuffix(".gz")).suffix
