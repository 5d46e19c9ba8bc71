import calendar
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from tfmodels.preprocessing import CALENDAR_FEATURES, add_months, calendar_features

CYCLES = CALENDAR_FEATURES[:-1]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(1800, 1, 1), datetime(2400, 12, 31), timezones=st.just(UTC))


def shares(moment):
    """How much of each cycle has passed, by the standard library."""
    midnight = moment.replace(hour=0, minute=0, second=0)
    day = (moment - midnight) / timedelta(days=1)
    month = (moment.day - 1 + day) / calendar.monthrange(moment.year, moment.month)[1]
    year = moment.timetuple().tm_yday - 1 + day
    return {
        "minute_of_hour": (moment.minute * 60 + moment.second) / 3600,
        "hour_of_day": day,
        "day_of_week": (moment.weekday() + day) / 7,
        "day_of_month": month,
        "month_of_year": (moment.month - 1 + month) / 12,
        "day_of_year": year / (366 if calendar.isleap(moment.year) else 365),
    }


def seconds(moment):
    return (moment - EPOCH) // timedelta(seconds=1)


@given(st.lists(MOMENTS, min_size=20, max_size=20))
def test_equals_the_standard_library(moments):
    moments = [moment.replace(microsecond=0) for moment in moments] + [datetime(2000, 2, 29, tzinfo=UTC)]
    times = np.array([seconds(moment) for moment in moments])
    found = calendar_features(tf.constant(times), CYCLES)
    angles = 2 * np.pi * np.array([[shares(moment)[name] for name in CYCLES] for moment in moments])
    expected = np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(len(moments), -1)
    expected[times == 0] = 0  # padding
    np.testing.assert_allclose(found, expected, atol=2e-6)

    left = np.array([calendar.monthrange(moment.year, moment.month)[1] - moment.day for moment in moments])
    found = calendar_features(tf.constant(times), ["month_end:28", "day_of_week:3", "hour_of_day:12", "month_end"])
    angles = [
        2 * np.pi * n * np.array([shares(moment)[name] for moment in moments])
        for name, most in (("day_of_week", 3), ("hour_of_day", 12))
        for n in range(1, most + 1)
    ]
    columns = [*(left == days for days in range(28)), *(of(angle) for angle in angles for of in (np.sin, np.cos))]
    expected = np.stack([*columns, left == 0], axis=-1) * (times != 0)[:, np.newaxis]
    np.testing.assert_allclose(found, expected, atol=2e-5)


def test_harmonics_tell_any_function_of_the_steps_of_a_cycle():
    """Half as many as there are steps: weekends of days, and any hour of the week."""
    for step, steps, name in ((86_400, 7, "day_of_week:3"), (3600, 168, "day_of_week:84"), (900, 96, "hour_of_day:48")):
        features = calendar_features(tf.constant(345_600 + step * np.arange(steps)), [name]).numpy()
        assert np.linalg.matrix_rank(np.column_stack([np.ones(steps), features]), tol=1e-3) == steps


def test_every_day_of_a_cycle_of_the_calendar():
    days = np.arange(seconds(datetime(1899, 12, 28, tzinfo=UTC)), seconds(datetime(2105, 1, 4, tzinfo=UTC)), 86_400)
    moments = [EPOCH + timedelta(seconds=int(second)) for second in days]
    found = calendar_features(tf.constant(days), ["day_of_year", "day_of_month"]).numpy()
    for column, name in ((0, "day_of_year"), (2, "day_of_month")):
        angles = 2 * np.pi * np.array([shares(moment)[name] for moment in moments])
        expected = np.stack([np.sin(angles), np.cos(angles)], axis=-1)
        expected[days == 0] = 0
        np.testing.assert_allclose(found[:, column : column + 2], expected, atol=2e-6)


def test_padding_is_zero_in_a_graph_of_any_shape():
    spec = tf.TensorSpec([None, None], tf.int64)
    names = ["day_of_week:3", "month_end:2", "hour_of_day"]
    traced = tf.function(lambda time: calendar_features(time, names), input_signature=[spec])
    assert traced.get_concrete_function().output_shapes[-1] == 10
    time = [[0, 0, 1_700_000_000], [0, 1, -1]]
    features = traced(time)
    np.testing.assert_array_equal(features, calendar_features(tf.constant(time, tf.int64), names))
    assert features.shape == (2, 3, 10)
    assert features.dtype == tf.float32
    np.testing.assert_array_equal(np.any(features, axis=-1), [[False, False, True], [False, True, True]])
    assert traced(tf.zeros([0, 5], tf.int64)).shape == (0, 5, 10)


@given(st.dates(min_value=datetime(1900, 1, 1).date(), max_value=datetime(2200, 1, 1).date()), st.integers(0, 500))
def test_months_later(day, months):
    stamp = int(np.datetime64(day, "s").astype(np.int64)) + 4000
    found = add_months(tf.constant([stamp], tf.int64), tf.constant([months], tf.int64)).numpy().astype("datetime64[s]")
    assert found[0] == np.datetime64(day, "M") + months


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("holiday", "of minute_of_hour, .*Received: calendar='holiday'"),
        ("week_of_year:3", r"\(day_of_year says it too\)"),
        ("hour_of_day:0", "harmonics from 1 to 999 after a colon, as in hour_of_day:2"),
        ("hour_of_day:+2", "harmonics from 1 to 999"),
        ("month_end:29", "days from 1 to 28"),
    ],
)
def test_what_is_no_feature_is_refused(name, message):
    with pytest.raises(ValueError, match=message):
        calendar_features(tf.zeros([1], tf.int64), [name])
