"""The names of files of parallel text: which split, which side, which of several references."""

import re
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from pipelines.sources.split_names import SPLIT_OF

_SPLIT = f"({'|'.join(SPLIT_OF)})(?:[^a-z].*?)?"
_NUMBER = r"(?:\.?(\d+))?"
# OpenNMT: train.src, tgt-val.txt.
_SIDES = (("src", "source"), ("tgt", "target"))
_PREFIXED = re.compile(rf"(src|source|tgt|target)[-_.]{_SPLIT}\.txt{_NUMBER}", re.DOTALL)
_SUFFIXED = re.compile(rf"{_SPLIT}\.({'|'.join(name for side in _SIDES for name in side)}){_NUMBER}", re.DOTALL)

Files = dict[tuple[str, int], list[Path]]


class _Named(NamedTuple):
    split: str
    side: int
    number: int
    rest: str


def find(place: Path, languages: tuple[str, str]) -> Files:
    """The files of a folder by split and side.

    Of several references, `test.de`, `test.de.1` or `test.de0`, `test.de1`, all are found, in the order of their
    numbers. Where no file ends with a language, the names of OpenNMT are taken: `train.src`, `train.tgt` or
    `src-train.txt`, `tgt-train.txt`, `val` and `test` likewise.

    Args:
        place: The folder.
        languages: What the names of source and target end with.

    Returns:
        Split and side, 0 for source and 1 for target -> the files: of one text several references, or else files of
        several texts, among which nobody can choose.

    Example:
        `find(Path("multi30k/tok"), ("en", "de"))["test", 1]`
    """
    paths = sorted(path for path in place.iterdir() if path.is_file())
    by_language = re.compile(rf"{_SPLIT}\.({'|'.join(map(re.escape, languages))}){_NUMBER}", re.DOTALL)
    found = {path: named for path in paths if (named := _of_language(path.name, by_language, languages))}
    found = found or {path: named for path in paths if (named := _of_side(path.name))}
    grouped: defaultdict[tuple[str, int], list[Path]] = defaultdict(list)
    for path in sorted(found, key=lambda path: (found[path].rest, found[path].number)):
        grouped[found[path].split, found[path].side].append(path)
    return dict(grouped)


def are_references(paths: list[Path]) -> bool:
    """Whether files are of one text: their names are the same but for a number at the end.

    Example:
        `are_references([Path("test.de"), Path("test.de.1")])` -> `True`
    """
    return len({re.sub(r"\.?\d+$", "", path.name.removesuffix(".gz")) for path in paths}) == 1


def _of_language(name: str, pattern: re.Pattern[str], languages: tuple[str, str]) -> _Named | None:
    found = pattern.fullmatch(name.removesuffix(".gz"))
    return _named(found[1], languages.index(found[2]), found[3], name) if found else None


def _of_side(name: str) -> _Named | None:
    name = name.removesuffix(".gz")
    if found := _PREFIXED.fullmatch(name):
        return _named(found[2], int(found[1] in _SIDES[1]), found[3], name)
    if found := _SUFFIXED.fullmatch(name):
        return _named(found[1], int(found[2] in _SIDES[1]), found[3], name)
    return None


def _named(split: str, side: int, number: str | None, name: str) -> _Named:
    rest = name.removesuffix(".gz").removesuffix(number or "").removesuffix(".")
    return _Named(SPLIT_OF[split], side, int(number) if number else -1, rest)
