import numpy as np
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from tfmodels.models.forecasters.seasonal_changes import seasonal_changes


@given(st.lists(st.sampled_from([1.0, 4.0, -2.0, np.nan, np.inf]), min_size=3, max_size=11), st.integers(1, 3))
def test_changes_are_those_of_the_definition(values, season):
    changes, latest = seasonal_changes(tf.constant(values, tf.float32, [1, len(values), 1]), season)
    for step, value in enumerate(values):
        before = [x for x in values[step % season : step : season] if np.isfinite(x)]
        expected = value - before[-1] if before and np.isfinite(value) else np.nan
        np.testing.assert_equal(float(changes[0, step, 0]), expected)
    for place in range(season):
        same = [x for x in values[(len(values) + place) % season :: season] if np.isfinite(x)]
        np.testing.assert_equal(float(latest[0, place, 0]), same[-1] if same else np.nan)
