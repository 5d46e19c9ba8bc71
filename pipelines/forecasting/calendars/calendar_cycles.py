"""How many steps of a grid the cycles of the calendar have, and so how many harmonics can be told apart."""

from collections.abc import Sequence

from pipelines.sources.tables.time_grid import Grid
from tfmodels.checked_options import OptionError
from tfmodels.preprocessing.calendar_names import calendar_feature

_HOUR, _DAY, _MONTH, _YEAR = 1 / 24, 1, 28, 365  # the shortest, in days
_DAYS = {
    "minute_of_hour": _HOUR,
    "hour_of_day": _DAY,
    "day_of_week": 7 * _DAY,
    "day_of_month": _MONTH,
    "month_of_year": _YEAR,
    "day_of_year": _YEAR,
}
_BUSINESS_DAYS = {**_DAYS, "day_of_week": 5, "day_of_month": 20, "month_of_year": 261, "day_of_year": 261}
_MONTHS = {"month_of_year": 12, "day_of_year": 12}


def steps(grid: Grid, name: str) -> float:
    """Steps of a cycle.

    Args:
        grid: The grid of a series.
        name: A calendar feature that is a cycle.

    Returns:
        The number; 1 or less of a cycle that is no longer than a step.

    Example:
        `steps(Grid(3600), "hour_of_day")` -> `24.0`
    """
    if grid.kind == "months":
        return _MONTHS.get(name, 0) / grid.step
    if grid.kind == "business":
        return _BUSINESS_DAYS[name] / grid.step
    return _DAYS[name] * grid.clock.day / grid.step


def most_harmonics(grid: Grid, name: str) -> int:
    """The number of harmonics of a cycle that have at least two steps, which lower ones do not say; at least 1.

    Example:
        `most_harmonics(Grid(3600), "hour_of_day")` -> `12`
    """
    return max(int(steps(grid, name) / 2), 1)


def written(name: str, number: int) -> str:
    """A calendar feature as `--calendar` takes it.

    Example:
        `written("day_of_week", 3)` -> `"day_of_week:3"`
    """
    return f"{name}:{number}" if number > 1 else name


def check(calendar: Sequence[str], grid: Grid) -> None:
    """Refuses what a grid cannot carry, and features that are named twice.

    Args:
        calendar: The calendar features.
        grid: The grid of the series.

    Raises:
        OptionError: A feature has too many harmonics, or is there twice.

    Example:
        `check(["hour_of_day:12", "day_of_week:3"], Grid(3600))`
    """
    features = [calendar_feature(text) for text in calendar]
    names = [feature.name for feature in features]
    for text, feature in zip(calendar, features, strict=True):
        if names.count(feature.name) > 1:
            raise OptionError("calendar", f"to name {feature.name} once, with all its harmonics", ",".join(calendar))
        if feature.is_cycle and feature.number > (most := most_harmonics(grid, feature.name)):
            limit = f"to have at most {written(feature.name, most)} of {grid.words} steps, two steps a harmonic"
            raise OptionError("calendar", limit, text)


def check_days(daily: str, holidays: str, grid: Grid) -> None:
    """Refuses what is said of days where steps are too long for it.

    Args:
        daily: The option of that name: a step must be shorter than a day.
        holidays: The option of that name: a step must not be longer than a day.
        grid: The grid of the series.

    Raises:
        OptionError: They are given, and steps are too long.

    Example:
        `check_days("holiday", "US-MN", Grid(3600))`
    """
    day = steps(grid, "hour_of_day")
    if daily and day <= 1:
        raise OptionError("daily", f"to be left out with {grid.words} steps, each of which has its own value", daily)
    if holidays and day < 1:
        raise OptionError("holidays", f"to be left out with {grid.words} steps, longer than a day", holidays)
