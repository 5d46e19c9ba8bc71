"""Splitting series by time: where validation and test begin."""

import re
from collections.abc import Sequence
from datetime import time

import numpy as np

from pipelines.sources.faults import Faults
from pipelines.sources.tables.time_grid import Grid
from tfmodels.preprocessing.clock import Clock
from tfmodels.training import Series

_REST = "*"
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?)?)?")
_MICROSECONDS = 1_000_000
_SECONDS = Clock()
_STEPS = Grid(1)
_MEANING = (
    "three shares such as 0.7,0.1,0.2, three numbers of steps such as *,48,48 (* is the rest), or the two dates at "
    "which validation and test begin"
)


def check(split: str) -> None:
    """Refuses a value of the option `split` that `bounds` cannot read.

    Args:
        split: The option.

    Raises:
        ValueError: It is wrong.

    Example:
        `check("0.7,0.1,0.2")`
    """
    bounds(split, np.arange(10))


def bounds(split: str, timestamps: np.ndarray, clock: Clock = _SECONDS) -> tuple[int, int, int]:
    """Steps at which validation and test of a series begin and the test ends.

    Args:
        split: Three shares of the series' steps, three numbers of steps, of which one may be `*`, or two dates.
        timestamps: int64 `[steps]`.
        clock: Unit of the timestamps, and the local time that dates are of.

    Returns:
        The steps, each at most the number of steps.

    Raises:
        ValueError: `split` is none of these.

    Example:
        `bounds("*,2,3", np.arange(10))` -> `(5, 7, 10)`
    """
    parts = [part.strip() for part in split.split(",")]
    steps = len(timestamps)
    if _is_dates(split):
        dates = np.array([_date(part, split) for part in parts], np.int64)
        starts = np.searchsorted(timestamps, clock.utc(dates * clock.ticks // _MICROSECONDS))
        return _checked((int(starts[0]), int(starts[1]), steps), split)
    if len(parts) != 3:
        raise ValueError(f"Expected {_MEANING}. Received: split={split!r}")
    if parts.count(_REST) == 1 and all(part.isdecimal() for part in parts if part != _REST):
        sizes = [int(part) if part != _REST else 0 for part in parts]
        sizes[parts.index(_REST)] = max(steps - sum(sizes), 0)
        ends = np.cumsum(sizes)
    elif all(part.isdecimal() for part in parts) and any(int(part) > 1 for part in parts):
        ends = np.cumsum([int(part) for part in parts])
    else:
        ends = np.round(steps * np.cumsum(_shares(parts, split))).astype(np.int64)
    ends = np.minimum(ends, steps)
    return _checked((int(ends[0]), int(ends[1]), int(ends[2])), split)


def seconds_of_day(text: str) -> int | None:
    """A time of day such as 06:30, in seconds; None for an empty text.

    Raises:
        ValueError: It is not a time of day.

    Example:
        `seconds_of_day("01:00")` -> `3600`
    """
    if not text:
        return None
    try:
        parsed = time.fromisoformat(text)
    except ValueError:
        parsed = None
    if not parsed or parsed.tzinfo or parsed.microsecond:
        raise ValueError(
            f"Expected a time of day of the series' own clock, such as 00:00 or 06:30. Received: issue={text!r}"
        )
    return 3600 * parsed.hour + 60 * parsed.minute + parsed.second


def divide(series: Sequence[Series], split: str, horizon: int, faults: Faults, grid: Grid = _STEPS) -> list[Series]:
    """Sets the bounds of the series, and leaves out those that cannot be trained on.

    Args:
        series: The series. Bounds set by the files of the splits win over shares and numbers, not over dates; if only
            the test has a file of its own, the rest is divided in the ratio of training and validation.
        split: See `bounds`.
        horizon: Steps to forecast.
        faults: Receives series that are too short, empty or constant in their training part.
        grid: The distance of two steps; its clock is the one that dates are of.

    Returns:
        The remaining series.

    Raises:
        ValueError: No series remains, or no training or validation part is as long as the horizon.
    """
    found = []
    for one in series:
        divided = one._replace(bounds=decided(one, split, grid.clock))
        if not _is_faulty(divided, horizon, faults):
            found.append(divided)
    if not found:
        raise ValueError("Expected a series to train on. Received: none is left")
    for place, name in ((0, "training"), (1, "validation")):
        if not any(_size(one, place) >= horizon for one in found):
            raise ValueError(
                f"Expected a {name} part of at least {horizon} steps, the horizon, in some series. "
                f"Received: split={split!r}, {max(_size(one, place) for one in found)} steps at most"
                f"{_range(found, grid) if _is_dates(split) else ''}"
            )
    return found


def _range(series: Sequence[Series], grid: Grid) -> str:
    first, last = min(one.time[0] for one in series), max(one.time[-1] for one in series)
    return f", in series from {grid.text(first)} to {grid.text(last)}"


def decided(series: Series, split: str, clock: Clock) -> tuple[int, int, int]:
    """The bounds of a series: those of its files where they win, else those of `bounds`.

    Args:
        series: The series.
        split: See `bounds`.
        clock: See `bounds`.

    Example:
        `decided(series, "0.7,0.1,0.2", Clock())` -> `(70, 80, 100)`
    """
    found = bounds(split, series.time, clock)
    if series.bounds is None or _is_dates(split):
        return found
    start, test, end = series.bounds
    return start if start >= 0 else test * found[0] // max(found[1], 1), test, end


def _is_dates(split: str) -> bool:
    return split.count(",") == 1


def bounds_of(series: Series) -> tuple[int, int, int]:
    """The bounds of a series that has been divided.

    Raises:
        ValueError: It has not been divided.
    """
    if series.bounds is None:
        raise ValueError(f"Expected a series divided into splits. Received: {series.name!r} without bounds")
    return series.bounds


def _size(series: Series, place: int) -> int:
    edges = (0, *bounds_of(series))
    return edges[place + 1] - edges[place]


def _is_faulty(series: Series, horizon: int, faults: Faults) -> bool:
    name = f"series {series.name!r}" if series.name else "the series"
    train = series.values[: bounds_of(series)[0]]
    observed = np.isfinite(train)
    if len(train) < horizon + 1:
        faults.found(
            f"series with at least {horizon + 1} steps to train on, one more than the horizon",
            f"{len(train)} of {len(series.time)} in {name}", "it is left out",
        )  # fmt: skip
        return True
    if not observed.any():
        faults.found("series with values to train on", f"none in {name}", "it is left out")
        return True
    first = np.take_along_axis(train, observed.argmax(axis=0)[np.newaxis], axis=0)
    if not ((train != first) & observed).any():
        faults.found("series that change", f"only {first[0].tolist()} in {name}", "it is left out")
        return True
    return False


def _shares(parts: list[str], split: str) -> list[float]:
    try:
        shares = [float(part) for part in parts]
    except ValueError:
        raise ValueError(f"Expected {_MEANING}. Received: split={split!r}") from None
    if not all(share >= 0 for share in shares) or not abs(sum(shares) - 1) <= 1e-6:  # no share is NaN either
        raise ValueError(f"Expected shares that sum to 1. Received: split={split!r}")
    return shares


def _date(text: str, split: str) -> int:
    """A date in microseconds."""
    try:
        if not _DATE.fullmatch(text):  # numpy reads `nan`, `today` and the year 7, too
            raise ValueError
        return int(np.datetime64(text, "us").astype(np.int64))
    except ValueError:
        raise ValueError(f"Expected {_MEANING}. Received: split={split!r}") from None


def _checked(found: tuple[int, int, int], split: str) -> tuple[int, int, int]:
    if found[0] > found[1]:
        raise ValueError(f"Expected the test to begin after the validation. Received: split={split!r}")
    return found


def bounds_of_files(split: np.ndarray, places: np.ndarray, length: int, name: str) -> tuple[int, int, int] | None:
    """Where validation and test begin if the splits have files of their own; -1 for a validation without one."""
    named = f" of series {name!r}" if name else ""
    if (split < 0).all():
        return None
    if (np.diff(split) < 0).any():
        raise ValueError(
            "Expected the file of each split to begin where the one before ends. "
            f"Received: rows of an earlier split after those of a later one{named}"
        )
    starts = [int(places[np.searchsorted(split, number)]) if (split >= number).any() else length for number in (1, 2)]
    return starts[0] if (split == 1).any() else -1, starts[1], length
