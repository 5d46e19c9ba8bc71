"""Values of days against pandas' groups by the local date."""

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from pipelines.sources.times import time_zones
from tfmodels.preprocessing import daily_values

STEPS = 24 * 9 + 5  # over a change of the clock


@pytest.mark.parametrize(("zone", "ticks"), [("Europe/Berlin", 1), ("America/Sao_Paulo", 1000), ("", 1)])
def test_each_step_has_the_largest_value_of_its_local_day(zone, ticks):
    random = np.random.default_rng(3)
    starts = [pd.Timestamp(day).value // 10**9 for day in ("2018-10-26 07:00", "2018-11-01 22:00", "2018-03-24")]
    seconds = np.stack([start + 3600 * np.arange(STEPS) for start in starts])
    values = np.where(random.random([3, STEPS, 2]) < 0.03, random.normal(size=[3, STEPS, 2]), np.nan)
    values[0, :, 1] = np.arange(STEPS) % 24 == 17  # named at midnight only
    signature = [tf.TensorSpec([None, None, 2], tf.float64), tf.TensorSpec([None, None], tf.int64)]
    spread = tf.function(lambda values, time: daily_values(values, time, time_zones.clock(zone, ticks)), signature)
    found = spread(values, ticks * seconds).numpy()
    for row in range(3):
        local = pd.to_datetime(seconds[row], unit="s", utc=True).tz_convert(zone or "UTC")
        expected = pd.DataFrame(values[row]).groupby(local.date).transform("max")
        np.testing.assert_array_equal(found[row], expected)
    np.testing.assert_array_equal(spread(found, ticks * seconds), found)


def test_padding_stays_and_no_row_reaches_into_the_next():
    time = tf.constant([[0, 0, 3600], [7200, 10_800, 90_000]], tf.int64)
    nan = np.nan
    values = tf.constant([[[nan], [5.0], [1.0]], [[2.0], [nan], [nan]]])
    found = daily_values(values, time)[..., 0]
    np.testing.assert_array_equal(found, [[nan, 5, 1], [2, 2, nan]])
    assert daily_values(tf.zeros([0, 4, 2]), tf.zeros([0, 4], tf.int64)).shape == (0, 4, 2)
