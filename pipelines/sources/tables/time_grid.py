"""The distance between the steps of a series: elapsed time, or days, business days and months of the local calendar."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from tfmodels.preprocessing.clock import Clock

if TYPE_CHECKING:
    import numpy as np

IRREGULAR = "irregular"
LAST_DAY = 31
_MICROSECONDS = {"us": 1, "ms": 1_000, "s": 1_000_000, "min": 60_000_000, "h": 3_600_000_000}
_DAYS = {"D": 1, "W": 7}
_MONTHS = {"M": 1, "Q": 3, "Y": 12}
_FREQUENCY = re.compile(r"(\d*)(us|ms|s|min|h|D|W|B|[MQY][SE]?)")

_WORDS = {
    **{"s": "every second", "min": "every minute", "h": "hourly", "D": "daily", "W": "weekly", "B": "business days"},
    **{"MS": "monthly", "QS": "quarterly", "YS": "yearly"},
    **{"ME": "ends of months", "QE": "ends of quarters", "YE": "ends of years"},
}
_UNCHANGED = Clock()

Kind = Literal["elapsed", "days", "business", "months"]


@dataclass(frozen=True)
class Grid:
    """A regular time grid: ticks are integers, `step` apart.

    Attributes:
        step: Distance of two ticks; 0 while it is unknown. It counts ticks of the clock in UTC (`elapsed`), ticks of
            the clock in local time (`days`), weekdays (`business`) or calendar months (`months`).
        kind: What the ticks count.
        day: Day of the month of `months`; of a month that is shorter, its last one. 0 stands for the first day, and
            takes a timestamp on any day.
        time_of_day: Local time of `business` days, and of `months` with a day, in ticks of the clock.
        clock: Unit and local time of the timestamps.

    Example:
        `Grid(1, "months", day=31).frequency` -> `"ME"`
    """

    step: int
    kind: Kind = "elapsed"
    day: int = 0
    time_of_day: int = 0
    clock: Clock = _UNCHANGED

    @property
    def frequency(self) -> str:
        """The grid as a frequency, in its shortest spelling.

        Example:
            `Grid(900).frequency` -> `"15min"`
        """
        if self.kind == "months":
            unit = max((unit for unit, months in _MONTHS.items() if self.step % months == 0), key=_MONTHS.__getitem__)
            return _written(self.step // _MONTHS[unit], unit + ("E" if self.day == LAST_DAY else "S"))
        if self.kind == "business":
            return _written(self.step, "B")
        if self.step % self.clock.day == 0:
            days = self.step // self.clock.day
            return _written(days // 7, "W") if days % 7 == 0 else _written(days, "D")
        step = self.step * (1_000_000 // self.clock.ticks)
        unit = max((unit for unit, size in _MICROSECONDS.items() if step % size == 0), key=_MICROSECONDS.__getitem__)
        return _written(step // _MICROSECONDS[unit], unit)

    @property
    def words(self) -> str:
        """The grid in words.

        Example:
            `Grid(3600).words` -> `"hourly"`
        """
        return _WORDS.get(self.frequency, f"every {self.frequency}")

    def ticks(self, time: "np.ndarray") -> "np.ndarray":
        """Timestamps as ticks, int64. Those off the grid get the tick of their day or month: see `is_on`."""
        if self.kind == "elapsed":
            return time
        local = self.clock.local_days(time)
        if self.kind == "days":
            return local
        days = local // self.clock.day
        if self.kind == "months":
            return days.astype("datetime64[D]").astype("datetime64[M]").astype("int64")
        return _weekday_number(days)

    def times(self, ticks: "np.ndarray") -> "np.ndarray":
        """Ticks as timestamps, int64."""
        import numpy as np

        if self.kind == "elapsed":
            return ticks
        if self.kind == "days":
            return self.clock.utc(ticks)
        if self.kind == "business":
            days = 7 * (ticks // 5) + ticks % 5 - 3
        else:
            month = ticks.astype("datetime64[M]")
            first, after = (one.astype("datetime64[D]").astype(np.int64) for one in (month, month + 1))
            days = np.minimum(first + max(self.day, 1), after) - 1
        return self.clock.utc(days * self.clock.day + self.time_of_day)

    def is_on(self, time: "np.ndarray") -> "np.ndarray":
        """Which timestamps are those of their ticks, bool; for months of any day all are."""
        import numpy as np

        return (
            np.full(len(time), True) if self.kind == "months" and not self.day else self.times(self.ticks(time)) == time
        )

    def dates(self, time: "np.ndarray") -> "np.ndarray":
        """Timestamps in local time, datetime64 in the unit of the clock."""
        unit = {1: "s", 1_000: "ms", 1_000_000: "us"}[self.clock.ticks]
        return self.clock.local(time).astype(f"datetime64[{unit}]")

    def text(self, time: int) -> str:
        """A timestamp as text in local time, for messages."""
        import numpy as np

        return str(self.dates(np.array([time], np.int64))[0]).replace("T", " ")


def grid_of(frequency: str, clock: Clock = _UNCHANGED) -> Grid:
    """The grid of a frequency.

    Args:
        frequency: Such as `100ms`, `15min`, `h`, `D`, `W`, `B` (business days), `MS`, `QS`, `YS` (calendar months,
            quarters and years) or `ME`, `QE`, `YE` (their last days); empty = to be found; `irregular` for timestamps
            off any grid.
        clock: Unit and local time of the timestamps.

    Returns:
        The grid; its step is 0 if it is to be found or if there is no grid. The day of months and the time of day are
        found by `completed`.

    Raises:
        ValueError: It is none of these, or finer than the clock.

    Example:
        `grid_of("15min").step` -> `900`
    """
    if frequency in ("", IRREGULAR):
        return Grid(0, clock=clock)
    parts = _FREQUENCY.fullmatch(frequency)
    if not parts or (parts[1] and int(parts[1]) == 0):
        raise ValueError(
            "Expected a frequency such as 100ms, 30s, 15min, h, D, W, B (business days), MS, QS, YS (calendar months, "
            f"quarters, years), ME, QE, YE (their ends) or {IRREGULAR}. Received: frequency={frequency!r}"
        )
    count, unit = int(parts[1] or 1), parts[2]
    if unit == "B":
        return Grid(count, "business", clock=clock)
    if unit[0] in _MONTHS and unit not in _MICROSECONDS:
        return Grid(count * _MONTHS[unit[0]], "months", LAST_DAY if unit.endswith("E") else 0, clock=clock)
    if unit in _DAYS:
        return Grid(count * _DAYS[unit] * clock.day, "days", clock=clock)
    size = count * _MICROSECONDS[unit]
    if size * clock.ticks % 1_000_000:
        clock = replace(clock, ticks=1_000 if size % 1_000 == 0 else 1_000_000)
    return Grid(size * clock.ticks // 1_000_000, clock=clock)


def fitting(frequency: str, clock: Clock) -> Grid:
    """As `grid_of`, refusing steps that are no whole ticks of the timestamps' clock.

    Raises:
        ValueError: They are none.

    Example:
        `fitting("h", Clock())` -> `Grid(3600)`
    """
    grid = grid_of(frequency, clock)
    if grid.clock != clock:
        raise ValueError(f"Expected a frequency as coarse as the timestamps. Received: frequency={frequency!r}")
    return grid


def from_dict(content: Mapping[str, Any]) -> Grid:
    """A grid from `dataclasses.asdict`, after a round trip through JSON."""
    clock = content["clock"]
    changes, offsets = (tuple(clock[name]) for name in ("changes", "offsets"))
    fields: dict[str, Any] = {**content, "clock": Clock(clock["ticks"], changes, offsets)}
    return Grid(**fields)


def _weekday_number(days: "np.ndarray") -> "np.ndarray":
    """Numbers of days without weekends; a day of a weekend has that of its Friday."""
    import numpy as np

    monday = days + 3
    return 5 * (monday // 7) + np.minimum(monday % 7, 4)


def _written(count: int, unit: str) -> str:
    return f"{count if count > 1 else ''}{unit}"
