"""Formats of timestamps, as in `strptime`, read and written exactly: a text that does not fit is no timestamp."""

import calendar
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np

_SECOND, _DAY = 1_000_000, 86_400_000_000  # in microseconds
_MONTHS = {"B": calendar.month_name[1:], "b": calendar.month_abbr[1:]}
_WEEKDAYS = {"A": calendar.day_name, "a": calendar.day_abbr}
# Directive -> the expression that reads it. Numbers of up to two digits have two beside another number.
_READ = {
    "Y": r"\d{4}", "y": r"\d{2}", "G": r"\d{4}", "j": r"\d{3}", "q": "[1-4]", "u": "[1-7]", "f": r"\d{1,9}",
    "m": r"\d{1,2}", "d": r"\d{1,2}", "H": r"\d{1,2}", "I": r"\d{1,2}", "M": r"\d{1,2}", "S": r"\d{1,2}",
    "V": r"\d{1,2}", "p": r"[AaPp]\.?[Mm]\.?", "z": r"Z|[+-]\d{2}:?\d{2}|[+-]\d{2}",
    **{name: f"(?i:{'|'.join(words)})" for name, words in (_MONTHS | _WEEKDAYS).items()},
}  # fmt: skip
_NUMBER = "mdHIMSVyYGjf"
# `%-d` is without a leading zero, `%3f` has three digits, `%:z` a colon, `%-z` hours only, `%P` small letters.
_DIRECTIVE = re.compile(r"%([-:]?)(\d?)([A-Za-z%])")
_UTC = re.compile(r"(?<!%)(Z|UTC|GMT)$")  # as text at the end of a format


class Stamps(NamedTuple):
    """Timestamps that were read.

    Attributes:
        local: int64, microseconds since 1970 on the clock that wrote them; where `readable` is False, anything.
        readable: bool.
        offset: int64, seconds east of UTC, or None if they do not say.
        midnight_24: Whether a midnight is written as 24:00 of the day before.
    """

    local: "np.ndarray"
    readable: "np.ndarray"
    offset: "np.ndarray | None"
    midnight_24: bool


def check(form: str) -> None:
    """Refuses what is no format of timestamps.

    Raises:
        ValueError: It is none.

    Example:
        `check("%d/%m/%Y %H:%M")`
    """
    names = [part[2].replace("P", "p") for part in _DIRECTIVE.findall(form) if part[2] != "%"]
    once = len(set(names)) == len(names) and len(set(names) & set("YyG")) == 1
    matched = ("I" in names) == ("p" in names) and ("G" in names) == ("V" in names) and not {"H", "I"} <= set(names)
    if not (once and matched and set(names) <= set(_READ)) or "%" in _DIRECTIVE.sub("", form):
        raise ValueError(
            f"Expected a format of timestamps as in strptime, with a year, each part once and %I with %p, such as "
            f"%d/%m/%Y %H:%M; of the parts {', '.join(f'%{name}' for name in _READ)}. Received: time_format={form!r}"
        )


def read(texts: "np.ndarray", form: str) -> Stamps:
    """Reads texts of one format.

    Args:
        texts: Texts, object `[n]`.
        form: The format.

    Returns:
        The timestamps.

    Example:
        `read(np.array(["31/01/2005"], object), "%d/%m/%Y").local` -> `[1107129600000000]`
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pc.extract_regex(pa.array(texts, pa.string()), f"^(?:{_pattern(form)})$")
    fields = {field.name: found.field(number) for number, field in enumerate(found.type)}
    readable = np.asarray(found.is_valid())
    cells = {name: pc.if_else(found.is_valid(), field, None) for name, field in fields.items()}
    numbers = {name: _whole(cells[name]) for name in cells if name in (*_NUMBER, "q", "u")}
    for name in set(_MONTHS) & set(cells):
        numbers["m"] = _place(cells[name], _MONTHS[name]) + 1
    days, fits = _days(numbers, len(texts))
    readable = readable & fits
    hour = numbers.get("H", np.zeros(len(texts), np.int64))
    if "I" in numbers:
        afternoon = np.asarray(pc.starts_with(pc.utf8_lower(cells["p"]), "p").fill_null(False)) if "p" in cells else 0
        readable &= (numbers["I"] >= 1) & (numbers["I"] <= 12)
        hour = numbers["I"] % 12 + 12 * afternoon
    minute, second = (numbers.get(name, np.zeros(len(texts), np.int64)) for name in "MS")
    part = _fraction(cells["f"]) if "f" in cells else np.zeros(len(texts), np.int64)
    rest = (60 * minute + second) * _SECOND + part
    readable &= (hour < 24) | (hour == 24) & (rest == 0)
    readable &= (minute < 60) & (second < 60) & (part >= 0)
    local = days * _DAY + hour * 3600 * _SECOND + rest
    offset = _offset(cells["z"]) if "z" in cells else np.zeros(len(texts), np.int64) if is_utc(form) else None
    if offset is not None:
        readable &= np.abs(offset) < _DAY // _SECOND
    return Stamps(local, readable, offset, bool((readable & (hour == 24)).any()))


def write(local: "np.ndarray", form: str, offset: "np.ndarray | None" = None, midnight_24: bool = False) -> list[str]:
    """Writes timestamps.

    Args:
        local: int64 `[n]`, microseconds since 1970 on the clock that writes.
        form: The format.
        offset: int64 `[n]`, seconds east of UTC, for a format with `%z`.
        midnight_24: Whether midnight is 24:00 of the day before.

    Returns:
        The texts.

    Example:
        `write(np.array([0]), "%d/%m/%Y %H:%M")` -> `["01/01/1970 00:00"]`
    """
    import numpy as np

    late = np.zeros(len(local), bool)
    if midnight_24 and "%H" in form.replace("-", ""):
        late = local % _DAY == 0
        local = np.where(late, local - _DAY, local)
    days = local // _DAY
    dates = days.astype("datetime64[D]")
    months, years = dates.astype("datetime64[M]"), dates.astype("datetime64[Y]")
    rest = local % _DAY // _SECOND
    thursday = days - (days + 3) % 7 + 3
    iso_year = thursday.astype("datetime64[D]").astype("datetime64[Y]")
    hour = np.where(late, 24, rest // 3600)
    numbers = {
        "Y": years.astype(int) + 1970, "y": (years.astype(int) + 1970) % 100, "m": months.astype(int) % 12 + 1,
        "d": (dates - months).astype(int) + 1, "j": (dates - years).astype(int) + 1,
        "q": months.astype(int) % 12 // 3 + 1,
        "H": hour, "I": (hour - 1) % 12 + 1, "M": rest // 60 % 60, "S": rest % 60,
        "G": iso_year.astype(int) + 1970, "u": (days + 3) % 7 + 1,
        "V": (thursday - iso_year.astype("datetime64[D]").astype(np.int64)) // 7 + 1,
    }  # fmt: skip
    widths = {"Y": 4, "G": 4, "j": 3, "q": 1, "u": 1}

    def part(match: re.Match[str]) -> list[str]:
        flag, digits, name = match.groups()
        if name in numbers:
            width = 1 if flag else widths.get(name, 2)
            return [f"{number:0{width}d}" for number in numbers[name].tolist()]
        if name == "f":
            return [f"{number:06d}"[: int(digits or 6)] for number in (local % _SECOND).tolist()]
        if name in "pP":
            return [text.lower() if name == "P" else text for text in np.where(hour % 24 < 12, "AM", "PM").tolist()]
        if name in _MONTHS:
            return [_MONTHS[name][number - 1] for number in numbers["m"].tolist()]
        if name in _WEEKDAYS:
            return [_WEEKDAYS[name][number - 1] for number in numbers["u"].tolist()]
        if name == "z" and offset is not None:
            return [written_offset(int(seconds), flag) for seconds in offset]
        return ["%" if name == "%" else ""] * len(local)

    parts, end = [], 0
    for match in _DIRECTIVE.finditer(form):
        parts += [[form[end : match.start()]] * len(local), part(match)]
        end = match.end()
    return ["".join(pieces) for pieces in zip(*parts, [form[end:]] * len(local), strict=True)]


def shown(local: "np.int64") -> str:
    """A time in microseconds as text, for messages."""
    return str(local.astype("datetime64[us]")).replace("T", " ").removesuffix(".000000").removesuffix(" 00:00:00")


def written_offset(seconds: int, flag: str) -> str:
    """An offset from UTC: `:` writes +01:00, `-` +01 where that is all, anything else +0100."""
    sign, minutes = "-" if seconds < 0 else "+", abs(seconds) // 60
    if flag == "-" and minutes % 60 == 0:
        return f"{sign}{minutes // 60:02d}"
    return f"{sign}{minutes // 60:02d}{':' if flag == ':' else ''}{minutes % 60:02d}"


def is_utc(form: str) -> bool:
    """Whether a format ends with the name of UTC as text, such as `Z`."""
    return bool(_UTC.search(form))


def _pattern(form: str) -> str:
    """The expression of a format; its groups are named by the directives."""
    pattern, end = "", 0
    matches = list(_DIRECTIVE.finditer(form))
    for number, match in enumerate(matches):
        name = match[3].replace("P", "p")
        beside = [
            matches[other][3]
            for other, edge in ((number - 1, match.start()), (number + 1, match.end()))
            if 0 <= other < len(matches) and edge in matches[other].span()
        ]
        read = _READ.get(name, "%")
        if read == r"\d{1,2}" and any(other in _NUMBER for other in beside):
            read = r"\d{2}"
        pattern += re.escape(form[end : match.start()])
        pattern += read if name == "%" else f"(?P<{name}>{read})"
        end = match.end()
    return pattern + re.escape(form[end:])


def _days(numbers: dict[str, "np.ndarray"], length: int) -> tuple["np.ndarray", "np.ndarray"]:
    """Days since 1970, and whether there is such a day."""
    import numpy as np

    one = np.ones(length, np.int64)
    if "G" in numbers:
        week, weekday = numbers.get("V", one), numbers.get("u", one)
        fourth = _first_of(numbers["G"], one) + 3  # of January, which lies in week 1
        days = fourth - (fourth + 3) % 7 + 7 * (week - 1) + weekday - 1
        thursday = (days - (days + 3) % 7 + 3).astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64)
        return days, (week >= 1) & (thursday + 1970 == numbers["G"])
    short = numbers.get("y", one)
    year = numbers.get("Y", np.where(short < 69, 2000, 1900) + short)
    month = numbers.get("m", 3 * numbers.get("q", one) - 2)
    first = _first_of(year, np.clip(month, 1, 12))
    day = numbers.get("j", numbers.get("d", one))
    length_of = (_first_of(year + 1, one) if "j" in numbers else _next_month(first)) - first
    return first + day - 1, (month >= 1) & (month <= 12) & (day >= 1) & (day <= length_of)


def _first_of(year: "np.ndarray", month: "np.ndarray") -> "np.ndarray":
    return (12 * (year - 1970) + month - 1).astype("datetime64[M]").astype("datetime64[D]").astype("int64")


def _next_month(first: "np.ndarray") -> "np.ndarray":
    return (first.astype("datetime64[D]").astype("datetime64[M]") + 1).astype("datetime64[D]").astype("int64")


def _whole(cells: "object") -> "np.ndarray":
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    return np.asarray(pc.cast(cells, pa.int64()).fill_null(1))


def _place(cells: "object", words: list[str]) -> "np.ndarray":
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    small = pa.array([word.lower() for word in words])
    return np.asarray(pc.index_in(pc.utf8_lower(cells), small).fill_null(0)).astype(np.int64)


def _fraction(cells: "object") -> "np.ndarray":
    """Microseconds; -1 where there are finer ones."""
    import numpy as np
    import pyarrow.compute as pc

    nanoseconds = _whole(pc.utf8_rpad(cells, 9, "0"))
    return np.where(nanoseconds % 1000, -1, nanoseconds // 1000)


def _offset(cells: "object") -> "np.ndarray":
    """Seconds east of UTC; a day where there is no such offset."""
    import numpy as np
    import pyarrow.compute as pc

    digits = pc.utf8_rpad(pc.replace_substring_regex(cells, "[Z:+-]", ""), 4, "0")
    number = _whole(digits.fill_null("0000"))
    sign = np.where(np.asarray(pc.starts_with(cells, "-").fill_null(False)), -1, 1)
    minutes = number % 100
    return np.where(minutes < 60, sign * (number // 100 * 3600 + minutes * 60), _DAY // _SECOND)
