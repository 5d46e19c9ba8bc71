"""Time zones: the changes of their offsets, and local timestamps in UTC."""

import functools
import re
from datetime import UTC, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING

from tfmodels.preprocessing.clock import Clock
from tfmodels.suggestions import did_you_mean

if TYPE_CHECKING:
    import numpy as np

_YEARS = ("1900", "2200")
_DAY, _SECOND = 86_400, 1_000_000
_COMMON = ("Europe/London", "Europe/Berlin", "Europe/Athens", "America/New_York", "America/Chicago", "Australia/Sydney")
_OFFSET = re.compile("([+-])([01][0-9]|2[0-3]):([0-5][0-9])")


def check(zone: str) -> None:
    """Refuses what is no time zone.

    Raises:
        ValueError: It is none.

    Example:
        `check("Europe/Berlin")`
    """
    _zone(zone)


@functools.lru_cache
def clock(zone: str, ticks: int = 1) -> Clock:
    """The clock of a time zone.

    Args:
        zone: A name such as `Europe/Berlin`, an offset such as `+01:00`, or empty for a clock that is never changed.
        ticks: Ticks of a timestamp in a second.

    Returns:
        The clock, with the changes from 1900 to 2200.

    Raises:
        ValueError: There is no such zone.

    Example:
        `clock("Europe/Berlin").local(np.array([0]))` -> `[3600]`
    """
    import numpy as np

    found = _zone(zone)
    first, last = (np.datetime64(year, "s").astype(np.int64) for year in _YEARS)
    days = np.arange(first, last, _DAY)
    offsets = _offsets(days, found)
    changed = np.flatnonzero(np.diff(offsets))
    early, late = days[changed], days[changed + 1]
    while (late - early > 1).any():
        middle = (early + late) // 2
        same = _offsets(middle, found) == offsets[changed]
        early, late = np.where(same, middle, early), np.where(same, late, middle)
    return Clock(ticks, tuple(late.tolist()), (int(offsets[0]), *offsets[changed + 1].tolist()))


def fitting(instants: "np.ndarray", offsets: "np.ndarray") -> list[str]:
    """The zones whose offsets are those of timestamps.

    Args:
        instants: int64, microseconds since 1970 in UTC.
        offsets: int64, seconds east of UTC.

    Returns:
        The names, common ones first.
    """
    import zoneinfo

    import numpy as np

    change = np.flatnonzero(np.diff(offsets, prepend=offsets[0] - 1, append=offsets[-1] - 1))
    few = np.unique(np.concatenate([change[:-1], change[1:] - 1]))
    parts = ("Europe", "America", "Australia", "Asia", "Africa", "Pacific")
    known = zoneinfo.available_timezones()
    names = [*_COMMON, *(name for name in sorted(known - {*_COMMON}) if name.partition("/")[0] in parts)]
    return [name for name in names if np.array_equal(_offsets(instants[few] // _SECOND, _zone(name)), offsets[few])]


def in_order(local: "np.ndarray", rows: "np.ndarray", zone: Clock) -> "np.ndarray":
    """Which of the rows of a series lie in the later of two equal hours, found from their order.

    Args:
        local: int64 `[n]`, timestamps of rows on the clock.
        rows: bool `[n]`, which of them lie in an hour that the clock repeats.
        zone: The clock.

    Returns:
        int8 `[n]`: 1 where the hour is the later one, 0 where it is the earlier one or never repeated, -1 where the
        order leaves it open: an hour that occurs once, or whose rows are not in order.
    """
    import numpy as np

    found = np.zeros(len(local), np.int8)
    places = np.flatnonzero(rows)
    turns = np.array(zone.turns, np.int64)
    change = np.searchsorted(turns, local[places], side="right")
    for number in np.unique(change):
        mine = places[change == number]
        times = local[mine]
        half = len(mine) // 2
        twice = len(mine) % 2 == 0 and np.array_equal(times[:half], times[half:])
        rises, falls = (np.diff(times[:half]) > 0).all(), (np.diff(times[:half]) < 0).all()
        if not twice or not (rises or falls):
            found[mine] = -1
            continue
        backwards = not rises if half > 1 else _falls(local, mine)
        found[mine[:half] if backwards else mine[half:]] = 1
    return found


def _falls(local: "np.ndarray", pair: "np.ndarray") -> bool:
    """Whether the rows around a pair go back in time."""
    before, after = local[max(pair[0] - 1, 0)], local[min(pair[-1] + 1, len(local) - 1)]
    return bool(before > after)


def _offsets(seconds: "np.ndarray", zone: tzinfo) -> "np.ndarray":
    """Seconds east of UTC at moments of UTC, in seconds since 1970."""
    import numpy as np
    import pandas as pd

    moments = pd.DatetimeIndex(seconds.astype("datetime64[s]")).tz_localize("UTC")
    return moments.tz_convert(zone).tz_localize(None).to_numpy().astype("datetime64[s]").astype(np.int64) - seconds


def _zone(zone: str) -> tzinfo:
    import zoneinfo

    if zone in ("", "UTC"):
        return UTC
    if found := _OFFSET.fullmatch(zone):
        sign, hours, minutes = found.groups()
        return timezone((-1 if sign == "-" else 1) * timedelta(hours=int(hours), minutes=int(minutes)))
    try:
        return zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        near = did_you_mean(zone, sorted(zoneinfo.available_timezones()))
        raise ValueError(
            f"Expected a time zone such as Europe/Berlin, UTC or +01:00. Received: time_zone={zone!r}{near}"
        ) from None
