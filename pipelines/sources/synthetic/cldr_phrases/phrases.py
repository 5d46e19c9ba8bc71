"""Phrases of the Unicode CLDR in two locales, as pairs to translate.

A value (a day, an amount, a distance ...) is drawn at random and Babel writes it in both locales. The two rules that
make the pairs a fair task:

* a source text that has two different targets is left out, whatever kinds or splits they come from: in English
  "May 5, 2024" is both the medium and the long style, which German tells apart;
* a value belongs to one split, in all its styles: which one is a hash of the seed, the kind and the value.
"""

import difflib
import hashlib
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any, NamedTuple

from babel import Locale, UnknownLocaleError, dates, localedata, numbers, units

from pipelines.sources.split_names import SPLITS
from pipelines.sources.text.pair import Pair

# Rarest first: what a kind cannot fill is left to the ones after it, and numbers never run out.
KINDS = ("relative", "time", "date", "interval", "percent", "currency", "unit", "number")
TRAIN_TO_HELD_OUT = 30  # training examples for each validation example, and for each test example

# A hundred years, so that the two digits of a short date name one year.
_FIRST_DAY, _LAST_DAY = date(1950, 1, 1), date(2049, 12, 31)
_DATE_STYLES = ("short", "medium", "long", "full")
_DAY_SKELETONS = ("yMd", "yMMMd", "yMMMEd")
_MONTH_SKELETONS = ("yMMM", "yMMMM")
_CURRENCIES = ("EUR", "USD", "GBP", "JPY", "CHF", "CAD", "CNY", "INR", "SEK", "PLN")
_UNITS = (
    "length-kilometer",
    "length-meter",
    "length-centimeter",
    "length-mile",
    "length-foot",
    "mass-kilogram",
    "mass-gram",
    "mass-pound",
    "volume-liter",
    "area-square-meter",
    "temperature-celsius",
    "temperature-fahrenheit",
    "speed-kilometer-per-hour",
    "energy-kilowatt-hour",
    "digital-megabyte",
    "duration-hour",
)

_HELD_OUT_SHARE = 0.05  # of the values, for validation and for test; more than is asked for, so rare kinds fill up too
_PROBES = 40
_PATIENCE = 5_000  # draws without a new phrase, after which a kind counts as used up


class _Subject(NamedTuple):
    """What a phrase is about: how to draw a value of it, and the styles that write it."""

    kind: str
    name: str
    draw: Callable[[Random], Any]
    styles: tuple[Callable[..., str], ...]  # style(value, locale=locale)


def generate(source: str = "en", target: str = "de", seed: int = 0, examples: int = 30_000) -> dict[str, list[Pair]]:
    """Generates the phrases of all splits.

    Equal arguments give equal phrases in equal order in every process. The kinds are balanced as far as the locales
    allow: where a kind has too few distinct phrases, the others fill its place.

    Args:
        source: The Babel locale to translate from, such as "en" or "pt_BR".
        target: The Babel locale to translate to.
        seed: Chooses the values, their styles, and the split of each value.
        examples: Training pairs. Validation and test hold a thirtieth of it each.

    Returns:
        The pairs of "train", "validation" and "test", shuffled; no source text occurs twice.

    Raises:
        ValueError: If a locale is unknown, both are the same, or `examples` is too small or too large.

    Example:
        `generate("en", "de", examples=3_000)["test"][0]` -> `Pair("4,556.1", "4.556,1", "number")`
    """
    locales = check(source, target, examples)
    held_out = examples // TRAIN_TO_HELD_OUT
    sizes = {"train": examples, "validation": held_out, "test": held_out}
    found = _Collection(locales, seed)
    subjects = _usable_subjects(*locales)
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
            f"Expected examples that the distinct phrases of {source!r} and {target!r} can fill; they fill {counts}. "
            f"Received: examples={examples}"
        )
    return {split: _shuffled(pairs.values(), f"{seed}/{split}") for split, pairs in found.pairs.items()}


def check(source: str, target: str, examples: int) -> tuple[Locale, Locale]:
    """Checks the settings of `generate`, without generating.

    Args:
        source: The Babel locale to translate from; "pt-BR" is understood as "pt_BR".
        target: The Babel locale to translate to.
        examples: Training pairs.

    Returns:
        Both locales.

    Raises:
        ValueError: If a locale is unknown (with the nearest names), both are the same, or `examples` is too small for
            all kinds in all splits.

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
    """The pairs found so far, and every source text written so far with its target."""

    def __init__(self, locales: tuple[Locale, Locale], seed: int) -> None:
        self.pairs: dict[str, dict[str, Pair]] = {split: {} for split in SPLITS}  # split -> source text -> pair
        self._targets: dict[str, str] = {}
        self._ambiguous: set[str] = set()
        self._locales = locales
        self._seed = seed

    def fill(self, subjects: list[_Subject], goals: Mapping[str, int]) -> None:
        """Adds phrases about the subjects, all of one kind, until each split has its goal or nothing new comes."""
        random = Random(f"{self._seed}/{subjects[0].kind}")
        fruitless = 0
        while fruitless < _PATIENCE and any(len(self.pairs[split]) < goal for split, goal in goals.items()):
            subject = random.choice(subjects)
            value = subject.draw(random)
            style = random.randrange(len(subject.styles))
            split = _split_of(self._seed, subject, value)
            wanted = len(self.pairs[split]) < goals[split]
            fruitless = 0 if wanted and self._add(subject, value, style, split) else fruitless + 1

    def _add(self, subject: _Subject, value: Any, style: int, split: str) -> bool:
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


def _split_of(seed: int, subject: _Subject, value: Any) -> str:
    key = repr((seed, subject.kind, subject.name, value)).encode()
    share = int.from_bytes(hashlib.blake2b(key, digest_size=8).digest()) / 2**64
    if share < _HELD_OUT_SHARE:
        return "test"
    return "validation" if share < 2 * _HELD_OUT_SHARE else "train"


def _shuffled(pairs: Iterable[Pair], seed: str) -> list[Pair]:
    order = list(pairs)
    Random(seed).shuffle(order)
    return order


def _usable_subjects(source: Locale, target: Locale) -> list[_Subject]:
    """Leaves out the styles in which two subjects look alike but translate differently.

    Subjects with the same `draw` get the same value from the same seed, so a few probes show two units with the same
    short form. (Styles of one subject that look alike are found value by value.)
    """
    subjects = list(_subjects(source, target))
    written = defaultdict(list)  # source text -> (target text, subject, style)
    for seed in range(_PROBES):
        for subject in subjects:
            value = subject.draw(Random(seed))
            for style in subject.styles:
                written[style(value, locale=source)].append((style(value, locale=target), subject.name, style))
    alike = {
        style
        for writers in written.values()
        if len({target for target, _, _ in writers}) > 1 and len({name for _, name, _ in writers}) > 1
        for _, _, style in writers
    }
    kept = (
        subject._replace(styles=tuple(style for style in subject.styles if style not in alike)) for subject in subjects
    )
    return [subject for subject in kept if subject.styles]


def _subjects(source: Locale, target: Locale) -> Iterator[_Subject]:
    for unit, seconds in dates.TIMEDELTA_UNITS:
        style = partial(dates.format_timedelta, granularity=unit, threshold=math.inf, add_direction=True)
        yield _Subject("relative", unit, partial(_draw_delta, seconds), (style,))
    yield _Subject("time", "minute", _draw_minute, (partial(dates.format_time, format="short"),))
    yield _Subject("time", "second", _draw_second, (partial(dates.format_time, format="medium"),))
    yield _Subject("date", "day", _draw_day, tuple(partial(dates.format_date, format=style) for style in _DATE_STYLES))
    yield _Subject("interval", "days", _draw_days, tuple(partial(_interval, skeleton=s) for s in _DAY_SKELETONS))
    yield _Subject("interval", "months", _draw_months, tuple(partial(_interval, skeleton=s) for s in _MONTH_SKELETONS))
    yield _Subject("interval", "clock", _draw_clock, (_clock_interval,))
    yield _Subject("percent", "percent", _draw_ratio, (partial(numbers.format_percent, decimal_quantization=False),))
    for code in _CURRENCIES:
        if code in source.currencies and code in target.currencies:
            styles = (partial(numbers.format_currency, currency=code, format_type=f) for f in ("standard", "name"))
            yield _Subject("currency", code, partial(_draw_amount, numbers.get_currency_precision(code)), tuple(styles))
    for unit in _UNITS:
        styles = (partial(units.format_unit, measurement_unit=unit, length=length) for length in ("short", "long"))
        yield _Subject("unit", unit, _draw_measure, tuple(styles))
    yield _Subject("number", "number", _draw_number, (numbers.format_decimal,))


def _interval(value: tuple[date, date], skeleton: str, locale: Locale) -> str:
    return dates.format_interval(*value, skeleton, locale=locale)


def _clock_interval(value: tuple[time, time], locale: Locale) -> str:
    hour = "H" if "H" in locale.time_formats["short"].pattern else "h"  # each locale's own clock of 24 or 12 hours
    return dates.format_interval(*value, f"{hour}m", locale=locale)


def _draw_delta(seconds: int, random: Random) -> int:
    return random.choice((-1, 1)) * random.randint(1, 999) * seconds


def _draw_minute(random: Random) -> time:
    return time(random.randrange(24), random.randrange(60))


def _draw_second(random: Random) -> time:
    return _draw_minute(random).replace(second=random.randrange(60))


def _draw_day(random: Random) -> date:
    return _FIRST_DAY + timedelta(days=random.randrange((_LAST_DAY - _FIRST_DAY).days))


def _draw_days(random: Random) -> tuple[date, date]:
    start = _draw_day(random)
    longest = random.choice((20, 200, 2000))  # about as often within a month, within a year, and beyond
    return start, min(start + timedelta(days=random.randint(1, longest)), _LAST_DAY)


def _draw_months(random: Random) -> tuple[date, date]:
    first, last = sorted(random.sample(range(12 * _FIRST_DAY.year, 12 * (_LAST_DAY.year + 1)), 2))
    return date(first // 12, first % 12 + 1, 1), date(last // 12, last % 12 + 1, 1)


def _draw_clock(random: Random) -> tuple[time, time]:
    start, end = sorted(random.sample(range(24 * 60), 2))
    return time(*divmod(start, 60)), time(*divmod(end, 60))


def _draw_ratio(random: Random) -> Decimal:
    return _decimal(random, digits=5, decimals=2, signs=(-1, 1, 1, 1)).scaleb(-2)


def _draw_amount(decimals: int, random: Random) -> Decimal:
    return Decimal(random.randrange(10 ** random.randint(2, 7))).scaleb(-decimals)


def _draw_measure(random: Random) -> Decimal:
    return _decimal(random, digits=5, decimals=2, signs=(1,))


def _draw_number(random: Random) -> Decimal:
    return _decimal(random, digits=7, decimals=3, signs=(-1, 1, 1, 1))


def _decimal(random: Random, digits: int, decimals: int, signs: tuple[int, ...]) -> Decimal:
    """Draws a number of up to `digits` digits, at most `decimals` of them behind the point; short ones as often."""
    amount = random.choice(signs) * random.randrange(1, 10 ** random.randint(1, digits))
    return Decimal(amount).scaleb(-random.randint(0, decimals)).normalize()
