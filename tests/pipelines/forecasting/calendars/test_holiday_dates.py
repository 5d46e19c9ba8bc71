import sys

import numpy as np
import pytest

from pipelines.forecasting.calendars import calendar_cycles, holiday_dates
from pipelines.sources.tables import time_grid
from pipelines.sources.times import time_zones
from tfmodels.checked_options import OptionError

HOUR = time_grid.Grid(3600)


def seconds(*dates):
    return np.array(dates, "datetime64[s]").astype(np.int64)


def test_dates_are_those_of_the_package_from_the_first_year_to_ten_after_the_last(capsys):
    holidays = pytest.importorskip("holidays")
    times = [seconds("2014-03-01", "2015-01-01"), seconds("2012-10-02", "2013-12-31T23:00:00")]
    state, country = holiday_dates.of_series("US-MN,DE,DE", times, HOUR)
    for found, known in (
        (state, holidays.country_holidays("US", subdiv="MN")),
        (country, holidays.country_holidays("DE")),
    ):
        days = np.arange("2012-01-01", "2026-01-01", dtype="datetime64[D]").tolist()
        assert list(found.dates) == [day.isoformat() for day in days if day in known]
        assert (found.first, found.last) == (2012, 2025)
    assert "holidays: US-MN from 2012 to 2025, " in capsys.readouterr().out


def test_the_years_are_those_of_local_time():
    pytest.importorskip("holidays")
    grid = time_grid.Grid(3600, clock=time_zones.clock("Pacific/Auckland"))
    (found,) = holiday_dates.of_series("NZ", [seconds("2019-12-31T12:00:00", "2020-12-31T12:00:00")], grid)
    assert (found.first, found.last) == (2020, 2031)


@pytest.mark.parametrize(
    ("regions", "message"),
    [
        ("Us", "countries by their codes.*did you mean US"),
        ("US-MN,DE-XX", "subdivisions of DE, of DE-BB, .*holidays='DE-XX'"),
        ("US-", "subdivisions of US"),
    ],
)
def test_unknown_regions_are_refused(regions, message):
    pytest.importorskip("holidays")
    with pytest.raises(OptionError, match=message):
        holiday_dates.check(regions)


@pytest.mark.parametrize("years", [("1700-01-01", "1800-01-01"), ("9000-01-01", "9999-01-01")])
def test_years_without_known_holidays_are_refused(years):
    pytest.importorskip("holidays")
    with pytest.raises(OptionError, match="to name regions whose holidays of"):
        holiday_dates.of_series("US", [seconds(*years)], HOUR)


def test_without_the_package_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "holidays", None)
    holiday_dates.check("")
    assert holiday_dates.of_series("", [], HOUR) == []
    with pytest.raises(OptionError, match=r"to be left out, or `pip install holidays`\. Received: holidays='DE'"):
        holiday_dates.check("DE")


def test_steps_longer_than_a_day_have_no_holidays():
    calendar_cycles.check_days("", "DE", time_grid.grid_of("D"))
    calendar_cycles.check_days("", "DE", time_grid.grid_of("B"))
    for frequency in ("W", "MS"):
        with pytest.raises(OptionError, match=r"holidays to be left out with .* steps, longer than a day"):
            calendar_cycles.check_days("", "DE", time_grid.grid_of(frequency))
