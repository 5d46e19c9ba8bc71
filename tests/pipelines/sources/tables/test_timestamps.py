"""Timestamps in each way they are written: read back equal, written as they came, or refused; never another value."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.sources.faults import Faults
from pipelines.sources.tables import table_series, timestamps
from pipelines.sources.tables.table_columns import Columns
from pipelines.sources.tables.table_files import FILE, LINE, SPLIT
from pipelines.sources.tables.table_reading import Reading
from pipelines.sources.times import time_form, time_zones
from pipelines.sources.times.time_form import TimeForm

DATES = ["%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%-m/%-d/%Y", "%d %b %Y", "%b %d, %Y", "%d-%B-%Y", "%Y/%m/%d"]
CLOCKS = [" %H:%M", "T%H:%M:%S", " %H.%M.%S", " %-I:%M %p", " %H:%M:%S.%3f", " %I:%M:%S %P", "T%H:%M:%S.%6fZ"]
STEPS = {"": "D", "H": "m", "S": "s", "3f": "ms", "6f": "us"}


def table(cells, **columns):
    cells = cells if isinstance(cells, dict) else {"ts": cells}
    frame = pd.DataFrame(cells | columns)
    return frame.assign(**{FILE: "data", LINE: np.arange(2, len(frame) + 2), SPLIT: -1})


def read(cells, form=None, on_bad="error", time=None, **options):
    frame = table(cells)
    columns = Columns(time or tuple(name for name in frame.columns if not name.startswith("\0")), **options)
    return timestamps.read(frame, columns, Faults(on_bad), form)


def dates(time, form):
    return [None if np.isnan(one) else str(np.datetime64(int(one), form.unit)) for one in time]


def written(moments, form, unit="us"):
    times = np.array(moments, f"datetime64[{unit}]").astype(np.int64)
    return time_form.written(times, TimeForm((form,), unit))["time"].tolist()


@st.composite
def tables(draw):
    """Moments that are steps of a grid, in a format."""
    form = draw(st.sampled_from(DATES)) + draw(st.sampled_from(["", *CLOCKS]))
    unit = next(unit for name, unit in reversed(STEPS.items()) if name in form or (name == "H" and "%M" in form))
    start = np.datetime64(draw(st.dates(pd.Timestamp("1800-01-01").date(), pd.Timestamp("2190-01-01").date())), unit)
    step = draw(st.integers(1, 40)) * draw(st.sampled_from([1, 60, 1440]))
    moments = start + step * np.arange(draw(st.integers(2, 60)))
    moments = moments[moments < np.datetime64("9999-12-31", unit)]  # the last year of four digits
    return form, moments[draw(st.integers(0, 1)) :: draw(st.integers(1, 2))] if len(moments) > 4 else moments


@given(tables())
def test_what_is_written_is_read_back_or_refused(made):
    form, moments = made
    texts = written(moments, form)
    try:
        time, found = read(texts)
    except ValueError as error:
        assert "--time_format" in str(error) and "order of day and month" in str(error)
        return
    moments_read = np.array(time).astype(np.int64).astype(f"datetime64[{found.unit}]")
    np.testing.assert_array_equal(moments_read, moments)
    assert time_form.written(time.astype(np.int64), found)["time"].tolist() == texts
    again, _ = read(texts[-2:], found)  # a few rows are read as in training, whatever they suggest
    np.testing.assert_array_equal(again, time[-2:])


@given(tables())
@settings(max_examples=20, deadline=None)
def test_a_format_of_the_user_is_read_back(made):
    form, moments = made
    plain = form.replace("3f", "f").replace("6f", "f").replace("%-", "%").replace("%P", "%p")
    time, found = read(written(moments, form), time_format=plain)
    np.testing.assert_array_equal(time.astype(np.int64).astype(f"datetime64[{found.unit}]"), moments)


MONTHS = np.arange("2005-01", "2008-01", dtype="datetime64[M]")
DAYS = np.arange("2020-02-20", "2020-03-20", dtype="datetime64[D]")


@pytest.mark.parametrize("form", ["%d/%m/%Y", "%m/%d/%Y", "%-d.%-m.%Y"])
def test_the_order_of_day_and_month_is_that_of_regular_steps(form):
    time, found = read(written(MONTHS, form))
    assert found.formats == (form,)
    np.testing.assert_array_equal(time.astype(np.int64).astype("datetime64[s]"), MONTHS)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([f"01/{month:02d}/2005" for month in range(1, 13)], "%m/%d/%Y' reads 2005-01-01. Received: '01/01/2005'"),
        (["01/02/05", "02/02/05"], "%d/%m/%y' reads 2005-02-01.*%m/%d/%y' reads 2005-01-02.*'%y/%m/%d' reads 2001"),
        (["5-Jan-05", "6-Jan-05"], "a year of four digits.*%-d-%b-%y' reads 2005-01-05"),
        ([1, 2, 3, 4], "a bare number.*--time ''"),
        ([200101, 200201, 200301], "%Y%m reads 2001-01-01.*%y%m%d reads 2020-01-01"),
        ([18_262, 18_263], "one regular reading"),
        ([1949.042, 1949.125], "Received: 1949.042"),
        (["soon", "later"], "timestamps in ts, or --time_format.*'soon', data, line 2"),
        (["10:00", "11:00"], "timestamps in ts, or --time_format"),
    ],
)
def test_two_readings_or_none_are_refused(cells, message):
    with pytest.raises(ValueError, match=message):
        read(cells)


def test_stamps_none_of_which_fits_are_told_in_one_sentence():
    for on_bad in ("error", "warn", "drop"):
        with pytest.raises(
            ValueError, match=r"written as %d/%m/%Y.*'2005-01-01', data, line 2; no row of 2.*nothing is"
        ):
            read(["2005-01-01", "2005-01-02"], on_bad=on_bad, time_format="%d/%m/%Y")


@pytest.mark.parametrize("numbers", [True, False])
@pytest.mark.parametrize(
    ("form", "moments"),
    [
        ("%Y", np.arange("1850", "2020", dtype="datetime64[Y]")),
        ("%Y%m", MONTHS),
        ("%Y%m%d", DAYS),
        ("%Y%m%d%H", DAYS[0].astype("datetime64[h]") + np.arange(50)),
        ("%Y%m%d%H%M", DAYS[0].astype("datetime64[m]") + 15 * np.arange(50)),
        ("%Y%m%d%H%M%S", DAYS[0].astype("datetime64[s]") + 30 * np.arange(50)),
        ("excel", DAYS),
        ("excel", DAYS[0].astype("datetime64[h]") + np.arange(50)),
        ("s", DAYS[0].astype("datetime64[h]") + np.arange(50)),
        ("ms", DAYS[0].astype("datetime64[ms]") + 20 * np.arange(50)),
        ("us", DAYS[0].astype("datetime64[us]") + 20 * np.arange(50)),
        ("ns", DAYS[0].astype("datetime64[us]") + 20 * np.arange(50)),
    ],
)
def test_bare_numbers_are_read_by_their_size_and_their_neighbours(form, moments, numbers):
    times = moments.astype("datetime64[us]").astype(np.int64)
    cells = time_form.written(times, TimeForm((form,), "us", numbers=True))["time"].tolist()
    time, found = read(cells if numbers else [str(cell) for cell in cells])
    assert found.formats == (form,)
    np.testing.assert_array_equal(time.astype(np.int64).astype(f"datetime64[{found.unit}]"), moments)
    again = time_form.written(time.astype(np.int64), found)["time"].tolist()
    assert [str(cell) for cell in again] == [str(cell) for cell in cells]


def test_counters_are_read_as_the_user_says():
    assert dates(*read([18_262, 18_263], time_format="days")) == ["2020-01-01T00:00:00", "2020-01-02T00:00:00"]
    assert dates(*read([0, 3600], time_format="s"))[1] == "1970-01-01T01:00:00"


def test_hour_24_is_midnight_of_the_next_day_and_written_so():
    cells = ["2020-01-01 23:00", "2020-01-01 24:00", "2020-01-02 01:00"]
    time, form = read(cells)
    assert np.diff(time).tolist() == [3600, 3600]
    assert time_form.written(time.astype(np.int64), form)["time"].tolist() == cells
    hours = read({"date": ["2020-01-01"] * 24, "hour": [str(hour) for hour in range(1, 25)]})[0]
    assert np.diff(hours).tolist() == [3600] * 23 and hours[-1] == np.datetime64("2020-01-02", "s").astype(int)
    with pytest.raises(ValueError, match="'2020-01-01 24:30', data, line 3"):
        read(["2020-01-01 23:30", "2020-01-01 24:30"])


@pytest.mark.parametrize(
    "cells",
    [
        {"Date": ["28/02/2004", "29/02/2004", "01/03/2004"], "Time": ["18.00.00"] * 3},
        {"year": [2004, 2004, 2004], "month": [2, 2, 3], "day": [28, 29, 1], "hour": [18] * 3},
        {"Day": [28.0, 29, 1], "YEAR": [2004.0] * 3, "month": ["2", "2", "3"], "hour": [18] * 3},
        {"d": pd.to_datetime(["2004-02-28", "2004-02-29", "2004-03-01"]), "t": ["18:00"] * 3},
        {"t": [pd.Timestamp(f"2004-{day} 18:00").to_pydatetime() for day in ("02-28", "02-29", "03-01")]},
        {"t": pd.to_datetime(["2004-02-28 18:00", "2004-02-29 18:00", "2004-03-01 18:00"])},
    ],
)
def test_dates_and_several_columns(cells):
    if "Day" in cells:
        cells["year"] = cells.pop("YEAR")
        cells = {name: cells[name] for name in ("year", "month", "Day", "hour")}
    time, form = read(cells)
    assert dates(time, form) == ["2004-02-28T18:00:00", "2004-02-29T18:00:00", "2004-03-01T18:00:00"]
    back = time_form.written(time.astype(np.int64), form, tuple(cells))
    again, _ = read({name: back[name].tolist() for name in back}, form if "t" not in cells else None)
    np.testing.assert_array_equal(again, time)


def test_a_mixture_of_iso_8601():
    cells = ["2020-01-01", "2020-01-01 12:00:00", "2020-01-02", "2020-01-02T12:00"]
    assert np.diff(read(cells)[0]).tolist() == [43_200] * 3
    with pytest.raises(ValueError, match="'2020-01', data, line 3"):
        read(["2020-01-01", "2020-01", "2020-02-01"])


def test_weeks_and_quarters():
    assert dates(*read(["2020-W01", "2020-W53"])) == ["2019-12-30T00:00:00", "2020-12-28T00:00:00"]
    assert dates(*read(["2020Q1", "2020Q4"])) == ["2020-01-01T00:00:00", "2020-10-01T00:00:00"]
    with pytest.raises(ValueError, match="'2021-W53'"):
        read(["2020-W53", "2021-W53"])


def test_the_unit_is_that_of_training():
    time, form = read(["2020-01-01 00:00:00.250", "2020-01-01 00:00:00.500"])
    assert form.unit == "ms" and np.diff(time).tolist() == [250]
    with pytest.raises(ValueError, match=r"whole ms, as in training.*00.250001"):
        read(["2020-01-01 00:00:00.250001"], form)
    with pytest.raises(ValueError, match=r"'2020-01-01 00:00:00.0000001'"):
        read(["2020-01-01 00:00:00.0000001", "2020-01-01 00:00:01"])


def test_a_timestamp_that_does_not_fit_training_is_a_fault():
    _, form = read(written(DAYS, "%m/%d/%Y"))
    time, _ = read(["02/03/2020", "13/03/2020", ""], form, on_bad="drop")
    assert dates(time, form) == ["2020-02-03T00:00:00", None, None]
    with pytest.raises(ValueError, match=r"written as %m/%d/%Y, month first. Received: '13/03/2020', data, line 3"):
        read(["02/03/2020", "13/03/2020"], form)


@pytest.mark.parametrize("form", ["%d/%m", "%Y %Y", "%k %Y", "%Y %I", "%Y-%m-%d %H %p"])
def test_formats_that_are_none(form):
    with pytest.raises(ValueError, match="time_format="):
        read(["2020"], time_format=form)


def in_parquet(folder, hours, zone=None):
    stamps = pd.Series(pd.to_datetime(hours))
    pd.DataFrame({"t": stamps.dt.tz_localize(zone) if zone else stamps, "y": range(len(hours))}).to_parquet(folder)
    return folder


SUMMER = [f"2024-07-01 {hour:02d}:00" for hour in range(6)]


@pytest.mark.parametrize("zone", ["", "Europe/Berlin"])
@pytest.mark.parametrize("trained", ["dates", "texts"])
@pytest.mark.parametrize("later", ["dates", "texts"])
def test_clock_times_of_later_tables_are_in_the_zone_of_training(tmp_path, zone, trained, later):
    texts = tmp_path / "texts.csv"
    texts.write_text("\n".join(["t,y", *(f"{hour},1" for hour in SUMMER)]))
    first = in_parquet(tmp_path / "first.parquet", SUMMER, zone) if trained == "dates" else texts
    own = {} if trained == "dates" else {"time_zone": zone}
    table = table_series.read(first, Reading(Columns(("t",), ("y",), **own)), "h", Faults("error"))
    path = in_parquet(tmp_path / "later.parquet", SUMMER) if later == "dates" else texts
    again = table_series.read(path, table.reading, "h", Faults("error"))
    assert again.series[0].time.tolist() == table.series[0].time.tolist()
    zoned = in_parquet(tmp_path / "zoned.parquet", SUMMER, "Europe/Berlin")
    if zone:
        again = table_series.read(zoned, table.reading, "h", Faults("error"))
        assert again.series[0].time.tolist() == table.series[0].time.tolist()
    else:
        with pytest.raises(ValueError, match=r"dates without a time zone.*in Europe/Berlin"):
            table_series.read(zoned, table.reading, "h", Faults("error"))


def test_days_of_excel_are_read_with_either_decimal_mark(tmp_path):
    days = [43831 + quarter / 4 for quarter in range(40)]
    found = []
    for mark in ".,":
        rows = [f"{str(day).replace('.', mark)};{number}" for number, day in enumerate(days)]
        (tmp_path / "load.csv").write_text("\n".join(["t;y", *rows]))
        table = table_series.read(tmp_path / "load.csv", Reading(Columns(("t",), ("y",))), "", Faults("error"))
        found.append(table.series[0].time.tolist())
    assert found[0] == found[1] and table.grid.words == "every 6h"


@pytest.mark.parametrize("offset", ["+25:00", "-24:00", "+01:75"])
def test_offsets_that_no_clock_has_are_faults(tmp_path, offset):
    stamps = [f"2024-01-0{day}T00:00:00{offset if day == 3 else '+01:00'}" for day in range(1, 6)]
    (tmp_path / "load.csv").write_text("\n".join(["t,y", *(f"{stamp},{stamp[9]}" for stamp in stamps)]))
    with pytest.raises(ValueError, match=rf"a timestamp in each row.*'2024-01-03T00:00:00\{offset}', load.*, line 4"):
        table_series.read(tmp_path / "load.csv", Reading(Columns(("t",), ("y",))), "D", Faults("error"))
    with pytest.raises(ValueError, match="Expected a time zone such as"):
        time_zones.check(offset)
