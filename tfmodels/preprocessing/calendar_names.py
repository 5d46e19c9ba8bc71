"""The names of the calendar features, without TensorFlow."""

import re
from typing import NamedTuple

from tfmodels.checked_options import OptionError
from tfmodels.suggestions import did_you_mean

CALENDAR_FEATURES = (
    "minute_of_hour",
    "hour_of_day",
    "day_of_week",
    "day_of_month",
    "month_of_year",
    "day_of_year",
    "month_end",
)
_LONGEST = 28  # days that each month has
_SAME = {  # a cycle counts everything within it
    "minute_of_day": "hour_of_day",
    "hour_of_week": "day_of_week",
    "weekday": "day_of_week",
    "weekend": "day_of_week",
    "week_of_year": "day_of_year",
    "month": "month_of_year",
}
_WRITTEN = re.compile(r"(\w+)(?::([1-9][0-9]{0,2}))?")


class CalendarFeature(NamedTuple):
    """A calendar feature.

    Attributes:
        name: One of `CALENDAR_FEATURES`.
        number: Harmonics of a cycle; days of `month_end`.
    """

    name: str
    number: int

    @property
    def is_cycle(self) -> bool:
        """Whether it is a place in a cycle, and not an indicator."""
        return self.name != "month_end"

    @property
    def width(self) -> int:
        """Number of its columns: a sine and a cosine for each harmonic, or an indicator for each day."""
        return 2 * self.number if self.is_cycle else self.number


def calendar_feature(text: str) -> CalendarFeature:
    """Reads a calendar feature.

    Args:
        text: A name, or a name and a number from 1 to 999 such as `hour_of_day:12`.

    Returns:
        The feature; the number of a plain name is 1.

    Raises:
        OptionError: It is none.

    Example:
        `calendar_feature("hour_of_day:12")` -> `CalendarFeature("hour_of_day", 12)`
    """
    parts = _WRITTEN.fullmatch(text)
    name = parts[1] if parts else text.partition(":")[0]
    if name not in CALENDAR_FEATURES:
        meant = f" ({_SAME[name]} says it too)" if name in _SAME else did_you_mean(name, CALENDAR_FEATURES)
        raise OptionError("calendar", f"to name calendar features, of {', '.join(CALENDAR_FEATURES)}{meant}", text)
    number = int(parts[2] or 1) if parts else 0
    if not number or (name == "month_end" and number > _LONGEST):
        most = f"days from 1 to {_LONGEST}" if name == "month_end" else "harmonics from 1 to 999"
        raise OptionError("calendar", f"to have a number of {most} after a colon, as in {name}:2", text)
    return CalendarFeature(name, number)
