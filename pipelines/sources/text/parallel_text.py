"""The readers of parallel text that the option `data` names."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pipelines.sources import data_cache
from pipelines.sources.text import pair_files
from pipelines.sources.text.mixture import Component, parse
from pipelines.sources.text.pair import Pair

Reader = Callable[[str], Iterator[Pair]]


@dataclass(frozen=True)
class PairFiles:
    """The reader of a folder of pairs of text files.

    Attributes:
        files: The source file and the target file of each split.

    Example:
        `next(PairFiles(pair_files.find_splits("multi30k", "en", "de"))("train"))`
    """

    files: dict[str, tuple[Path, Path]]

    def __call__(self, split: str) -> Iterator[Pair]:
        """Reads a split line by line, with the errors of `pair_files.check`."""
        return pair_files.read(*self.files[split])

    def stamp(self, split: str) -> list[list[Any]]:
        """Identifies the content of the files of a split without reading them, see `data_cache.stamp`."""
        return data_cache.stamp(self.files[split])

    def check(self, split: str, index: Path) -> int:
        """Counts the lines of a split, as `pair_files.check`. Unchanged files are not read again."""
        found = data_cache.entry(
            index,
            {"lines": self.stamp(split)},
            lambda content: content.write_text(str(pair_files.check(*self.files[split]))),
        )
        return int(found.read_text())


def reader(data: str, source: str, target: str, examples: int, seed: int) -> Reader:
    """Finds the data and checks all that can be checked without reading it.

    Args:
        data: `cldr` (generated phrases), `tfds:NAME` (a translation data set of TensorFlow Datasets), or a folder
            of text files.
        source: Language, or Babel locale, to translate from.
        target: Language, or Babel locale, to translate to.
        examples: Number of training pairs of generated phrases.
        seed: Seed of the generated phrases.

    Returns:
        A function that takes "train", "validation" or "test" and yields the pairs of that split.

    Raises:
        FileNotFoundError: A file or folder is missing.
        ValueError: A locale, data set or language is unknown.
    """
    if data == "cldr":
        from pipelines.sources.synthetic import cldr_phrases

        cldr_phrases.check(source, target, examples)
        return partial(cldr_phrases.read, source=source, target=target, seed=seed, examples=examples)
    if data.startswith("tfds:"):
        from pipelines.sources.tfds import tfds_pairs

        name = data.removeprefix("tfds:")
        languages = tfds_pairs.find_languages(name)
        if {source, target} != set(languages):
            raise ValueError(
                f"Expected source and target to be the languages of {name}, {' and '.join(languages)}. "
                f"Received: source={source!r}, target={target!r}"
            )
        return partial(tfds_pairs.read, name=name, source=source, target=target)
    return PairFiles(pair_files.find_splits(data, source, target))


def files(data: str, source: str, target: str) -> list[Path]:
    """Finds the files of all sources, separated as by `mixture.parse`; none of generated phrases and of TFDS.

    Raises:
        FileNotFoundError: A file or folder is missing.
        ValueError: Several files match, or `data` cannot be parsed.

    Example:
        `files("my/texts*3,cldr", "en", "de")`
    """
    named = (part.name for part in parse(data) if part.name != "cldr" and not part.name.startswith("tfds:"))
    found = (pair_files.find_splits(name, source, target) for name in named)
    return [path for splits in found for paths in splits.values() for path in paths]


def readers(data: str, source: str, target: str, examples: int, seed: int) -> list[tuple[Component, Reader]]:
    """Finds several sources, separated as by `mixture.parse`.

    Args:
        data: One or more of what `reader` takes, such as `my/texts*3,cldr`.
        source: Language, or Babel locale, to translate from.
        target: Language, or Babel locale, to translate to.
        examples: Number of training pairs of generated phrases.
        seed: Seed of the generated phrases.

    Returns:
        The sources in order, each with its reader.

    Raises:
        FileNotFoundError: As `reader`; the message names the source.
        ValueError: As `reader`, or `data` cannot be parsed.

    Example:
        `readers("my/texts*3,cldr", "en", "de", 30_000, 1)`
    """
    found = []
    for part in parse(data):
        try:
            found.append((part, reader(part.name, source, target, examples, seed)))
        except (FileNotFoundError, ValueError) as error:
            if part.name == data:
                raise
            raise type(error)(f"{error}, of the source {part.name!r} in data={data!r}") from None
    return found
