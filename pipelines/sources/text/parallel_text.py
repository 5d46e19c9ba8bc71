"""The readers of parallel text that the option `data` names."""

import contextlib
import functools
import json
from collections.abc import Callable, Generator, Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from pipelines.progress.progress_bars import progress
from pipelines.sources import data_cache, split_files
from pipelines.sources.split_names import SPLITS
from pipelines.sources.text import pair_files, pair_survey, pair_tables
from pipelines.sources.text.mixture import Component, parse
from pipelines.sources.text.pair import Pair
from pipelines.sources.text.pair_form import PairForm
from pipelines.sources.text.pair_survey import Survey

PHRASES, REPORTS = "cldr", "synthetic"
Reader = Callable[[str], Iterator[Pair]]


@dataclass(frozen=True)
class PairFiles:
    """The reader of pairs in files.

    Splits without files are held back of the training data: the same pairs for every run, and no source is in two.

    Attributes:
        files: The files of each split that has some: those of source and target, or one with both.
        form: Languages, columns and what is held back.
        index: Folder of the data cache; None to look through the files anew in each process.
        unread: What `split_files.not_read` says of their folder.

    Example:
        `next(PairFiles(pair_files.find_splits("multi30k", "en", "de"), PairForm("en", "de"))("train"))`
    """

    files: dict[str, tuple[Path, ...]]
    form: PairForm
    index: Path | None = None
    unread: str = ""

    def __call__(self, split: str) -> Iterator[Pair]:
        """Reads a split line by line, with the errors of `pair_files.read` and `pair_tables.read`."""
        held_back = self.survey.held_back if self._holds_back else {}
        if split in self.files and not (split == "train" and held_back):
            return self._read(split)
        return (pair for pair in self._read("train") if self._split_of(held_back, pair) == split)

    def stamp(self, split: str) -> list[Any]:
        """Identifies the content of a split without reading it, see `data_cache.stamp`."""
        if not self._holds_back:
            return [*data_cache.stamp(self.files[split]), *self._columns]
        return [split, sorted(self.files), *self._held_back, *self._stamps, *self._columns]

    def check(self, split: str) -> int:
        """Counts the pairs of a split. All files are read to their ends, once until they change."""
        return self.survey.counts[split]

    @functools.cached_property
    def survey(self) -> Survey:
        """What a first look at all files finds."""
        if self.index is None:
            return self._surveyed()
        key = {"pairs": [sorted(self.files), *self._held_back, *self._stamps, *self._columns]}
        return Survey(**json.loads(data_cache.text(self.index, key, lambda: json.dumps(asdict(self._surveyed())))))

    @functools.cached_property
    def said(self) -> list[str]:
        """How the files with both texts are read."""
        return [pair_tables.find(paths[0], self.form).said for paths in self.files.values() if len(paths) == 1]

    def _surveyed(self) -> Survey:
        def read(split: str) -> Iterator[Pair]:
            return progress(
                self._read(split), f"checking {' and '.join(path.name for path in self.files[split])}, lines"
            )

        return pair_survey.make(self.files, read, self.form.held_back, self.form.opening)

    def _split_of(self, held_back: dict[str, list[int]], pair: Pair) -> str:
        return pair_survey.split_of(held_back, pair.source, self.form.opening)

    def _read(self, split: str) -> Iterator[Pair]:
        paths, encoding = self.files[split], self.form.files.encoding
        if len(paths) > 1:
            return pair_files.read(*paths, encoding=encoding)
        return pair_tables.read(paths[0], pair_tables.find(paths[0], self.form))

    @property
    def _holds_back(self) -> bool:
        return self.form.held_back > 0 and set(self.files) < set(SPLITS)

    @property
    def _held_back(self) -> list[Any]:
        return [self.form.held_back, *([self.form.opening] if self.form.opening else [])]

    @property
    def _stamps(self) -> list[Any]:
        return [data_cache.stamp(paths) for _, paths in sorted(self.files.items())]

    @property
    def _columns(self) -> list[Any]:
        """What the content depends on besides the files: nothing where each language has its own, in UTF-8."""
        if all(len(paths) > 1 for paths in self.files.values()) and not self.form.files.encoding:
            return []
        form = self.form
        return [form.source, form.target, form.source_column, form.target_column, asdict(form.files)]


def reader(data: str, form: PairForm, index: Path | None = None) -> Reader:
    """Finds the data and checks all that can be checked without reading it.

    Args:
        data: `cldr` (generated phrases) or `synthetic` (generated reports), whichever the form has, `tfds:NAME` (a data
            set of TensorFlow Datasets with two texts), a folder of files, or one file.
        form: Languages, columns and generated phrases.
        index: Folder of the data cache.

    Returns:
        A function that takes "train", "validation" or "test" and yields the pairs of that split.

    Raises:
        FileNotFoundError: A file or folder is missing.
        ValueError: A locale, data set or language is unknown.

    Example:
        `next(reader("multi30k", PairForm("en", "de"))("train"))`
    """
    source, target = form.source, form.target
    if data == form.generated == REPORTS:
        from pipelines.sources.synthetic import synthetic_reports

        return partial(synthetic_reports.read, seed=form.seed, examples=form.examples)
    if data == form.generated == PHRASES:
        from pipelines.sources.synthetic import cldr_phrases

        cldr_phrases.check(source, target, form.examples)
        return partial(cldr_phrases.read, source=source, target=target, seed=form.seed, examples=form.examples)
    if data.startswith("tfds:"):
        from pipelines.sources.tfds import tfds_pairs

        name = data.removeprefix("tfds:")
        if form.source_column:
            return partial(tfds_pairs.read, name=name, source=form.source_column, target=form.target_column)
        languages = tfds_pairs.find_languages(name)
        if any(form.columns):  # no languages
            source, target = languages
        if {source, target} != set(languages):
            raise ValueError(
                f"Expected source and target to be the languages of {name}, {' and '.join(languages)}. "
                f"Received: source={source!r}, target={target!r}"
            )
        return partial(tfds_pairs.read, name=name, source=source, target=target)
    found = pair_files.find_splits(data, source, target)
    paths = [path for of in found.values() for path in of]
    unread = split_files.not_read(paths[0].parent, paths) if Path(data).is_dir() else ""
    return PairFiles(found, form, index, unread)


def files(data: str, source: str, target: str) -> list[Path]:
    """Finds the files of all sources, separated as by `mixture.parse`; none of generated phrases and of TFDS.

    Raises:
        FileNotFoundError: A file or folder is missing; the message names the source.
        ValueError: Several files match, or `data` cannot be parsed.

    Example:
        `files("my/texts*3,cldr", "en", "de")`
    """
    found = []
    for part in parse(data):
        if not _is_made(part.name):
            with _naming(part, data):
                splits = pair_files.find_splits(part.name, source, target)
            found += [path for paths in splits.values() for path in paths]
    return found


def check_phrases(data: str, source: str, target: str, examples: int) -> None:
    """Refuses locales that there are no generated phrases of, where some are asked for.

    Args:
        data: See `files`.
        source: The locale to translate from.
        target: The locale to translate to.
        examples: Training pairs.

    Raises:
        ValueError: A locale is unknown, both are the same, or there are too few pairs.

    Example:
        `check_phrases("cldr", "en", "de", 30_000)`
    """
    from pipelines.sources.synthetic import cldr_phrases

    if any(part.name == "cldr" for part in parse(data)):
        cldr_phrases.check(source, target, examples)


def other_pairs(data: str, split: str, form: PairForm) -> list[Pair]:
    """Reads pairs of other data than was prepared.

    Args:
        data: What `reader` takes.
        split: The split, of data that has any; a file is read whole.
        form: Languages and columns.

    Returns:
        The pairs.

    Raises:
        FileNotFoundError: A file or folder, or that of the split, is missing.
        ValueError: Something is wrong with the data, or it has splits and none is chosen.

    Example:
        `other_pairs("tatoeba.tsv", "other", PairForm("en", "de"))`
    """
    if Path(data).is_file():
        return list(PairFiles({"train": (Path(data),)}, replace(form, held_back=0.0))("train"))
    if split not in SPLITS:
        raise ValueError(f"Expected --split validation or --split test with data that has splits. Received: {data!r}")
    if _is_made(data):
        return list(reader(data, form)(split))
    found = pair_files.find_splits(data, form.source, form.target, needed=split)
    return list(PairFiles({split: found[split]}, replace(form, held_back=0.0))(split))


def other_files(data: str, split: str, form: PairForm) -> list[Path]:
    """The files that `other_pairs` reads; none of generated phrases and of TFDS."""
    if Path(data).is_file() or _is_made(data):
        return [Path(data)] if Path(data).is_file() else []
    return list(pair_files.find_splits(data, form.source, form.target, needed=split).get(split, ()))


def readers(data: str, form: PairForm, index: Path | None = None) -> list[tuple[Component, Reader]]:
    """Finds several sources, separated as by `mixture.parse`.

    Args:
        data: One or more of what `reader` takes, such as `my/texts*3,cldr`.
        form: Languages, columns and generated phrases.
        index: Folder of the data cache.

    Returns:
        The sources in order, each with its reader. Only of the first something is held back.

    Raises:
        FileNotFoundError: As `reader`; the message names the source.
        ValueError: As `reader`, or `data` cannot be parsed.

    Example:
        `readers("my/texts*3,cldr", PairForm("en", "de"))`
    """
    found = []
    for part in parse(data):
        with _naming(part, data):
            found.append((part, reader(part.name, replace(form, held_back=0.0) if found else form, index)))
    return found


def _is_made(name: str) -> bool:
    """Whether data is generated, or of TFDS, so that there are no files to look for."""
    return name in (PHRASES, REPORTS) or name.startswith("tfds:")


@contextlib.contextmanager
def _naming(part: Component, data: str) -> Generator[None]:
    """Names the source in errors, where there are several."""
    try:
        yield
    except (FileNotFoundError, ValueError) as error:
        if part.name == data:
            raise
        raise type(error)(f"{error}, of the source {part.name!r} in data={data!r}") from None
