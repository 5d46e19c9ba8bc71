"""Local time in the graph against the clock in numpy, which is tested against zoneinfo."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import tensorflow as tf

from pipelines.sources.times import time_zones
from tfmodels.preprocessing import Clock, calendar_features, local_time, utc_time

ZONES = [
    "Europe/Berlin",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "+05:30",
    "",
]


@pytest.mark.parametrize("ticks", [1, 1000, 1_000_000])
@pytest.mark.parametrize("zone", ZONES)
def test_the_graph_tells_the_time_of_the_clock(zone, ticks):
    clock = time_zones.clock(zone, ticks)
    edges = (np.array(clock.changes, np.int64)[:, np.newaxis] + np.array([-3601, -1, 0, 1, 1800, 3600])).ravel()
    seconds = np.concatenate([np.random.default_rng(1).integers(0, 4_102_444_800, 998), edges, [0, -1]])
    time = (ticks * seconds[: len(seconds) // 2 * 2]).reshape(2, -1)
    signature = [tf.TensorSpec([None, None], tf.int64)]
    local = tf.function(lambda time: local_time(time, clock), signature)
    utc = tf.function(lambda time: utc_time(time, clock), signature)
    np.testing.assert_array_equal(local(time), clock.local(time))
    np.testing.assert_array_equal(utc(time), clock.utc(time))


@pytest.mark.parametrize("zone", ZONES[:-2])
def test_calendar_features_are_those_of_local_time(zone):
    seconds = np.random.default_rng(2).integers(0, 4_102_444_800, 300)
    moments = [datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(second)) for second in seconds]
    walls = [moment.astimezone(ZoneInfo(zone)) for moment in moments]
    hours = np.array([wall.hour + wall.minute / 60 + wall.second / 3600 for wall in walls]) / 24
    days = (np.array([wall.weekday() for wall in walls]) + hours) / 7
    angles = 2 * np.pi * np.stack([hours, 2 * hours, days], axis=-1)
    expected = np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(len(seconds), 6)
    for ticks in (1, 1_000_000):
        clock = time_zones.clock(zone, ticks)
        found = calendar_features(tf.constant(seconds * ticks), ["hour_of_day:2", "day_of_week"], clock)
        np.testing.assert_allclose(found, expected, atol=4e-6)


def test_padding_stays_padding_on_any_clock():
    found = calendar_features(tf.constant([0, -3600], tf.int64), ["hour_of_day"], Clock(offsets=(3600,)))
    np.testing.assert_allclose(found, [[0, 0], [0, 1]])
