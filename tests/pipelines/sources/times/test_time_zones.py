"""Local time: the clock's own tables against zoneinfo, and stamps of hours that are repeated or skipped."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from pipelines.sources.faults import Faults
from pipelines.sources.tables import timestamps
from pipelines.sources.tables.table_columns import Columns
from pipelines.sources.tables.table_files import FILE, LINE, SPLIT
from pipelines.sources.times import time_form, time_zones

ZONES = ["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo", "+05:30"]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BERLIN = "Europe/Berlin"


def read(cells, form=None, on_bad="error", series=(), **options):
    frame = pd.DataFrame({"ts": cells, "site": (series or ["a"]) if len(series) == len(cells) else ["a"] * len(cells)})
    frame = frame.assign(**{FILE: "data", LINE: np.arange(2, len(frame) + 2), SPLIT: -1})
    columns = Columns(("ts",), series=("site",), **options)
    return timestamps.read(frame, columns, Faults(on_bad), form)


def utc(time):
    return pd.to_datetime(np.array(time).astype("datetime64[s]")).strftime("%m-%dT%H:%M").tolist()


@pytest.mark.parametrize("zone", ZONES[:-1])
def test_a_clock_tells_the_time_of_its_zone(zone):
    clock, info = time_zones.clock(zone), ZoneInfo(zone)
    edges = np.array([change for change in clock.changes if 0 < change < 4_102_444_800])
    near = (edges[:, np.newaxis] + np.array([-3601, -1, 0, 1, 1800])).ravel()
    seconds = np.concatenate([np.random.default_rng(0).integers(0, 4_102_444_800, 500), near])
    walls = [(EPOCH + timedelta(seconds=int(second))).astimezone(info).replace(tzinfo=None) for second in seconds]
    local = clock.local(seconds)
    assert local.tolist() == [int((wall - EPOCH.replace(tzinfo=None)).total_seconds()) for wall in walls]
    skipped = [wall + timedelta(hours=1) for wall in walls]  # in and around hours that are skipped
    expected = [int(wall.replace(tzinfo=info, fold=0).timestamp()) for wall in (*walls, *skipped)]
    assert clock.utc(np.concatenate([local, local + 3600])).tolist() == expected


def test_a_zone_that_is_none_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match=r"time_zone='Europe/Berln'.*Europe/Berlin"):
        time_zones.check("Europe/Berln")


HOURS = pd.date_range("2022-10-29 22:00", periods=8, freq="h", tz="UTC")


@pytest.mark.parametrize("step", ["h", "30min"])
@pytest.mark.parametrize("backwards", [False, True])
def test_a_repeated_hour_is_told_by_the_order_of_rows(step, backwards):
    moments = pd.date_range("2022-10-29 22:00", periods=12, freq=step, tz="UTC")[:: -1 if backwards else 1]
    cells = moments.tz_convert(BERLIN).strftime("%Y-%m-%d %H:%M").tolist()
    time, form = read(cells, time_zone=BERLIN)
    np.testing.assert_array_equal(time, moments.tz_localize(None).as_unit("s").astype(np.int64))
    assert time_form.written(time.astype(np.int64), form)["time"].tolist() == cells


def test_an_hour_that_the_order_leaves_open_is_refused_or_said():
    cells = ["2022-10-30 01:00", "2022-10-30 02:00", "2022-10-30 03:00"]
    with pytest.raises(
        ValueError,
        match=r"--ambiguous earlier or later for the hour that Europe/Berlin.*'2022-10-30 02:00', data, line 3",
    ):
        read(cells, time_zone=BERLIN)
    for ambiguous, hours in (("earlier", "00"), ("later", "01")):
        time, form = read(cells, time_zone=BERLIN, ambiguous=ambiguous)
        assert utc(time)[1] == f"10-30T{hours}:00"
        np.testing.assert_array_equal(read(cells, form)[0], time)  # the new table is read as in training
    sorted_halves = ["2022-10-30 02:00", "2022-10-30 02:00", "2022-10-30 02:30", "2022-10-30 02:30"]
    with pytest.raises(ValueError, match="--ambiguous"):
        read(sorted_halves, time_zone=BERLIN)


def test_each_series_has_an_order_of_its_own():
    local = HOURS.tz_convert(BERLIN).strftime("%Y-%m-%d %H:%M")
    cells, sites = np.repeat(local, 2).tolist(), ["north", "south"] * len(local)
    time, _ = read(cells, series=sites, time_zone=BERLIN)
    np.testing.assert_array_equal(time, np.repeat(HOURS.tz_localize(None).as_unit("s").astype(np.int64), 2))


def test_a_skipped_hour_is_a_fault():
    cells = ["2022-03-27 01:00", "2022-03-27 02:00", "2022-03-27 03:00"]
    with pytest.raises(ValueError, match=r"skipped.*'2022-03-27 02:00', data, line 3"):
        read(cells, time_zone=BERLIN)
    assert np.isnan(read(cells, time_zone=BERLIN, on_bad="drop")[0]).tolist() == [False, True, False]


LOCAL = pd.date_range("2022-03-25", periods=5, freq="D", tz=BERLIN)


def test_offsets_of_a_zone_are_read_and_written():
    cells = [stamp.isoformat() for stamp in LOCAL]
    with pytest.raises(ValueError, match=r"--time_zone NAME, such as Europe/Berlin.*the offsets \+01:00, \+02:00"):
        read(cells)
    time, form = read(cells, time_zone=BERLIN)
    np.testing.assert_array_equal(time, LOCAL.tz_convert("UTC").tz_localize(None).as_unit("s").astype(np.int64))
    assert time_form.written(time.astype(np.int64), form)["time"].tolist() == cells
    with pytest.raises(
        ValueError, match=r"offsets from UTC that Europe/Berlin has. Received: '2022-03-25T00:00:00\+03"
    ):
        read([cells[0].replace("+01:00", "+03:00"), *cells[1:]], time_zone=BERLIN)
    np.testing.assert_array_equal(read(cells, time_zone="UTC")[0], time)
    odd = ["2022-03-25T00:00:00+01:00", "2022-03-25T01:00:00-07:00"]
    with pytest.raises(ValueError, match=r"--time_zone UTC \(no zone has these offsets\)"):
        read(odd)


@pytest.mark.parametrize(("end", "zone"), [("Z", "UTC"), ("+00:00", "UTC"), ("+05:30", "+05:30"), ("-0330", "-03:30")])
def test_one_offset_is_a_zone(end, zone):
    cells = [f"2022-03-25T0{hour}:00{end}" for hour in range(3)]
    time, form = read(cells)
    assert form.zone == zone and utc(time)[0] == utc([pd.Timestamp(cells[0]).timestamp()])[0]
    assert time_form.written(time.astype(np.int64), form)["time"].tolist() == cells


def test_dates_of_a_zone():
    for cells in (LOCAL, LOCAL.tz_convert("UTC"), LOCAL.astype(object)):
        time, form = read(cells)
        np.testing.assert_array_equal(time, LOCAL.tz_convert("UTC").tz_localize(None).as_unit("s").astype(np.int64))
        written = time_form.written(time.astype(np.int64), form)["time"]
        assert written.tolist() == list(cells)
        np.testing.assert_array_equal(read(written, form)[0], time)
    naive = LOCAL.tz_localize(None)
    time, form = read(naive, time_zone=BERLIN)
    assert utc(time)[-1] == "03-28T22:00"
    assert time_form.written(time.astype(np.int64), form)["time"].tolist() == list(naive)


def test_days_of_a_spreadsheet_are_local():
    time, form = read([44_645, 44_646, 44_647, 44_648], time_zone=BERLIN)  # from 25 March 2022
    np.testing.assert_array_equal(time, LOCAL[:4].tz_convert("UTC").tz_localize(None).as_unit("s").astype(np.int64))
    assert time_form.written(time.astype(np.int64), form)["time"].tolist() == [44_645, 44_646, 44_647, 44_648]


def test_numbers_live_in_the_zone_of_the_user():
    seconds = LOCAL.tz_convert("UTC").tz_localize(None).as_unit("s").astype(np.int64)
    time, form = read(seconds, time_zone=BERLIN)
    np.testing.assert_array_equal(time, seconds)
    assert form.zone == BERLIN and time_form.written(time.astype(np.int64), form)["time"].tolist() == seconds.tolist()
