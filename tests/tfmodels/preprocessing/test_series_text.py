import math

import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from tfmodels.export import hard_texts
from tfmodels.preprocessing import parse_series, parse_timestamps

cell = st.one_of(
    st.floats(-1e6, 1e6, width=32).map(repr),
    st.integers(-(10**9), 10**9).map(str),
    st.sampled_from(["", " 7 ", "nan", "inf", "1e999", "-1e-3", "1e5", "x", "1 2", "0x10", "+4", ".5", "5."]),
)
channel = st.lists(cell, min_size=1, max_size=6)
series = st.lists(channel, min_size=1, max_size=3)


def number(text):
    """The value of a cell in Python; only finite decimal numbers count."""
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) and "_" not in text else math.nan


@given(rows=st.lists(series, min_size=1, max_size=4), steps=st.integers(1, 7))
def test_series_are_parsed_as_in_python(rows, steps):
    text = [";".join(",".join(cells) for cells in channels) for channels in rows]
    expected = np.full([len(rows), steps, 2], np.nan)
    for row, channels in enumerate(rows):
        for place, cells in enumerate(channels[:2]):
            last = [number(one) for one in cells][-steps:]
            expected[row, steps - len(last) :, place] = last
    np.testing.assert_allclose(parse_series(tf.constant(text), 2, steps), expected.astype(np.float32), rtol=1e-6)


@given(rows=st.lists(st.lists(st.integers(-(2**50), 2**50), min_size=1, max_size=6), min_size=1, max_size=4))
@settings(deadline=None, max_examples=20)
def test_timestamps_are_parsed_to_the_second(rows):
    text = [",".join(map(str, row)) for row in rows]
    expected = [([0] * 4 + row)[-4:] for row in rows]
    np.testing.assert_array_equal(parse_timestamps(tf.constant(text), 4), expected)


def test_no_text_is_an_error():
    texts = tf.constant([*hard_texts(), b";;;", b",,,", b"1;2;3;4", b"9" * 400])
    assert parse_series(texts, 2, 3).shape == (len(texts), 3, 2)
    assert parse_timestamps(texts, 3).shape == (len(texts), 3)
    assert parse_series(tf.zeros([0], tf.string), 2, 3).shape == (0, 3, 2)
