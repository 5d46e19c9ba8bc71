"""Grids: ticks and timestamps are inverse, found from timestamps, and go on as pandas' calendar does."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sources.tables import time_grid
from pipelines.sources.times import grid_search, time_zones

ZONES = ["", "America/Sao_Paulo", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "+05:30"]


def times(start, count, frequency, zone="", unit="s"):
    """Timestamps in UTC of local ones that pandas gives."""
    local = pd.date_range(start, periods=count, freq=frequency, tz=None).as_unit(unit).astype(np.int64).to_numpy()
    return time_zones.clock(zone, {"s": 1, "ms": 1000, "us": 1_000_000}[unit]).utc(local)


def found(time, zone="", ticks=1, frequency="", irregular=False):
    return grid_search.completed(time_grid.grid_of(frequency, time_zones.clock(zone, ticks)), {"": time}, irregular)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    ("start", "frequency", "kind", "name"),
    [
        ("2020-01-31 00:00", "D", "days", "D"),
        ("2020-01-05 06:00", "W-SUN", "days", "W"),
        ("2020-01-01", "B", "business", "B"),
        ("2020-01-01 16:00", "B", "business", "B"),
        ("2020-01-31", "ME", "months", "ME"),
        ("2020-01-31 23:59:59", "ME", "months", "ME"),
        ("2020-01-01", "MS", "months", "MS"),
        ("2020-01-01", "QS", "months", "QS"),
        ("2019-12-31", "QE", "months", "QE"),
        ("2019-12-31", "YE", "months", "YE"),
        ("1990-01-01", "YS", "months", "YS"),
    ],
)
def test_a_grid_is_found_and_goes_on_as_the_calendar(zone, start, frequency, kind, name):
    time = times(start, 120, frequency, zone)
    grid = found(time[:40], zone)
    assert (grid.kind, grid.frequency) == (kind, name)
    ticks = grid.ticks(time)
    assert np.unique(np.diff(ticks)).tolist() == [grid.step]
    np.testing.assert_array_equal(grid.times(ticks), time)
    assert grid.is_on(time).all()
    np.testing.assert_array_equal(found(time[:40], zone, frequency=name).times(ticks), time)
    np.testing.assert_array_equal(time_grid.from_dict(as_json(grid)).times(ticks), time)


def as_json(grid):
    import json
    from dataclasses import asdict

    return json.loads(json.dumps(asdict(grid)))


@pytest.mark.parametrize("zone", ZONES)
def test_hours_are_elapsed_time(zone):
    clock = time_zones.clock(zone)
    time = clock.utc(np.array([np.datetime64("2022-03-26", "s").astype(np.int64)])) + 3600 * np.arange(72)
    assert found(time, zone).frequency == "h" and found(time, zone).kind == "elapsed"


@pytest.mark.parametrize(
    ("ticks", "step", "name"), [(1000, 20, "20ms"), (1_000_000, 500, "500us"), (1000, 60_000, "min")]
)
def test_steps_below_a_second(ticks, step, name):
    time = 1_600_000_000 * ticks + step * np.arange(10)
    grid = found(time, ticks=ticks)
    assert grid.frequency == name and time_grid.grid_of(name, grid.clock) == grid
    assert time_grid.grid_of("500us").clock.ticks == 1_000_000


def test_days_of_the_month_that_short_months_lack():
    time = np.array(["2020-01-30", "2020-02-29", "2020-03-30", "2020-04-30"], "datetime64[s]").astype(np.int64)
    grid = found(time)
    assert (grid.kind, grid.day) == ("months", 30)
    np.testing.assert_array_equal(grid.times(grid.ticks(time)), time)


def test_months_of_any_day_stand_for_their_first():
    time = np.array(["2020-01-03", "2020-02-05", "2020-03-02"], "datetime64[s]").astype(np.int64)
    grid = found(time, frequency="MS")
    assert grid.day == 0 and grid.is_on(time).all()
    firsts = grid.times(grid.ticks(time)).astype("datetime64[s]").astype("datetime64[D]")
    assert firsts.astype(str).tolist() == ["2020-01-01", "2020-02-01", "2020-03-01"]


@pytest.mark.parametrize("start", ["2020-01-01", "2020-02-28"])
def test_days_without_some_weekends_are_days(start):
    time = times(start, 40, "D")
    assert found(time).kind == "days"
    assert found(np.delete(time, [3, 4, 10])).kind == "days"
    assert found(times(start, 6, "B")).kind == "days"  # one weekend is a gap
    assert found(np.delete(times(start, 60, "B"), [17, 30])).kind == "business"  # holidays are gaps
    assert found(times(start, 40, "D")[::2]).frequency == "2D"


def test_what_lies_off_a_grid():
    grid = found(times("2020-01-01", 40, "B"))
    weekend = np.array(["2020-01-03", "2020-01-04", "2020-01-06"], "datetime64[s]").astype(np.int64)
    assert grid.is_on(weekend).tolist() == [True, False, True]
    ends = found(times("2020-01-31", 10, "ME"))
    assert ends.is_on(np.array(["2020-02-28", "2020-02-29"], "datetime64[s]").astype(np.int64)).tolist() == [
        False,
        True,
    ]


@given(st.sampled_from(ZONES), st.sampled_from(["D", "W", "B", "ME", "MS", "QE", "h"]), st.integers(0, 4_000_000_000))
def test_ticks_and_timestamps_are_inverse(zone, frequency, second):
    grid = time_grid.grid_of(frequency, time_zones.clock(zone))
    ticks = grid.ticks(np.array([second])) + grid.step * np.arange(400)
    moved = grid.ticks(grid.times(ticks)) - ticks
    # A time of day that the clocks skip in spring is one after them.
    assert np.isin(moved, (0, 1_800, 3_600, 7_200)).all()
    assert np.count_nonzero(moved) <= 12


def test_a_day_may_begin_at_one_o_clock():
    time = times("2018-10-20", 60, "D", "America/Sao_Paulo")  # midnight of 4 November is skipped
    grid = found(time, "America/Sao_Paulo")
    assert grid.kind == "days" and grid.text(time[15]) == "2018-11-04 01:00:00"
    np.testing.assert_array_equal(grid.times(grid.ticks(time)), time)
    assert np.unique(np.diff(grid.ticks(time))).tolist() == [86_400]


def test_irregular_timestamps_have_elapsed_steps():
    assert found(times("2020-01-31", 10, "ME"), irregular=True).kind == "elapsed"
