"""Bare numbers as timestamps: years, digits of dates, days of Excel, seconds since 1970 and their parts."""

from typing import TYPE_CHECKING

from pipelines.sources.times import stamp_formats
from pipelines.sources.times.grid_search import REGULAR, regularity

if TYPE_CHECKING:
    import numpy as np

_SECOND, _DAY = 1_000_000, 86_400_000_000  # in microseconds
_EXCEL = 25_569  # the day 1970-01-01
# Name of a count -> its unit in microseconds, its number for 1970, and the bounds of the numbers it is guessed for.
_COUNTS: dict[str, tuple[float, int, float, float]] = {
    "excel": (_DAY, _EXCEL, _EXCEL, 73_050),
    "days": (_DAY, 0, 0, 0),  # too small to tell from row numbers, so never guessed
    "s": (_SECOND, 0, 1e8, 4.2e9),
    "ms": (_SECOND / 1e3, 0, 1e11, 4.2e12),
    "us": (1, 0, 1e14, 4.2e15),
    "ns": (1e-3, 0, 1e17, 4.2e18),
}
COUNTS = tuple(_COUNTS)
_SHORT = "%y%m%d"  # never guessed, but another reading of %Y%m
_DIGITS = {"%Y": 4, "%Y%m": 6, _SHORT: 6, "%Y%m%d": 8, "%Y%m%d%H": 10, "%Y%m%d%H%M": 12, "%Y%m%d%H%M%S": 14}
_FITTING = 0.9  # share of the numbers that a reading must fit; the others are faults
_EARLIEST, _LATEST = "1600", "2200"


def read(numbers: "np.ndarray", form: str) -> tuple["np.ndarray", "np.ndarray"]:
    """Reads numbers as one kind of timestamps.

    Args:
        numbers: int64 or float64 `[n]`.
        form: One of `COUNTS`.

    Returns:
        Microseconds since 1970, int64, and whether they are readable.

    Example:
        `read(np.array([43_831]), "excel")` -> 2020-01-01
    """
    import numpy as np

    unit, first, *_ = _COUNTS[form]
    readable = np.isfinite(numbers) & (np.abs(numbers - first) * unit < 2.5e17)
    counted = np.where(readable, numbers, first) - first
    if form == "ns":
        exact = counted.astype(np.int64)
        return exact // 1000, readable & (exact % 1000 == 0)
    if np.issubdtype(counted.dtype, np.integer):
        return counted * int(unit), readable
    step = _SECOND if form in ("excel", "days") else 1  # a day has no more digits in a spreadsheet
    return np.round(counted * unit / step).astype(np.int64) * step, readable


def write(local: "np.ndarray", form: str) -> "np.ndarray":
    """The numbers of timestamps, int64 where they are whole: the inverse of `read`."""
    import numpy as np

    unit, first, *_ = _COUNTS[form]
    if form == "ns":
        return local * 1000
    if (local % int(unit) == 0).all():
        return local // int(unit) + first
    return np.round(local / unit + first, 9)


def find(numbers: "np.ndarray") -> str:
    """What numbers stand for, by their size and their neighbours.

    Args:
        numbers: The distinct numbers, int64 or float64 `[n]`.

    Returns:
        A format as in `strptime`, or one of `COUNTS`.

    Raises:
        ValueError: No reading fits, or more than one.

    Example:
        `find(np.array([1850, 1851, 1852]))` -> `"%Y"`
    """
    import numpy as np

    read_as = {form: found for form in (*_DIGITS, *COUNTS) if (found := _guessed(numbers, form)) is not None}
    if len(read_as) > 1 or {"%Y", "%Y%m"} & set(read_as):  # few digits fit by chance
        shares = {form: regularity(np.unique(local)) for form, local in read_as.items()}
        least = 1 if 1 in shares.values() else REGULAR
        regular = {form: local for form, local in read_as.items() if shares[form] >= least}
        read_as = regular or read_as
        if len(regular) == 1 and _SHORT not in regular:
            return next(iter(regular))
    elif len(read_as) == 1 and _SHORT not in read_as:
        return next(iter(read_as))
    readings = [f"--time_format {form} reads {stamp_formats.shown(local[0])}" for form, local in read_as.items()]
    raise ValueError(
        f"Expected timestamps that one regular reading fits{', or one of: ' if readings else ''}{'; '.join(readings)}. "
        f"Received: {numbers[0]}, a bare number. A row number is no timestamp (--time '' --frequency h takes rows in "
        f"order); --time_format says what it is: a format as in strptime, or {', '.join(COUNTS)} "
        "(excel: days since 1900; days, s, ms, us, ns: since 1970)"
    )


def digits(numbers: "np.ndarray") -> "np.ndarray":
    """Whole numbers as texts, object `[n]`; None for others."""
    import numpy as np

    whole = np.isfinite(numbers) & (np.floor(numbers) == numbers) & (np.abs(numbers) < 2**63)
    return np.array(
        [str(int(number)) if is_whole else None for number, is_whole in zip(numbers, whole, strict=True)], object
    )


def _guessed(numbers: "np.ndarray", form: str) -> "np.ndarray | None":
    """The timestamps of numbers in microseconds if a reading fits nearly all of them; without the others."""
    import numpy as np

    if form in _DIGITS:
        texts = digits(numbers)
        of_length = np.array([text is not None and len(text) == _DIGITS[form] for text in texts])
        in_time = np.array(
            [text is not None and (form == _SHORT or _EARLIEST <= text[:4] <= _LATEST) for text in texts]
        )
        found = stamp_formats.read(np.where(of_length, texts, ""), form)
        local, fits = found.local, found.readable & of_length & in_time
    else:
        *_, least, most = _COUNTS[form]
        local, readable = read(numbers, form)
        fits = readable & (numbers >= least) & (numbers < most)
        if form in ("ms", "us", "ns"):
            fits &= numbers == np.floor(numbers)
    return local[fits] if fits.mean() >= _FITTING else None
