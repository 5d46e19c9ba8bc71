"""Fingerprints of data files: what was read, and what of it has changed since."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, get_type_hints

from pipelines.sources import data_cache
from tfmodels import whole_files

_CHUNK = 1 << 20  # bytes read at a time
_REMEMBERED_FROM = 1 << 26  # bytes; a smaller file is read in less time than it takes to remember it
_LARGEST = 1 << 63  # of numbers: bytes, rows and nanoseconds
_SHOWN = 80  # characters in a message
_COMPRESSED = (".gz", ".parquet", ".pq")  # newlines in them are no rows


@dataclass(frozen=True)
class Fingerprint:
    """What is known of a file, or of all files in a folder together.

    Attributes:
        path: Its absolute path.
        files: Number of files: 1, unless it is a folder.
        size: Bytes.
        lines: Number of newlines; -1 where they are no rows: in compressed files.
        modified: When it was last written, in nanoseconds since 1970.
        changed: When anything about it last changed, its name included, likewise; it cannot be set back.
        digest: SHA-256 of the content; of a folder, of the names and digests in it.

    Example:
        `Fingerprint("/home/me/test.en", 1, 812, 30, 1732612345678901234, 1732612345678901234, "9f86d0...")`
    """

    path: str
    files: int
    size: int
    lines: int
    modified: int
    changed: int
    digest: str


_TYPES = get_type_hints(Fingerprint)


def take(paths: Iterable[Path], index: Path) -> list[Fingerprint]:
    """Reads files and fingerprints them. Large ones are not read again while they stay as they are.

    Args:
        paths: Files, and folders of files, which count as one.
        index: Folder of the data cache.

    Returns:
        The fingerprints, in the order of the paths, each path once.

    Raises:
        FileNotFoundError: A path does not exist.

    Example:
        `take([Path("train.en"), Path("train.de")], run.index)[0].digest`
    """
    return [_folder(path, index) if path.is_dir() else _file(path, index) for path in _once(paths)]


def missing(kept: Sequence[Fingerprint]) -> list[Fingerprint]:
    """Those of some fingerprinted files that are not there any more."""
    return [one for one in kept if not _is_there(Path(one.path))]


def changes(kept: Sequence[Fingerprint], index: Path) -> list[str]:
    """Compares files with what they were; a file whose times and size are the same is not read.

    Args:
        kept: What `take` returned. Files that are not there any more are left out.
        index: Folder of the data cache.

    Returns:
        A line for each file with another content, with its size, rows and time then and now.

    Example:
        `changes(take([path], index), index)` -> `[]`
    """
    there = [one for one in kept if _is_there(Path(one.path))]
    doubtful = [one for one in there if _stamp(Path(one.path)) != (one.size, one.modified, one.changed)]
    now = take((Path(one.path) for one in doubtful), index)
    return [
        f"{then.path}: {_described(then)} then, {_described(found)} now"
        for then, found in zip(doubtful, now, strict=True)
        if found.digest != then.digest
    ]


def write(found: Sequence[Fingerprint], path: Path) -> None:
    """Writes fingerprints as JSON."""
    whole_files.write(path, json.dumps([asdict(one) for one in found], indent=1, ensure_ascii=False))


def read(path: Path) -> list[Fingerprint]:
    """Reads what `write` wrote; refuses a file of another form."""
    kept = whole_files.read_json(path)
    if not isinstance(kept, list) or not all(map(_is_fingerprint, kept)):
        names = ", ".join(_TYPES)
        raise ValueError(
            f"Expected fingerprints of data files in {path}: a list of {names}. Received: {str(kept)[:_SHOWN]}"
        )
    return [Fingerprint(**one) for one in kept]


def _is_fingerprint(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == _TYPES.keys()
        and all(type(value[name]) is kind for name, kind in _TYPES.items())
        and all(abs(number) < _LARGEST for number in value.values() if isinstance(number, int))
    )


def _is_there(path: Path) -> bool:
    """Whether a path is a file or a folder; a pipe or a device, which never ends, is none."""
    return path.is_file() or path.is_dir()


def _once(paths: Iterable[Path]) -> Iterator[Path]:
    return iter(dict.fromkeys(path.resolve() for path in paths))


def _file(path: Path, index: Path) -> Fingerprint:
    size, modified, changed = _stamp(path)

    def digest() -> str:
        return json.dumps(_digest(path))

    found = digest() if size < _REMEMBERED_FROM else _remembered(path, [size, modified, changed], index, digest)
    content, lines = json.loads(found)
    return Fingerprint(str(path), 1, size, lines, modified, changed, content)


def _remembered(path: Path, stamp: list[int], index: Path, digest: Callable[[], str]) -> str:
    key = {"digest": [str(path), *stamp]}
    return data_cache.text(index, key, digest)


def _folder(path: Path, index: Path) -> Fingerprint:
    found = [_file(file, index) for file in _files_in(path)]
    names = "".join(f"{Path(one.path).relative_to(path)}\0{one.digest}\n" for one in found)
    digest = hashlib.sha256(names.encode(errors="surrogateescape")).hexdigest()
    return Fingerprint(str(path), len(found), *_stamp(path)[:1], -1, *_stamp(path)[1:], digest)


def _files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _stamp(path: Path) -> tuple[int, int, int]:
    """Bytes, and the latest times of writing and of changing; of a folder, over its files."""
    status = [file.stat() for file in ([path, *_files_in(path)] if path.is_dir() else [path])]
    size = sum(one.st_size for one in (status[1:] if path.is_dir() else status))
    return size, max(one.st_mtime_ns for one in status), max(one.st_ctime_ns for one in status)


def _digest(path: Path) -> tuple[str, int]:
    """SHA-256 of a file, and its number of newlines."""
    digest, lines = hashlib.sha256(), 0
    left = path.stat().st_size  # no more is read: what the kernel offers as files has no size and may have no end
    with path.open("rb") as file:
        while chunk := file.read(min(_CHUNK, left)):
            digest.update(chunk)
            lines += chunk.count(b"\n")
            left -= len(chunk)
    return digest.hexdigest(), -1 if path.suffix in _COMPRESSED else lines


def _described(one: Fingerprint) -> str:
    when = datetime.fromtimestamp(one.modified / 1e9).isoformat(" ", timespec="seconds")
    rows = f"{one.lines:,} lines, " if one.lines >= 0 else ""
    files = f"{one.files:,} files, " if one.files > 1 else ""
    return f"{files}{rows}{one.size:,} bytes, of {when}"
