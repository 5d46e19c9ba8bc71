import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sources.faults import Faults
from pipelines.sources.synthetic import synthetic_series
from pipelines.sources.tables import time_splits
from pipelines.sources.tables.time_splits import bounds, divide
from pipelines.sources.times import time_zones
from tfmodels.training import Series

DAYS = int(np.datetime64("2024-01-01", "s").astype(np.int64)) + 86_400 * np.arange(10)


@pytest.mark.parametrize(
    ("split", "expected"),
    [
        ("0.7,0.1,0.2", (7, 8, 10)),
        ("1,0,0", (10, 10, 10)),
        ("4,3,2", (4, 7, 9)),
        ("*,2,3", (5, 7, 10)),
        ("2024-01-05,2024-01-08", (4, 7, 10)),
        ("2024-01-05 12:00,2030-01-01", (5, 10, 10)),
    ],
)
def test_splits_are_shares_steps_or_dates(split, expected):
    assert bounds(split, DAYS) == expected


def test_dates_are_of_the_local_day_and_in_the_unit_of_the_clock():
    clock = time_zones.clock("Europe/Berlin", 1000)
    time = clock.utc(1000 * DAYS)
    assert bounds("2024-01-05,2024-01-08", time, clock) == (4, 7, 10)
    assert bounds("2024-01-05 00:00:00.001,2024-01-08", time, clock) == (5, 7, 10)


def test_dates_without_room_are_told_with_the_time_of_the_series():
    good = series(range(20))
    with pytest.raises(ValueError, match=r"validation part.*0 steps at most, in series from 1970-01-01 00:00:00 to"):
        divide([good], "2030-01-01,2031-01-01", 2, Faults("error"))


@pytest.mark.parametrize(
    "split",
    [
        "nan,nan",
        "7,3",
        "today,now",
        "2024-02-30,2024-03-01",
        "0.7,0.2",
        "0.5,0.1,0.2",
        "a,b,c",
        "2024-01-08,2024-01-05",
        "-0.5,1,0.5",
        "7",
        "*,*,1",
    ],
)
def test_other_splits_are_refused(split):
    with pytest.raises(ValueError, match="split="):
        bounds(split, DAYS)


@given(st.integers(0, 10), st.integers(0, 10), st.integers(1, 500))
def test_shares_leave_no_step_out(first, second, steps):
    shares = sorted([0, first, second, 10])
    split = ",".join(str((b - a) / 10) for a, b in itertools.pairwise(shares))
    one, other, end = bounds(split, np.arange(steps))
    assert 0 <= one <= other <= end == steps
    assert one == pytest.approx(steps * shares[1] / 10, abs=1.5)


def series(values, name="north"):
    values = np.array(values, np.float32)[:, np.newaxis]
    empty = np.zeros([len(values), 0], np.float32)
    return Series(name, 3600 * np.arange(len(values)), values, empty, empty, np.zeros(0, np.float32))


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ([1, 2, 3], "at least 3 steps to train on.*Received: 2 of 3 in series 'bad'"),
        ([np.nan] * 20, "values to train on. Received: none in series 'bad'"),
        ([np.nan, 4] + [4] * 18, r"series that change. Received: only \[4.0\] in series 'bad'"),
    ],
)
def test_series_that_nothing_can_be_learnt_from(bad, message):
    good = series(range(20))
    with pytest.raises(ValueError, match=message):
        divide([good, series(bad, "bad")], "0.7,0.1,0.2", 2, Faults("error"))
    left = divide([good, series(bad, "bad")], "0.7,0.1,0.2", 2, Faults("drop"))
    assert [one.name for one in left] == ["north"] and left[0].bounds == (14, 16, 20)
    with pytest.raises(ValueError, match="none is left"):
        divide([series(bad, "bad")], "0.7,0.1,0.2", 2, Faults("drop"))


@pytest.mark.parametrize(
    ("own", "split", "expected"),
    [
        (None, "0.7,0.1,0.2", (14, 16, 20)),
        ((10, 15, 20), "0.7,0.1,0.2", (10, 15, 20)),
        ((-1, 16, 20), "0.5,0.25,0.25", (10, 16, 20)),
        ((-1, 16, 20), "*,3,4", (13, 16, 20)),
        ((-1, 16, 20), "1970-01-01 05:00,1970-01-01 12:00", (5, 12, 20)),
    ],
)
def test_files_divide_series_where_dates_do_not(own, split, expected):
    (left,) = divide([series(range(20))._replace(bounds=own)], split, 1, Faults("error"))
    assert left.bounds == expected


def test_a_split_without_room_for_the_horizon_is_refused():
    with pytest.raises(ValueError, match="validation part of at least 3 steps, the horizon"):
        divide([series(range(20))], "0.7,0.1,0.2", 3, Faults("error"))


def test_generated_series_are_what_they_are_said_to_be():
    one, same, other = (synthetic_series.table(seed, sites=2, days=30) for seed in (1, 1, 2))
    for left, right in zip(one.series, same.series, strict=True):
        for name in ("time", "values", "known", "static"):
            np.testing.assert_array_equal(getattr(left, name), getattr(right, name))
    assert not np.array_equal(one.series[0].values, other.series[0].values, equal_nan=True)
    first = one.series[0]
    assert first.values.shape == (720, 1) and 0 < np.isnan(first.values).mean() < 0.4
    assert one.reading.categories.names(one.reading.columns.known) == [
        "temperature",
        "holiday=closed",
        "holiday=festival",
    ]
    assert first.known.shape == (720, 3) and np.isfinite(first.known).all()
    assert one.series[1].static.tolist() == [0, 1] and first.static.dtype == first.known.dtype == np.float64


@pytest.mark.parametrize("issue", ["06:30+01:00", "06:30Z", "06:30:00.5", "25:00", "noon"])
def test_a_time_of_day_has_no_offset_and_no_fraction(issue):
    with pytest.raises(ValueError, match=r"time of day of the series' own clock.*issue="):
        time_splits.seconds_of_day(issue)
    assert time_splits.seconds_of_day("06:30") == 23_400


@pytest.mark.parametrize("split", ["\u00b2,3,4", "*,\u00b2,3", "nan,0.5,0.5"])
def test_signs_that_are_no_digits_are_refused_in_a_sentence(split):
    with pytest.raises(ValueError, match=r"Expected (three )?shares.*split="):
        time_splits.check(split)
