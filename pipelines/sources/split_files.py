"""The files, or folders, of splits in a folder, and what lies beside them, and so is not read."""

import re
from collections.abc import Collection
from pathlib import Path

from pipelines.sources.files import file_formats
from pipelines.sources.split_names import SPLIT_OF

_SHOWN = 5


def find(path: Path, what: str) -> dict[str, Path]:
    """Finds the file or folder of each split, known by a word of its name; training first.

    Args:
        path: The folder, or a file, which is all training data.
        what: What is looked for, for messages.

    Returns:
        Split -> file or folder.

    Raises:
        FileNotFoundError: There is no such file or folder, or no training split in it.
        ValueError: There are several files of a split.

    Example:
        `find(Path("squad"), "questions")` -> `{"train": Path("squad/train-v1.1.json"), ...}`
    """
    if path.is_file():
        return {"train": path}
    if not path.is_dir():
        raise FileNotFoundError(f"Expected a file or folder of {what}. Received: data={file_formats.missing(path)}")
    found: dict[str, Path] = {}
    for one in sorted(path.iterdir()):
        split = _split_of(one)
        if split in found:
            raise ValueError(
                f"Expected one file or folder of the {split} split; move the others away. "
                f"Received: {found[split]}, {one}"
            )
        if split:
            found[split] = one
    if "train" not in found:
        there = ", ".join(one.name for one in sorted(path.iterdir())) or "nothing"
        raise FileNotFoundError(
            "Expected a file or folder of the training split, with the word `train` in its name. "
            f"Received: data={str(path)!r}, which has {there}"
        )
    return {split: found[split] for split in dict.fromkeys(SPLIT_OF.values()) if split in found}


def of_other(data: str, split: str) -> list[Path]:
    """Finds the file, or folder, of a split of other data than was prepared.

    Args:
        data: A file, which is read whole, or a folder, which may lack the training split.
        split: The split, of a folder.

    Returns:
        The file or folder; none of data that is not in files.

    Raises:
        FileNotFoundError: There is no such split in the folder.

    Example:
        `of_other("squad", "validation")` -> `[Path("squad/dev-v1.1.json")]`
    """
    path = Path(data)
    if not path.is_dir():
        return [path] if path.is_file() else []
    found = {_split_of(one): one for one in sorted(path.iterdir()) if _split_of(one)}
    if split not in found:
        there = ", ".join(sorted(name for name in found if name)) or "none"
        raise FileNotFoundError(
            f"Expected --split to choose one of the splits in {data}: {there}. Received: split={split!r}"
        )
    return [found[split]]


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


def _split_of(path: Path) -> str | None:
    words = re.split(r"[^a-z]+", path.name.lower())
    return next((SPLIT_OF[word] for word in words if word in SPLIT_OF), None)
