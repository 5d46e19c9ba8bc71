"""Features of holidays against dates of the standard library, in local time."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sources.times import time_zones
from tfmodels.preprocessing import holiday_features

DATES = st.lists(st.dates(date(2010, 1, 1), date(2030, 1, 1)), max_size=5)
ZONES = {zone: time_zones.clock(zone) for zone in ("Europe/Berlin", "America/Sao_Paulo", "Pacific/Auckland")}


@given(DATES, DATES, st.integers(1, 2**31), st.sampled_from(sorted(ZONES)))
def test_equals_the_standard_library(one, other, second, zone):
    around = [datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp() for day in one]
    near = [start + shift for start in around for shift in (-86_401, -1, 0, 86_399, 86_400, 180_000)]
    moments = [datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(at)) for at in (second, *near)]
    days = [moment.astimezone(ZoneInfo(zone)).date() for moment in moments]
    expected = [
        [float(day + timedelta(days=shift) in holidays) for holidays in (one, other) for shift in (0, 1, -1)]
        for day in days
    ]
    time = np.array([moment.timestamp() for moment in moments], np.int64)
    texts = [[day.isoformat() for day in holidays] for holidays in (one, other)]
    np.testing.assert_array_equal(holiday_features(tf.constant(time), texts, ZONES[zone]), expected)


def test_days_beyond_the_table_and_padding_are_none():
    traced = tf.function(
        lambda time: holiday_features(time, [["2020-12-25"], []]),
        input_signature=[tf.TensorSpec([None, None], tf.int64)],
    )
    christmas = int(datetime(2020, 12, 25, 12, tzinfo=UTC).timestamp())
    found = traced([[0, christmas - 86_400, christmas, christmas + 86_400], [-(2**40), 1, 2**40, christmas + 172_800]])
    np.testing.assert_array_equal(found[0, :, :3], np.vstack([np.zeros(3), np.eye(3)[[1, 0, 2]]]))
    assert not found[0, :, 3:].numpy().any() and not found[1].numpy().any()
    assert traced.get_concrete_function().output_shapes[-1] == 6
