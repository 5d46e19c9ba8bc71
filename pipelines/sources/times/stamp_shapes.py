"""The format of timestamps, found from all of them together."""

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from pipelines.sources.times import stamp_formats
from pipelines.sources.times.grid_search import REGULAR, regularity

if TYPE_CHECKING:
    import numpy as np

_NAMES = (
    "Jan(uary)?|Feb(ruary)?|Mar(ch)?|Apr(il)?|May|June?|July?|Aug(ust)?|Sep(tember)?|Oct(ober)?|Nov(ember)?|Dec(ember)?"
)
_DAYS = "Mon(day)?|Tue(sday)?|Wed(nesday)?|Thu(rsday)?|Fri(day)?|Sat(urday)?|Sun(day)?"
_WORD = rf"(?P<b>(?i:{_NAMES}))"
# Dates in which a digit is a 0; `a` and `c` are a day and a month, in one order or the other.
_DATES = [
    r"(?P<Y>0000)(?P<s>[-/. ])(?P<m>00?)(?P=s)(?P<d>00?)",
    r"(?P<a>00?)(?P<s>[-/. ])(?P<c>00?)(?P=s)(?P<Y>0000)",
    r"(?P<a>00?)(?P<s>[-/. ])(?P<c>00?)(?P=s)(?P<y>00)",
    r"(?P<Y>0000)[-/](?P<m>00?)",
    r"(?P<m>00?)[-/](?P<Y>0000)",
    r"(?P<m>00)\.(?P<Y>0000)",
    r"(?P<Y>0000)(?P<m>00)(?P<d>00)",
    r"(?P<Y>0000)-?W(?P<V>00)(-?(?P<u>0))?",
    r"(?P<Y>0000)[- ]?Q(?P<q>0)",
    r"Q(?P<q>0)[-/ ]?(?P<Y>0000)",
    rf"((?P<A>(?i:{_DAYS})),? )?(?P<d>00?)\.?[-/ ]?{_WORD}[-/, ]{{1,2}}(?P<Y>0000)",
    rf"((?P<A>(?i:{_DAYS})),? )?{_WORD}[-/ ](?P<d>00?),? (?P<Y>0000)",
    rf"{_WORD}[-/, ]{{1,2}}(?P<Y>0000)",
    rf"(?P<Y>0000)[-/ ]?{_WORD}([-/ ](?P<d>00?))?",
    rf"(?P<d>00?)[-/ ]?{_WORD}[-/ ](?P<y>00)",
    rf"{_WORD}[-/ ](?P<y>00)",
]
_CLOCK = (
    r"((?P<H>00?)(?P<t>[:.])(?P<M>00)((?P=t)(?P<S>00)([.,](?P<f>0{1,9}))?)?|(?P<H1>00)(?P<M1>00)(?P<S1>00)?|(?P<H2>00?))"
    r"( ?(?P<p>[AaPp]\.?[Mm]\.?))?"
)
_OFFSET = r" ?(?P<z>[+-]00(:?00)?)| ?(Z|UTC|GMT)"
_PATTERNS = [re.compile(rf"{date}(([Tt ]|, | - | at |\x1f){_CLOCK}({_OFFSET})?)?") for date in _DATES]
_ORDERS = {"day first": {"a": "d", "c": "m"}, "month first": {"a": "m", "c": "d"}}


class Shape(NamedTuple):
    """How a timestamp is written, without its numbers.

    Attributes:
        forms: The formats that may be meant: one, or two where the order of day and month is open.
        kind: What all timestamps of a table have in common: the way of the date, 12 or 24 hours, offsets or none.
    """

    forms: tuple[str, ...]
    kind: tuple[str, bool, bool]


def find(texts: "np.ndarray") -> tuple[str, ...]:
    """The formats of timestamps.

    Where the numbers leave the order of day and month open, the one whose timestamps are steps of a grid is taken.

    Args:
        texts: The distinct texts, object `[n]`.

    Returns:
        The formats, the most frequent first; they differ in the time of day. Empty if no text is a timestamp.

    Raises:
        ValueError: Two readings fit, or the years have two digits.

    Example:
        `find(np.array(["31/01/2005", "28/02/2005"], object))` -> `("%d/%m/%Y",)`
    """
    import numpy as np

    shapes = _shapes(texts)
    known = {text: shape for text in set(shapes.tolist()) if (shape := shape_of(text))}
    if not known:
        return ()
    kinds = Counter(known[text].kind for text in shapes.tolist() if text in known)
    kind = kinds.most_common(1)[0][0]
    counts = Counter(text for text in shapes.tolist() if text in known and known[text].kind == kind)
    chosen = [known[text] for text, _ in counts.most_common()]
    first = texts[shapes == counts.most_common(1)[0][0]][0]
    if "%y" in chosen[0].forms[0]:
        raise ValueError(_open("a year of four digits", first, _short_years(chosen[0].forms)))
    orders = [_merged(forms) for forms in zip(*(shape.forms for shape in chosen), strict=True)]
    if len(orders) == 1:
        return orders[0]
    mine = texts[np.isin(shapes, list(counts))]
    read = [_read(mine, forms) for forms in orders]
    missing = [int((~readable).sum()) for _, readable in read]
    if missing[0] != missing[1]:
        return orders[int(np.argmin(missing))]
    local = [np.unique(times[readable]) for times, readable in read]
    if np.array_equal(read[0][0], read[1][0]):
        return orders[0]
    regular = [regularity(times) >= REGULAR for times in local]
    if regular[0] == regular[1]:
        raise ValueError(_open("an order of day and month that only one reading fits", first, chosen[0].forms))
    return orders[regular.index(True)]


def shape_of(text: str) -> Shape | None:
    """How a timestamp is written, by its text with a 0 for each digit; None if it is not known.

    Example:
        `shape_of("00/0/0000 0:00").forms[0]` -> `"%d/%-m/%Y %-H:%M"`
    """
    found = next((match for pattern in _PATTERNS if (match := pattern.fullmatch(text))), None)
    if not found:
        return None
    groups = found.groupdict()
    orders = list(_ORDERS.values()) if groups.get("a") else [{}]
    forms = tuple(_form(found, order) for order in orders)
    clock = bool(groups["p"]), bool(groups["z"] or re.search("(Z|UTC|GMT)$", text))
    return Shape(forms, (_date_of(forms[0]), *clock))


def words(form: str) -> str:
    """What is worth saying of a format: the order of day and month, the years of two digits.

    Example:
        `words("%d/%m/%Y")` -> `"day first"`
    """
    plain = form.replace("-", "")
    named = {"d": "day first", "m": "month first"}
    order = [named[name] for name in re.findall("%([dmYyb])", plain)[:1] if name in named and "%m" in plain]
    years = ["years 69 to 99 in 1900, 00 to 68 in 2000"] if "%y" in form else []
    return ", ".join([*(order if "%d" in plain else []), *years])


def _shapes(texts: "np.ndarray") -> "np.ndarray":
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.replace_substring_regex(pa.array(texts, pa.string()), r"\d", "0").to_numpy(zero_copy_only=False)


def _form(match: re.Match[str], order: dict[str, str]) -> str:
    """The text of a match with a directive in place of each number and word."""
    form, end = "", 0
    spans = [(match.span(name), name) for name, text in match.groupdict().items() if text and name not in "st"]
    for (start, stop), group in sorted(spans):
        name, text = order.get(group, group[0]), match[group]
        if name == "H" and match["p"]:
            name = "I"
        if name == "Y" and "V" in match.groupdict():  # the year of ISO weeks
            name = "G"
        form += match.string[end:start].replace("%", "%%") + _directive(name, text)
        end = stop
    return form + match.string[end:]


def _directive(name: str, text: str) -> str:
    if name == "b":
        return "%b" if len(text) == 3 else "%B"
    if name == "A":
        return "%a" if len(text) == 3 else "%A"
    if name == "p":
        return "%P" if text.islower() else "%p"
    if name == "z":
        return {3: "%-z", 5: "%z"}.get(len(text), "%:z")
    if name == "f":
        return f"%{len(text)}f"
    return f"%-{name}" if text == "0" and name in "mdHI" else f"%{name}"


def _date_of(form: str) -> str:
    """The part of a format before the time of day, without what may differ between rows."""
    date = re.split(r"([Tt ]|, | - | at |\x1f)%-?[HI]", form)[0]
    return date.replace("%-", "%").replace("%B", "%b").replace("%A", "%a")


def _merged(forms: tuple[str, ...]) -> tuple[str, ...]:
    """Formats without those that differ from another in leading zeros only: a number has none if some row shows it."""
    bare: dict[str, set[str]] = {}
    for form in forms:
        plain = re.sub("%-([mdHI])", r"%\1", form)
        bare.setdefault(plain, set()).update(re.findall("%-([mdHI])", form))
    merged = [
        re.sub("%([mdHI])", lambda part, names=names: f"%{'-' * (part[1] in names)}{part[1]}", form)
        for form, names in bare.items()
    ]
    return tuple(sorted(merged, key=lambda form: "%B" not in form))  # May is long and short


def _read(texts: "np.ndarray", forms: tuple[str, ...]) -> tuple["np.ndarray", "np.ndarray"]:
    """Local times in microseconds and whether they are readable, by the first of the formats that fits."""
    import numpy as np

    local, readable = np.zeros(len(texts), np.int64), np.zeros(len(texts), bool)
    for form in forms:
        found = stamp_formats.read(texts, form)
        local = np.where(found.readable & ~readable, found.local, local)
        readable |= found.readable
    return np.where(readable, local, 0), readable


def _short_years(forms: tuple[str, ...]) -> tuple[str, ...]:
    swapped = [re.sub("%-?d(.*)%y", r"%y\1%d", forms[0])] if len(forms) == 2 else []
    return (*forms, *swapped)


def _open(expected: str, text: str, forms: tuple[str, ...]) -> str:
    """The message for a text that several formats fit."""
    readings = []
    for form in forms:
        (local, *_), (readable, *_) = _read_one(text, form)
        if readable:
            readings.append(f"--time_format '{form}' reads {stamp_formats.shown(local)}")
    return f"Expected {expected}, or one of: {'; '.join(readings)}. Received: {text!r}"


def _read_one(text: str, form: str) -> tuple["np.ndarray", "np.ndarray"]:
    import numpy as np

    return _read(np.array([text], object), (form,))
