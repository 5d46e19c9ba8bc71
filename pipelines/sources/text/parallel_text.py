"""Where parallel text comes from, by what the option `data` says."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pipelines.sources import data_cache
from pipelines.sources.text import text_pairs
from pipelines.sources.text.mixture import Weighted, parse
from pipelines.sources.text.pair import Pair

Reader = Callable[[str], Iterator[Pair]]


@dataclass(frozen=True)
class TextFiles:
    """The reader of a folder of text files.

    Attributes:
        files: The source file and the target file of each split.

    Example:
        `next(TextFiles(text_pairs.find_splits("multi30k", "en", "de"))("train"))`
    """

    files: dict[str, tuple[Path, Path]]

    def __call__(self, split: str) -> Iterator[Pair]:
        """Reads a split line by line, with the checks and errors of `text_pairs.check`."""
        return text_pairs.read(*self.files[split])

    def stamp(self, split: str) -> list[list]:
        """What tells whether the files of a split have changed."""
        return data_cache.stamp(self.files[split])

    def check(self, split: str, index: Path) -> int:
        """Counts the lines of a split, as `text_pairs.check`; files that the index has as they are are not read."""
        found = data_cache.entry(
            index,
            {"lines": self.stamp(split)},
            lambda content: content.write_text(str(text_pairs.check(*self.files[split]))),
        )
        return int(found.read_text())


def reader(data: str, source: str, target: str, examples: int, seed: int) -> Reader:
    """Finds the data and checks what can be checked without reading it.

    Args:
        data: `cldr` (generated phrases), `tfds:NAME` (a translation set of TensorFlow Datasets), or a folder
            of text files.
        source: Language, or Babel locale, to translate from.
        target: The same to translate to.
        examples: Training pairs of generated phrases.
        seed: Of generated phrases.

    Returns:
        A function from "train", "validation" or "test" to that split's pairs.

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
    return TextFiles(text_pairs.find_splits(data, source, target))


def readers(data: str, source: str, target: str, examples: int, seed: int) -> list[tuple[Weighted, Reader]]:
    """Finds several sources, as `weighted.parse` takes them apart.

    Args:
        data: One or more of what `reader` takes, such as `my/texts*3,cldr`.
        source: As for `reader`, in all of them; so are the others.
        target: The same to translate to.
        examples: Training pairs of generated phrases.
        seed: Of generated phrases.

    Returns:
        The sources in their order, each with its reader.

    Raises:
        FileNotFoundError: As of `reader`; the message names the source.
        ValueError: The same, or `data` cannot be taken apart.

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
