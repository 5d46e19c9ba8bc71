"""Digests of the files of a version: whether they are still those that were exported.

They find what was altered, lost, added or left from another version. They do not say who wrote a version: whoever can
change its files can change their digests, too.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tfmodels.export.json_file import read_object

_NAME = "assets.extra/digests.json"
_OF_THE_SERVER = {"batching_params.pbtxt"}  # which its operators may put beside a model
_SHARDS = "variables/variables.data-"


def write_digests(version: Path) -> None:
    """Writes the size and the SHA-256 of each file of a finished version.

    Args:
        version: The version folder.
    """
    found = {name: {"bytes": path.stat().st_size, "sha256": _sha256(path)} for name, path in sorted(_files(version))}
    (version / _NAME).write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def check_digests(version: Path) -> str:
    """Refuses a version whose files are not those that were exported.

    Files of variables are compared by size alone: TensorFlow compares each tensor with the checksum in their index
    when it reads it, and the index is compared here. So the check reads a few megabytes, however large the model is.

    Args:
        version: The version folder.

    Returns:
        A sentence if nothing is known, because the version is of the time before digests; else an empty text.

    Raises:
        ValueError: If a file is altered, missing, added or no regular file.

    Example:
        `check_digests(Path("saved_models/translation/1"))` -> `""`
    """
    if not (version / _NAME).is_file():
        return (
            f"{version} has no digests, as exports of earlier versions: whether its files are those that were "
            "exported is not known"
        )
    kept, found = read_object(version / _NAME), dict(_files(version))
    for name in sorted(kept.keys() | found.keys()):
        if name not in found or not found[name].is_file():
            raise _changed(version, name, "missing, or no regular file")
        if name not in kept:
            raise _changed(version, name, "added")
        if not _is_same(found[name], name, kept[name]):
            raise _changed(version, name, "of other content than was exported")
    return ""


def identity(version: Path) -> str:
    """A short text that differs between versions of another graph or other weights.

    Args:
        version: The version folder.

    Example:
        `identity(Path("saved_models/translation/1"))` -> `"3f0c9a1b2c4d5e6f"`
    """
    of_both = (version / name for name in ("saved_model.pb", "variables/variables.index"))
    found = "".join(_sha256(path) for path in of_both if path.is_file())
    return hashlib.sha256(found.encode()).hexdigest()[:16]


def _is_same(path: Path, name: str, kept: Any) -> bool:
    if not isinstance(kept, dict) or path.stat().st_size != kept.get("bytes"):
        return False
    return name.startswith(_SHARDS) or _sha256(path) == kept.get("sha256")


def _files(version: Path) -> Iterator[tuple[str, Path]]:
    """Name within the version -> path, of all files but that of the digests; links to folders are not followed."""
    for folder, _, names in os.walk(version):
        for path in (Path(folder, name) for name in names):
            name = path.relative_to(version).as_posix()
            if name != _NAME and name not in _OF_THE_SERVER:
                yield name, path


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _changed(version: Path, name: str, how: str) -> ValueError:
    return ValueError(
        f"Expected the files of {version} as they were exported. Received: {name!r}, {how}. Copy the export again, or "
        "export it again."
    )
