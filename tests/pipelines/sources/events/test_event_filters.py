import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.sources.events import event_filters, event_sequences
from pipelines.sources.events.event_form import Limits
from pipelines.sources.events.event_sequences import Events

HOUR = 3_600_000_000


def events(rows, is_clock=True):
    """Events of (user, item, time in hours)."""
    user, item, time = (np.array(column) for column in zip(*rows, strict=True))
    names = [pa.array([f"{kind}{number}" for number in range(9)], pa.large_string()) for kind in "ui"]
    return Events(user.astype(np.int32), item.astype(np.int32), (time * HOUR).astype(np.int64), *names, is_clock)


def written(sequences):
    of = sequences.events
    return {
        user: [of.items[int(item)].as_py() for item in sequences.of(number)]
        for number, user in enumerate(of.users.to_pylist())
    }


ROWS = [(0, 1, 0), (0, 1, 1), (0, 2, 2), (0, 1, 30), (4, 2, 5), (4, 2, 6)]


def test_repeats_are_kept_or_merged():
    kept = [event_filters.apply(events(ROWS), Limits(repeats=one))[0] for one in ("keep", "neighbours", "all")]
    assert [written(one) for one in kept] == [
        {"u0": ["i1", "i1", "i2", "i1"], "u4": ["i2", "i2"]},
        {"u0": ["i1", "i2", "i1"], "u4": ["i2"]},
        {"u0": ["i1", "i2"], "u4": ["i2"]},
    ]
    assert event_filters.apply(events(ROWS), Limits(repeats="all"))[1] == [
        "3 of 6 events are left out: their user had the item before at all"
    ]


def test_sessions_are_cut_by_a_gap():
    sequences, notes = event_filters.apply(events(ROWS), Limits(session_gap=24))
    assert written(sequences) == {"u0#1": ["i1", "i1", "i2"], "u0#2": ["i1"], "u4#1": ["i2", "i2"]}
    assert notes == ["2 users have 3 sessions, cut where 24 hours have no event"]


def naive(rows, least_of_user, least_of_item):
    while True:
        users, items = ([row[place] for row in rows] for place in (0, 1))
        left = [row for row in rows if users.count(row[0]) >= least_of_user and items.count(row[1]) >= least_of_item]
        if left == rows:
            return rows
        rows = left


PLACE = st.integers(0, 8)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(PLACE, PLACE, PLACE), min_size=1, max_size=60), st.integers(1, 4), st.integers(2, 4))
def test_rare_users_and_items_are_left_out_until_none_is_rare(rows, least_of_user, least_of_item):
    limits = Limits(min_user_events=least_of_user, min_item_events=least_of_item)
    expected = naive(rows, least_of_user, least_of_item)
    if not expected:
        with pytest.raises(ValueError, match=f"{len(rows)} events, of which none is left"):
            event_filters.apply(events(rows), limits)
        return
    assert written(event_filters.apply(events(rows), limits)[0]) == written(event_sequences.in_order(events(expected)))
