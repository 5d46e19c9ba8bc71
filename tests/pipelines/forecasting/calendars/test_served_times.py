import numpy as np
import pytest

from pipelines.forecasting.calendars import served_times
from pipelines.forecasting.calendars.holiday_dates import HolidayDates
from pipelines.sources.tables.time_grid import Grid, grid_of
from pipelines.sources.times import time_zones

HOUR, BERLIN = Grid(3600), time_zones.clock("Europe/Berlin")
HOLIDAYS = [HolidayDates("DE", 2020, 2030, ("2020-01-01",)), HolidayDates("US", 2020, 2025, ("2020-01-01",))]


def request(first, last, padding=0):
    ends = np.array([first, last], "datetime64[s]").astype(np.int64)
    return {"time": np.concatenate([np.zeros(padding, np.int64), ends])}


def said(*requests, grid=HOUR, horizon=24, issue=""):
    table = {"horizon": horizon, **served_times.described(HOLIDAYS, issue, bool(issue))}
    return served_times.notes(requests, table, grid)


def test_dates_within_the_tables_are_as_they_should_be():
    assert said(request("2020-01-01", "2020-02-01", padding=3), request("2024-01-01", "2025-12-30T23:00")) == []
    assert said() == [] == served_times.notes([request("1990-01-01", "1990-02-01")], {"horizon": 24}, HOUR)


@pytest.mark.parametrize(
    ("ends", "grid", "horizon"),
    [
        (("2025-12-01", "2025-12-31T00:00"), HOUR, 24),  # the horizon alone
        (("2025-12-01", "2025-12-31T22:00"), Grid(3600, clock=BERLIN), 1),  # in local time
        (("2025-12-01", "2025-12-25"), grid_of("D"), 7),
        (("2025-12-01", "2025-12-25"), grid_of("B"), 5),
    ],
)
def test_the_first_date_beyond_a_table_is_said_for_its_region(ends, grid, horizon):
    (note,) = said(request(*ends), grid=grid, horizon=horizon)
    assert note.startswith("dates of 2025 to 2026") and "US from 2020 to 2025 only" in note
    assert said(request(*ends), grid=grid, horizon=horizon - 1) == []


def test_dates_before_a_table_are_said():
    before = said(request("2019-12-31", "2020-02-01"))
    assert len(before) == 2 and all(note.startswith("dates of 2019 to 2020") for note in before)


def test_histories_that_end_at_another_time_than_the_model_was_trained_for_are_said():
    grid = Grid(3600, clock=BERLIN)
    midnights = request("2024-01-01", "2024-01-31T23:00"), request("2024-06-01", "2024-07-01T22:00")
    assert said(*midnights, grid=grid, issue="00:00") == []
    (note,) = said(*midnights, request("2024-01-01", "2024-01-31T08:00"), grid=grid, issue="00:00")
    assert note.startswith("1 of 3 histories do not end at 00:00")
    assert said(request("2024-01-01", "2024-01-31T08:00"), grid=grid, issue="") == []


def test_a_history_at_the_epoch_has_its_own_time():
    assert (
        len(
            served_times.notes(
                [{"time": np.zeros(3, np.int64)}], {"horizon": 1, "holidays": {"DE": [2020, 2030]}}, HOUR
            )
        )
        == 1
    )
