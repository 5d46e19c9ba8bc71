"""The public holidays of regions, by the PyPI package `holidays`: a table that the run keeps, computed once."""

import datetime
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.sources.tables.time_grid import Grid
from tfmodels import option_lists
from tfmodels.checked_options import OptionError
from tfmodels.suggestions import did_you_mean

if TYPE_CHECKING:
    import numpy as np

_EARLIEST, _LATEST = 1900, 2200
_AHEAD = 10  # years after those of the series


@dataclass(frozen=True)
class HolidayDates:
    """The holidays of a region.

    Attributes:
        region: A country of ISO 3166, perhaps with a subdivision, such as `US-MN`.
        first: First year of the table.
        last: Last year of the table.
        dates: Its dates, of ISO 8601, rising.
    """

    region: str
    first: int
    last: int
    dates: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuses what a table that was changed may hold: days so far apart that it takes much memory, for one."""
        if not all(isinstance(year, int) for year in (self.first, self.last)):
            raise ValueError(f"Expected years of holidays. Received: first={self.first!r}, last={self.last!r}")
        for date in self.dates:
            if not isinstance(date, str) or len(date) != len("2024-01-01"):
                raise ValueError(f"Expected dates of holidays such as 2024-01-01. Received: {date!r}")
            datetime.date.fromisoformat(date)

    @property
    def words(self) -> str:
        """The region and the range of its table."""
        return f"{self.region} from {self.first} to {self.last}"


def check(option: str) -> None:
    """Refuses regions that are not known.

    Args:
        option: Regions with commas between them; empty = none.

    Raises:
        OptionError: One is not known, or the package is missing.

    Example:
        `check("US-MN,DE")`
    """
    regions = option_lists.split(option)
    if not regions:
        return
    known = _package(option).list_supported_countries()
    for region in regions:
        country, _, part = region.partition("-")
        if country not in known:
            names = f"to name countries by their codes, such as DE or US-MN{did_you_mean(country.upper(), known)}"
            raise OptionError("holidays", names, region)
        if "-" in region and part not in known[country]:
            parts = ", ".join(f"{country}-{one}" for one in known[country]) or "which there are none"
            raise OptionError("holidays", f"to name subdivisions of {country}, of {parts}", region)


def of_series(option: str, times: "Sequence[np.ndarray]", grid: Grid) -> list[HolidayDates]:
    """The holidays of the years of some series, and of ten more.

    Args:
        option: See `check`.
        times: The timestamps of each series, int64.
        grid: Their grid.

    Returns:
        For each region its dates, as far as the package knows them; it prints their range.

    Raises:
        OptionError: The package knows no holiday in the years of the series.

    Example:
        `of_series("US-MN,DE", [series.time], Grid(3600))[0].first` -> `2012`
    """
    regions = list(dict.fromkeys(option_lists.split(option)))
    if not regions:
        return []
    ends = [grid.dates(one[[0, -1]]).astype("datetime64[Y]").astype(int) + 1970 for one in times if len(one)]
    first, last = int(min(one[0] for one in ends)), int(max(one[1] for one in ends))
    return [_of_region(region, max(first, _EARLIEST), min(last, _LATEST)) for region in regions]


def _of_region(region: str, first: int, last: int) -> HolidayDates:
    country, _, part = region.partition("-")
    years = range(first, min(last + _AHEAD, _LATEST) + 1)
    with warnings.catch_warnings(record=True) as limits:
        warnings.simplefilter("always")
        known = _package(region).country_holidays(country, subdiv=part or None, years=years)
    dates = tuple(sorted(date.isoformat() for date in known))
    if not any(first <= int(date[:4]) <= last for date in dates):
        raise OptionError("holidays", f"to name regions whose holidays of {first} to {last} are known", region)
    found = HolidayDates(region, max(first, known.start_year), min(years[-1], known.end_year), dates)
    print(f"holidays: {found.words}, {len(dates)} days{''.join(f' ({one.message})' for one in limits)}")
    return found


def _package(option: str) -> Any:
    try:
        import holidays
    except ImportError as error:
        raise OptionError("holidays", "to be left out, or `pip install holidays`", option) from error
    return holidays
