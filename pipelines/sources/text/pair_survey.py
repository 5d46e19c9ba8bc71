"""A first look at parallel text, from end to end: its size, what is held back of it, and texts in two splits."""

import hashlib
import heapq
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pipelines.sources.split_names import SPLITS
from pipelines.sources.text.pair import Pair

_MOST_HELD_BACK = 3000  # pairs of a split; more would only make each evaluation longer
_LAST = ("test", "validation")  # splits that may be held back, in the order in which they take their sources

Reader = Callable[[str], Iterable[Pair]]


@dataclass(frozen=True)
class Survey:
    """What `make` found, in types of JSON.

    Attributes:
        counts: Pairs of each split.
        held_back: Split -> the sources that it has of the training data: those whose digest is above the first and at
            most the second number.
        notes: What is to be said.
    """

    counts: dict[str, int]
    held_back: dict[str, list[int]]
    notes: list[str]


def make(splits: Iterable[str], read: Reader, share: float, opening: int = 0) -> Survey:
    """Reads all splits to their ends.

    Args:
        splits: The splits that there are files of.
        read: Reads the pairs of one of them.
        share: Share of the training pairs that is held back for each split without files; 0 holds none back.
        opening: See `digest`.

    Returns:
        What was found.

    Raises:
        ValueError: A file has a fault, or there are too few different sources to hold any back.

    Example:
        `make(["train"], read, 0.1).counts` -> `{"train": 8000, "validation": 1000, "test": 1000}`
    """
    there = [split for split in _LAST if split in splits]
    others = {split: _Texts(read(split), opening) for split in there}
    train = _Training(others, opening)
    for pair in read("train"):
        train.add(pair)
    missing = [split for split in _LAST if split not in there] if share else []
    held_back, sizes = train.hold_back(missing, share)
    counts = {"train": train.rows - sum(sizes.values()), **{split: other.rows for split, other in others.items()}}
    counts |= sizes
    notes = [
        f"no {split} split: {size:,} pairs of the training data are held back for it, chosen by their source"
        for split, size in sizes.items()
    ]
    notes += [note for split, other in others.items() for note in other.notes(split)]
    return Survey({split: counts.get(split, 0) for split in SPLITS}, held_back, notes)


def digest(text: str, opening: int = 0) -> int:
    """A number for a text, the same whatever its case and blanks.

    Args:
        text: The text.
        opening: How many characters of it count, the first; 0 for all.

    Example:
        `digest("A dog.") == digest("a  dog.")` -> `True`
    """
    folded = " ".join(text.split()).casefold()
    folded = folded[:opening] if opening else folded
    return int.from_bytes(hashlib.blake2b(folded.encode("utf-8", "replace"), digest_size=8).digest())


class _Texts:
    """Counts of the sources and pairs of a split, and which of them the training data has, too."""

    def __init__(self, pairs: Iterable[Pair], opening: int) -> None:
        self._pairs: Counter[int] = Counter()
        self._sources: Counter[int] = Counter()
        self._openings: Counter[int] = Counter()
        self._opening = opening
        for pair in pairs:
            self._sources[digest(pair.source)] += 1
            self._pairs[digest(f"{pair.source}\n{pair.target}")] += 1
            self._openings[digest(pair.source, opening)] += 1
        self._seen: set[int] = set()
        self._seen_openings: set[int] = set()

    @property
    def rows(self) -> int:
        return self._sources.total()

    def compare(self, opening: int, pair: Pair) -> None:
        if opening not in self._openings:
            return
        self._seen_openings.add(opening)
        source = digest(pair.source)
        if source in self._sources:
            self._seen |= {source, digest(f"{pair.source}\n{pair.target}")}

    def notes(self, split: str) -> list[str]:
        again = sum(count for source, count in self._sources.items() if source in self._seen)
        same = sum(count for pair, count in self._pairs.items() if pair in self._seen)
        alike = sum(count for opening, count in self._openings.items() if opening in self._seen_openings) - again
        notes = []
        if again:
            notes.append(
                f"{again:,} of {self.rows:,} {split} pairs have a source that the training data has, too, {same:,} of "
                "them with the same target: they are easier than new texts"
            )
        if alike:
            notes.append(
                f"{alike:,} of {self.rows:,} {split} pairs have a source whose first {self._opening} characters are "
                "those of one of the training data: they may be easier than new texts"
            )
        return notes


class _Training:
    """The training data as it is read: its size, and its sources with the smallest digests, with their counts.

    Where an opening is given, sources that share it are one.
    """

    def __init__(self, others: dict[str, _Texts], opening: int) -> None:
        self._opening = opening
        self.rows = 0
        self._others = others.values()
        self._most = _MOST_HELD_BACK * (len(_LAST) - len(others)) + 1  # one more, which stays
        self._counts: dict[int, int] = {}
        self._largest: list[int] = []  # a heap of the negated digests

    def add(self, pair: Pair) -> None:
        self.rows += 1
        source = digest(pair.source, self._opening)
        for other in self._others:
            other.compare(source, pair)
        if source in self._counts:
            self._counts[source] += 1
        elif len(self._largest) < self._most:
            heapq.heappush(self._largest, -source)
            self._counts[source] = 1
        elif source < -self._largest[0]:
            del self._counts[-heapq.heapreplace(self._largest, -source)]
            self._counts[source] = 1

    def hold_back(self, splits: list[str], share: float) -> tuple[dict[str, list[int]], dict[str, int]]:
        """The range of digests of each split, and the number of its pairs."""
        smallest = sorted(self._counts)
        if len(smallest) <= len(splits):
            raise ValueError(
                f"Expected more than {len(splits)} different sources in the training data, of which some are held back "
                f"for {' and '.join(splits) or 'nothing'}. Received: {len(smallest)}"
            )
        wanted = min(max(1, round(share * self.rows)), _MOST_HELD_BACK)
        ranges: dict[str, list[int]] = {}
        sizes: dict[str, int] = {}
        low, place = -1, 0
        for left, split in zip(range(len(splits), 0, -1), splits, strict=True):
            sizes[split] = 0
            while place < len(smallest) - left and sizes[split] < wanted:
                sizes[split] += self._counts[smallest[place]]
                place += 1
            ranges[split], low = [low, smallest[place - 1]], smallest[place - 1]
        return ranges, sizes


def split_of(held_back: dict[str, Any], source: str, opening: int = 0) -> str:
    """The split of a source of the training data; see `digest` for `opening`."""
    found = digest(source, opening)
    return next((split for split, (low, high) in held_back.items() if low < found <= high), "train")
