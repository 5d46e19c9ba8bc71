"""The subjects of the generated phrases: how a value of each is drawn, and the styles in which Babel formats it."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any, NamedTuple

from babel import Locale, dates, numbers, units

# A hundred years, so that the two-digit year of a short date is unambiguous.
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

_PROBES = 40


class Subject(NamedTuple):
    """What a phrase is about.

    Attributes:
        kind: One of `phrases.KINDS`.
        name: What tells it from others of its kind: a unit, a currency ...
        draw: Draws a value.
        styles: Format a value: `style(value, locale=locale)`.
    """

    kind: str
    name: str
    draw: Callable[[Random], Any]
    styles: tuple[Callable[..., str], ...]


def usable_subjects(source: Locale, target: Locale) -> list[Subject]:
    """All subjects, without the styles in which two of them look alike in `source` but differ in `target`.

    Subjects with the same `draw` get the same value from the same seed, so a few probes find two units with the same
    short form. Styles of one subject that look alike are found later, value by value.

    Args:
        source: The locale to translate from.
        target: The locale to translate to.

    Returns:
        The subjects that have a style left.

    Example:
        `{subject.kind for subject in usable_subjects(Locale("en"), Locale("de"))} == set(KINDS)`
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


def _subjects(source: Locale, target: Locale) -> Iterator[Subject]:
    for unit, seconds in dates.TIMEDELTA_UNITS:
        # pyrefly: ignore[bad-argument-type]  # Babel's list of its units declares them as any strings
        style = partial(dates.format_timedelta, granularity=unit, threshold=math.inf, add_direction=True)
        yield Subject("relative", unit, partial(_draw_delta, seconds), (style,))
    yield Subject("time", "minute", _draw_minute, (partial(dates.format_time, format="short"),))
    yield Subject("time", "second", _draw_second, (partial(dates.format_time, format="medium"),))
    yield Subject("date", "day", _draw_day, tuple(partial(dates.format_date, format=style) for style in _DATE_STYLES))
    yield Subject("interval", "days", _draw_days, tuple(partial(_interval, skeleton=s) for s in _DAY_SKELETONS))
    yield Subject("interval", "months", _draw_months, tuple(partial(_interval, skeleton=s) for s in _MONTH_SKELETONS))
    yield Subject("interval", "clock", _draw_clock, (_clock_interval,))
    yield Subject("percent", "percent", _draw_ratio, (partial(numbers.format_percent, decimal_quantization=False),))
    for code in _CURRENCIES:
        if code in source.currencies and code in target.currencies:
            styles = (partial(numbers.format_currency, currency=code, format_type=f) for f in ("standard", "name"))
            yield Subject("currency", code, partial(_draw_amount, numbers.get_currency_precision(code)), tuple(styles))
    for unit in _UNITS:
        styles = (partial(units.format_unit, measurement_unit=unit, length=length) for length in ("short", "long"))
        yield Subject("unit", unit, _draw_measure, tuple(styles))
    yield Subject("number", "number", _draw_number, (numbers.format_decimal,))


def _interval(value: tuple[date, date], skeleton: str, locale: Locale) -> str:
    return dates.format_interval(*value, skeleton, locale=locale)


def _clock_interval(value: tuple[time, time], locale: Locale) -> str:
    hour = "H" if "H" in locale.time_formats["short"].pattern else "h"  # the 24-hour or 12-hour clock of the locale
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
    longest = random.choice((20, 200, 2000))  # within a month, within a year and longer, about equally often
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
    """Draws a number with up to `digits` digits, at most `decimals` after the point; all lengths are equally likely."""
    amount = random.choice(signs) * random.randrange(1, 10 ** random.randint(1, digits))
    return Decimal(amount).scaleb(-random.randint(0, decimals)).normalize()
