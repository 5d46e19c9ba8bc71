"""Phrases of the Unicode CLDR in two locales, as pairs to translate.

A value (a day, an amount, a distance ...) is drawn at random and Babel formats it in both locales. Two rules make the
pairs a fair task:

* a source text with two different targets is left out, even if they come from different kinds or splits: in English
  "May 5, 2024" is both the medium and the long style, which differ in German;
* a value belongs to one split, in all its styles. The split is a hash of the seed, the kind and the value.
"""

import difflib
import hashlib
import math
from collections.abc import Iterable, Mapping
from random import Random
from typing import Any

from babel import Locale, UnknownLocaleError, localedata

from pipelines.sources.split_names import SPLITS
from pipelines.sources.synthetic.cldr_phrases.subjects import Subject, usable_subjects
from pipelines.sources.text.pair import Pair

# Rarest first: where a kind has too few phrases, the kinds after it fill its place, and numbers never run out.
KINDS = ("relative", "time", "date", "interval", "percent", "currency", "unit", "number")
TRAIN_TO_HELD_OUT = 30  # training examples for each validation example, and for each test example

_HELD_OUT_SHARE = 0.05  # of the values for validation, and for test; more than needed, so that rare kinds fill up
_PATIENCE = 5_000  # draws without a new phrase, after which a kind counts as exhausted


def generate(source: str = "en", target: str = "de", seed: int = 0, examples: int = 30_000) -> dict[str, list[Pair]]:
    """Generates the phrases of all splits.

    Equal arguments give equal phrases in equal order in every process. The kinds are balanced as far as the locales
    allow: where a kind has too few distinct phrases, the others fill its place.

    Args:
        source: The Babel locale to translate from, such as "en" or "pt_BR".
        target: The Babel locale to translate to.
        seed: Chooses the values, their styles, and the split of each value.
        examples: Training pairs. Validation and test have a thirtieth of that number each.

    Returns:
        The pairs of "train", "validation" and "test", shuffled; no source text occurs twice.

    Raises:
        ValueError: A locale is unknown, both locales are the same, or `examples` is too small or too large.

    Example:
        `generate("en", "de", examples=3_000)["test"][0]` -> `Pair("4,556.1", "4.556,1", "number")`
    """
    locales = check(source, target, examples)
    held_out = examples // TRAIN_TO_HELD_OUT
    sizes = {"train": examples, "validation": held_out, "test": held_out}
    found = _Collection(locales, seed)
    subjects = usable_subjects(*locales)
    kinds = [kind for kind in KINDS if any(subject.kind == kind for subject in subjects)]
    for index, kind in enumerate(kinds):
        of_kind = [subject for subject in subjects if subject.kind == kind]
        goals = {
            split: len(found.pairs[split]) + math.ceil((size - len(found.pairs[split])) / (len(kinds) - index))
            for split, size in sizes.items()
        }
        found.fill(of_kind, goals)
    counts = {split: len(pairs) for split, pairs in found.pairs.items()}
    if counts != sizes:
        raise ValueError(
            f"Expected no more examples than {source!r} and {target!r} have distinct phrases, which fill {counts}. "
            f"Received: examples={examples}"
        )
    return {split: _shuffled(pairs.values(), f"{seed}/{split}") for split, pairs in found.pairs.items()}


def check(source: str, target: str, examples: int) -> tuple[Locale, Locale]:
    """Checks the settings of `generate` without generating phrases.

    Args:
        source: The Babel locale to translate from; "pt-BR" is read as "pt_BR".
        target: The Babel locale to translate to.
        examples: Training pairs.

    Returns:
        Both locales.

    Raises:
        ValueError: A locale is unknown (the message has the nearest names), both locales are the same, or `examples`
            is too small for all kinds in all splits.

    Example:
        `check("en", "de", 30_000)` -> `(Locale("en"), Locale("de"))`
    """
    locales = _parse_locale(source), _parse_locale(target)
    if locales[0] == locales[1]:
        raise ValueError(f"Expected two different locales. Received: source={source!r}, target={target!r}")
    smallest = len(KINDS) * TRAIN_TO_HELD_OUT
    if examples < smallest:
        raise ValueError(
            f"Expected examples to be at least {smallest}, so that each split has all kinds. "
            f"Received: examples={examples}"
        )
    return locales


def _parse_locale(name: str) -> Locale:
    try:
        return Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        nearest = difflib.get_close_matches(name.replace("-", "_"), localedata.locale_identifiers(), n=3, cutoff=0.4)
        hint = f" (nearest: {', '.join(nearest)})" if nearest else ""
        raise ValueError(
            f"Expected a locale that Babel knows, such as 'en' or 'pt_BR'{hint}. Received: locale={name!r}"
        ) from None


class _Collection:
    """The pairs found so far, and the target of every source text seen so far."""

    def __init__(self, locales: tuple[Locale, Locale], seed: int) -> None:
        self.pairs: dict[str, dict[str, Pair]] = {split: {} for split in SPLITS}  # split -> source text -> pair
        self._targets: dict[str, str] = {}
        self._ambiguous: set[str] = set()
        self._locales = locales
        self._seed = seed

    def fill(self, subjects: list[Subject], goals: Mapping[str, int]) -> None:
        """Adds phrases about subjects of one kind until each split has its goal or no new phrase is found."""
        random = Random(f"{self._seed}/{subjects[0].kind}")
        fruitless = 0
        while fruitless < _PATIENCE and any(len(self.pairs[split]) < goal for split, goal in goals.items()):
            subject = random.choice(subjects)
            value = subject.draw(random)
            style = random.randrange(len(subject.styles))
            split = _split_of(self._seed, subject, value)
            wanted = len(self.pairs[split]) < goals[split]
            fruitless = 0 if wanted and self._add(subject, value, style, split) else fruitless + 1

    def _add(self, subject: Subject, value: Any, style: int, split: str) -> bool:
        written = [tuple(write(value, locale=locale) for locale in self._locales) for write in subject.styles]
        for text, target in written:
            if self._targets.setdefault(text, target) != target:
                self._ambiguous.add(text)
                for pairs in self.pairs.values():
                    pairs.pop(text, None)
        text, target = written[style]
        if text in self._ambiguous or any(text in pairs for pairs in self.pairs.values()):
            return False
        self.pairs[split][text] = Pair(text, target, subject.kind)
        return True


def _split_of(seed: int, subject: Subject, value: Any) -> str:
    key = repr((seed, subject.kind, subject.name, value)).encode()
    share = int.from_bytes(hashlib.blake2b(key, digest_size=8).digest()) / 2**64
    if share < _HELD_OUT_SHARE:
        return "test"
    return "validation" if share < 2 * _HELD_OUT_SHARE else "train"


def _shuffled(pairs: Iterable[Pair], seed: str) -> list[Pair]:
    order = list(pairs)
    Random(seed).shuffle(order)
    return order
