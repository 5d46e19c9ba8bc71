"""What is said of requests whose times are others than those that a model was made for."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pipelines.forecasting.calendars.holiday_dates import HolidayDates
from pipelines.sources.tables import time_splits
from pipelines.sources.tables.time_grid import Grid


def described(holidays: Sequence[HolidayDates], issue: str, issued_only: bool) -> dict[str, Any]:
    """The times that a model was made for, as the card of an export keeps them.

    Args:
        holidays: The holidays of each region.
        issue: The option of that name.
        issued_only: Whether the model was trained on forecasts made at that time of day alone.

    Returns:
        `holidays`, the years of each table by region, and `issued`, a time of day, empty for any.

    Example:
        `described([], "00:00", True)` -> `{"holidays": {}, "issued": "00:00"}`
    """
    return {"holidays": {one.region: [one.first, one.last] for one in holidays}, "issued": issue if issued_only else ""}


def notes(requests: Sequence[Mapping[str, Any]], table: Mapping[str, Any], grid: Grid) -> list[str]:
    """What to say of requests beyond these times.

    Args:
        requests: Each with `time`, int64, 0 at padding.
        table: What `described` returned, and `horizon`; exports of earlier versions lack the former.
        grid: The grid of the timestamps.

    Returns:
        Sentences; none if all is as it should be.

    Example:
        `notes([{"time": times}], {"horizon": 24, "holidays": {"DE": [2012, 2030]}}, Grid(3600))`
    """
    if not requests or not (table.get("holidays") or table.get("issued")):
        return []
    times = [request["time"] for request in requests]
    first = np.array([one[one != 0].min(initial=one[-1]) for one in times], np.int64)
    issued = np.array([one[-1] for one in times], np.int64)
    return [
        *_about_holidays(table.get("holidays", {}), grid.dates(first), grid.dates(_ahead(issued, table, grid))),
        *_about_issue(table.get("issued", ""), grid.dates(issued)),
    ]


def _ahead(issued: np.ndarray, table: Mapping[str, Any], grid: Grid) -> np.ndarray:
    """The last timestamps of the horizon; of irregular series, about where it ends."""
    return grid.times(grid.ticks(issued) + table["horizon"] * grid.step)


def _about_holidays(years: Mapping[str, Sequence[int]], first: np.ndarray, last: np.ndarray) -> list[str]:
    begin, end = (int(one.astype("datetime64[Y]").astype(int)) + 1970 for one in (first.min(), last.max()))
    years_of = str(begin) if begin == end else f"{begin} to {end}"
    return [
        f"dates of {years_of}, but the model knows the holidays of {region} from {low} to {high} only: other days "
        "count as none. A model that is trained anew, on newer rows, knows later ones"
        for region, (low, high) in years.items()
        if begin < low or end > high
    ]


def _about_issue(issue: str, issued: np.ndarray) -> list[str]:
    of_day = (issued - issued.astype("datetime64[D]")).astype("timedelta64[s]")
    others = int((of_day != np.timedelta64(time_splits.seconds_of_day(issue) or 0, "s")).sum()) if issue else 0
    if not others:
        return []
    return [
        f"{others:,} of {len(issued):,} histories do not end at {issue}: the model was trained on forecasts made at "
        "that time of day alone and is unfit for others"
    ]
