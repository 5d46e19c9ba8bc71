import calendar
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from tfmodels.preprocessing import CALENDAR_FEATURES, add_months, calendar_features

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
@settings(max_examples=30, deadline=None)
def test_equals_the_standard_library(moments):
    moments = [moment.replace(microsecond=0) for moment in moments] + [datetime(2000, 2, 29, tzinfo=UTC)]
    times = np.array([seconds(moment) for moment in moments])
    found = calendar_features(tf.constant(times), CALENDAR_FEATURES)
    angles = 2 * np.pi * np.array([[shares(moment)[name] for name in CALENDAR_FEATURES] for moment in moments])
    expected = np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(len(moments), -1)
    expected[times == 0] = 0  # padding
    np.testing.assert_allclose(found, expected, atol=2e-6)


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
    traced = tf.function(lambda time: calendar_features(time, ["day_of_week", "hour_of_day"]), input_signature=[spec])
    features = traced([[0, 0, 1_700_000_000], [0, 1, -1]])
    assert features.shape == (2, 3, 4)
    assert features.dtype == tf.float32
    np.testing.assert_array_equal(np.any(features, axis=-1), [[False, False, True], [False, True, True]])
    assert traced(tf.zeros([0, 5], tf.int64)).shape == (0, 5, 4)


@given(st.dates(min_value=datetime(1900, 1, 1).date(), max_value=datetime(2200, 1, 1).date()), st.integers(0, 500))
@settings(deadline=None, max_examples=30)
def test_months_later(day, months):
    stamp = int(np.datetime64(day, "s").astype(np.int64)) + 4000
    found = add_months(tf.constant([stamp], tf.int64), tf.constant([months], tf.int64)).numpy().astype("datetime64[s]")
    assert found[0] == np.datetime64(day, "M") + months


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match=r"calendar features from \('minute_of_hour', .*Received: 'holiday'"):
        calendar_features(tf.zeros([1], tf.int64), ["holiday"])
