"""The times of the horizon in the graph against those of the grid, and inputs of earlier versions."""

import json
from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from pipelines.forecasting import series_inputs
from pipelines.forecasting.calendars.holiday_dates import HolidayDates
from pipelines.forecasting.series_inputs import SeriesInputs
from pipelines.sources.tables import time_grid
from pipelines.sources.tables.time_grid import Grid
from pipelines.sources.times import time_zones
from tfmodels import preprocessing

ZONES = ["", "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "+05:30"]


def inputs(grid, calendar=()):
    roles = {role: [] for role in ("past", "known", "static")}
    return SeriesInputs(["load"], **roles, calendar=list(calendar), grid=grid, irregular=False, means={}, scales={})


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("frequency", ["15min", "h", "D", "W", "B", "MS", "ME", "QE", "YE"])
def test_the_horizon_is_that_of_the_grid(zone, frequency):
    clock = time_zones.clock(zone)
    grid = time_grid.grid_of(frequency, clock)
    if frequency in ("MS", "B"):
        grid = replace(grid, day=int(frequency == "MS"), time_of_day=6 * 3600)
    first = grid.ticks(np.random.default_rng(0).integers(0, 3_900_000_000, 200))
    if grid.kind == "days":
        first = first // 86_400 * 86_400
    ticks = first[:, np.newaxis] + grid.step * np.arange(9)
    time = grid.times(ticks.ravel()).reshape(ticks.shape)
    ahead = tf.function(inputs(grid).ahead)(tf.constant(time[:, :1]), 8)
    np.testing.assert_array_equal(ahead, time[:, 1:])


def test_months_of_earlier_versions_are_first_days():
    time = np.array([["2024-01-31"]], "datetime64[s]").astype(np.int64)
    ahead = inputs(Grid(1, "months")).ahead(tf.constant(time), 2).numpy().astype("datetime64[s]")
    assert ahead.astype("datetime64[D]").astype(str).tolist() == [["2024-02-01", "2024-03-01"]]


@pytest.mark.parametrize("grid", [Grid(3600), Grid(1, "months", 31, 60, time_zones.clock("Europe/Berlin", 1000))])
def test_inputs_are_read_back(grid, tmp_path):
    dates = HolidayDates("DE", 2020, 2034, ("2020-01-01", "2020-12-25"))
    for one in (
        inputs(grid),
        replace(inputs(grid, ["hour_of_day:3"]), known=["fair"], daily=["fair"], holidays=[dates]),
    ):
        series_inputs.write(one, tmp_path / "inputs.json")
        assert series_inputs.read(tmp_path / "inputs.json") == one


@pytest.mark.parametrize(("months", "grid"), [(False, Grid(3)), (True, Grid(3, "months"))])
def test_inputs_of_earlier_versions_are_read(months, grid, tmp_path):
    series_inputs.write(inputs(grid), tmp_path / "inputs.json")
    content = json.loads((tmp_path / "inputs.json").read_text())
    for name in ("grid", "daily", "holidays"):
        del content[name]
    (tmp_path / "inputs.json").write_text(json.dumps(content | {"step": 3, "months": months}))
    assert series_inputs.read(tmp_path / "inputs.json") == inputs(grid)


@pytest.mark.parametrize(
    "changed",
    [
        {"holidays": [{"region": "DE", "first": 1, "last": 2, "dates": dates}]}
        for dates in (5, [5], ["x"], ["999999-01-01"], ["2024-02-30"])
    ]
    + [{"holidays": "DE"}, {"holidays": [{"x": 5}]}, {"daily": 5}, {"grid": 5}, {"calendar": None}, {"x": 5}],
)
def test_changed_inputs_are_refused_in_a_sentence(changed, tmp_path):
    series_inputs.write(inputs(Grid(3600)), tmp_path / "inputs.json")
    content = json.loads((tmp_path / "inputs.json").read_text())
    (tmp_path / "inputs.json").write_text(json.dumps(content | changed))
    with pytest.raises(
        ValueError, match=r"^Expected .*inputs\.json as `tfmodels fit` wrote it\. Received: .*--overwrite"
    ):
        series_inputs.read(tmp_path / "inputs.json")


def test_calendar_features_are_of_the_grid_s_clock():
    clock = time_zones.clock("Europe/Berlin", 1000)
    time = tf.constant(1000 * np.arange(1_600_000_000, 1_700_000_000, 9_999_999)[np.newaxis])
    names = ["hour_of_day:4", "month_end"]
    of = inputs(Grid(60_000, clock=clock), names)
    found = of({"values": np.zeros([1, 3, 1]), "time": time})["known"]
    local = preprocessing.local_time(time, clock) // 1000
    np.testing.assert_array_equal(found, preprocessing.calendar_features(local, names))
    assert found.shape[-1] == of.known_size == 9
    dates = [HolidayDates("DE", 2020, 2034, ("2021-04-04",)), HolidayDates("FR", 2020, 2034, ("2020-09-14",))]
    of = replace(of, known=["fair"], means={"known": [0]}, scales={"known": [1]}, holidays=dates)
    window = {"values": np.zeros([1, 3, 1]), "time": time, "known": np.zeros([*time.shape, 1], np.float32)}
    whole = of(window)["known"]
    assert whole.shape[-1] == of.known_size == 16
    np.testing.assert_array_equal(whole[..., 1:10], found)
    np.testing.assert_array_equal(whole[..., 10:], preprocessing.holiday_features(local, [one.dates for one in dates]))


def test_covariates_of_days_hold_for_all_their_steps():
    of = replace(inputs(Grid(3600)), known=["fair", "price"], daily=["fair"], means={"known": [0, 1]})
    of = replace(of, scales={"known": [1, 2]}, dtypes={"known": "float64"})
    time = 1_700_006_400 + 3600 * np.arange(48)[np.newaxis]  # from a midnight on
    known = np.stack([time % 86_400 == 0, np.arange(48)[np.newaxis]], axis=-1).astype(float)
    known[:, 24, 0] = 0
    found = of({"values": np.zeros([1, 24, 1]), "known": tf.constant(known), "time": tf.constant(time)})["known"]
    np.testing.assert_allclose(found[0], np.stack([np.arange(48) < 24, (np.arange(48) - 1) / 2], axis=-1))
