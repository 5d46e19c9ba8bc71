"""Parallel text in files: line i of one file belongs to line i of the other, or both texts are in one line."""

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from itertools import zip_longest
from pathlib import Path

from pipelines.sources.files import file_formats, text_lines
from pipelines.sources.split_names import SPLIT_OF, SPLITS
from pipelines.sources.text import pair_names
from pipelines.sources.text.pair import Pair

_TABLE = re.compile(rf"({'|'.join(SPLIT_OF)})(?:[^a-z].*)?\.(?:csv|tsv|jsonl|ndjson|json|parquet|pq)", re.DOTALL)
_NAMING = (
    "named SPLIT.LANGUAGE or SPLIT.LANGUAGE.gz, such as train.en, val.en (or valid, validation, dev) and test.en.gz; "
    "SPLIT.src and SPLIT.tgt, or src-SPLIT.txt and tgt-SPLIT.txt; or tables of both languages, such as train.tsv"
)


def find_splits(data: str | Path, source: str, target: str, needed: str = "train") -> dict[str, tuple[Path, ...]]:
    """Finds the files of each split by their names.

    The files are in the folder itself or in one of its subfolders. Of several subfolders that have all the files, such
    as `raw` and `tok`, the one named `raw` is used. A folder without files for the languages may have tables for the
    splits instead: `train.tsv`, `val.jsonl`, `test.csv.gz`. What else names may be: see `pair_names.find`.

    Args:
        data: The folder of the files, or one file, which is all training data.
        source: The language to translate from, as the file names end: "en".
        target: The language to translate to, likewise.
        needed: The split that there must be.

    Returns:
        Of that split, and of others if they have files, the source file and the target file, or a table. After the
        target file follow those of further references, but for training.

    Raises:
        FileNotFoundError: The folder, or a file of the training split, is missing, or that of one language of another.
        ValueError: Both languages are the same, or several folders or files match.

    Example:
        `find_splits("multi30k", "en", "de")["train"]` ->
        `(Path("multi30k/raw/train.en.gz"), Path("multi30k/raw/train.de.gz"))`
    """
    folder = Path(data)
    if source == target:
        raise ValueError(f"Expected two different languages. Received: source={source!r}, target={target!r}")
    if folder.is_file():
        return {"train": (folder,)}
    if not folder.is_dir():
        raise FileNotFoundError(
            "Expected a folder with pairs of text files, or a file of pairs. "
            f"Received: folder={file_formats.missing(folder)}"
        )
    languages = (source, target)
    files: dict[Path, pair_names.Files] = {}
    for place in (folder, *sorted(path for path in folder.iterdir() if path.is_dir())):
        if found := pair_names.find(place, languages):
            files[place] = found
    if not files and (tables := _tables(folder, needed)):
        return tables
    place = folder if folder in files else _choose(folder, files, languages)
    found = files.get(place, {})
    there = [split for split in SPLITS if split == needed or {split} & {name for name, _ in found}]
    return {split: _paths(found, place, split, languages) for split in there}


def read(source_path: str | Path, target_path: str | Path, *others: str | Path, encoding: str = "") -> Iterator[Pair]:
    """Reads a pair of files line by line, with the line ends of `text_lines.read`.

    Args:
        source_path: The texts to translate, plain or `.gz`.
        target_path: Their translations.
        *others: Further references.
        encoding: Encoding of all. Empty = UTF-8.

    Yields:
        The pairs, without a kind.

    Raises:
        FileNotFoundError: A file is missing.
        ValueError: A line is empty or in another encoding, the files have different numbers of lines, or a `.gz` is
            damaged; the message names file and line.

    Example:
        `next(read("train.en", "train.de"))` -> `Pair("A dog runs.", "Ein Hund rennt.")`
    """
    paths = [Path(path) for path in (source_path, target_path, *others)]
    files = [_lines(path, encoding) for path in paths]
    for row, lines in enumerate(zip_longest(*files)):
        if None in lines:
            # Those that go on have yielded `row + 1` lines; the rest of them is counted.
            both = zip(lines, files, strict=True)
            counts = [row if line is None else row + 1 + sum(1 for _ in file) for line, file in both]
            received = ", ".join(f"{count} lines in {path}" for count, path in zip(counts, paths, strict=True))
            raise ValueError(
                f"Expected as many lines in {'both' if len(paths) == 2 else 'all'} files. Received: {received}"
            )
        source, target, *more = lines
        yield Pair(source, target, others=tuple(more))


def read_tabbed(path: str | Path) -> Iterator[Pair]:
    """Reads a file of lines `source<TAB>target`, with the line ends and errors of `read`.

    Args:
        path: The file, plain or `.gz`, in UTF-8. One side of a line may be empty.

    Yields:
        The pairs, without a kind.

    Raises:
        FileNotFoundError: The file is missing.
        ValueError: A line is empty, is not UTF-8 or does not have exactly one tab, or a `.gz` is damaged; the message
            names file and line.

    Example:
        `next(read_tabbed("pairs.tsv"))` -> `Pair("A dog runs.", "Ein Hund rennt.")`
    """
    for number, line in enumerate(_lines(Path(path)), start=1):
        sides = line.split("\t")
        if len(sides) != 2:
            raise ValueError(
                f"Expected source and target separated by one tab in each line. "
                f"Received: {len(sides) - 1} tabs, {path}, line {number}"
            )
        yield Pair(sides[0], sides[1])


def _lines(path: Path, encoding: str = "") -> Iterator[str]:
    lines = text_lines.read(path, encoding)
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            others = _blank(lines)
            raise ValueError(
                "Expected text in each line; leave such pairs out, in all files, or write what is missing. "
                f"Received: an empty line, {path}, line {number}{f', and {others:,} more' if others else ''}"
            )
        yield line


def _blank(lines: Iterator[str]) -> int:
    """How many lines hold no text, up to the first that cannot be read."""
    count = 0
    with suppress(ValueError):
        for line in lines:
            count += not line.strip()
    return count


def _tables(folder: Path, needed: str) -> dict[str, tuple[Path, ...]]:
    """The table of each split."""
    found: defaultdict[str, list[Path]] = defaultdict(list)
    for path in sorted(folder.iterdir()):
        name = _TABLE.fullmatch(path.name.removesuffix(".gz"))
        if name and path.is_file() and file_formats.of(path) != "lines":
            found[SPLIT_OF[name[1]]].append(path)
    if needed not in found:
        return {}
    for split, paths in found.items():
        if len(paths) > 1:
            raise ValueError(
                f"Expected one file of the {split} split; move the others to another folder. "
                f"Received: {', '.join(map(str, paths))}"
            )
    return {split: (found[split][0],) for split in SPLITS if split in found}


def _choose(folder: Path, files: dict[Path, pair_names.Files], languages: tuple[str, str]) -> Path:
    """The subfolder to read. If there is none, the folder itself, for the error message."""
    keys = [(split, side) for split in SPLITS for side in (0, 1)]
    complete = [place for place, found in files.items() if all(key in found for key in keys)]
    places = complete or list(files) or [folder]
    raw = [place for place in places if place.name == "raw"]
    if len(places) > 1 and not raw:
        raise ValueError(
            f"Expected one subfolder with text files of {languages[0]!r} and {languages[1]!r}. "
            f"Received: folder={str(folder)!r}; choose one of {', '.join(str(place) for place in places)}"
        )
    return (raw or places)[0]


def _paths(files: pair_names.Files, place: Path, split: str, languages: tuple[str, str]) -> tuple[Path, ...]:
    """The file of the source and those of the target; of training the first."""
    sources, targets = (_of_side(files, place, split, side, language) for side, language in enumerate(languages))
    return sources[0], *(targets[:1] if split == "train" else targets)


def _of_side(files: pair_names.Files, place: Path, split: str, side: int, language: str) -> list[Path]:
    paths = files.get((split, side), [])
    if not paths:
        there = ", ".join(path.name for path in sorted(place.iterdir())) or "nothing"
        raise FileNotFoundError(
            f"Expected a file of the {split} split in language {language!r}, {_NAMING}. "
            f"Received: folder={str(place)!r}, which has {there}"
        )
    if not pair_names.are_references(paths):
        raise ValueError(
            f"Expected one file of the {split} split in language {language!r}, or several references with a number at "
            f"the end; move the others to another folder. Received: {', '.join(str(path) for path in paths)}"
        )
    return paths
