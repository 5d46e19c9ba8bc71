import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.sources.events import event_sequences, event_splits
from pipelines.sources.events.event_sequences import Events


def sequences(rows, timed=True):
    """Sequences of (user, item, time)."""
    user, item, time = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    names = [pa.array([str(number) for number in range(30)], pa.large_string())] * 2
    user, item = user.astype(np.int32), item.astype(np.int32)
    return event_sequences.in_order(Events(user, item, time if timed else None, *names))


def test_the_last_two_items_of_each_user_are_left_out():
    rows = [*((0, item, item) for item in range(5)), (1, 0, 0), (1, 1, 1), *((2, item, 0) for item in (7, 8, 9))]
    split = event_splits.leave_one_out(sequences(rows))
    assert split.train_end.tolist() == [3, 7, 8]
    assert split.is_train.tolist() == [True] * 3 + [False] * 2 + [True] * 3 + [False] * 2
    validation, test = split.cases["validation"], split.cases["test"]
    assert (validation.user.tolist(), validation.target.tolist(), validation.end.tolist()) == ([0, 2], [3, 8], [3, 8])
    assert (test.target.tolist(), test.end.tolist()) == ([4, 9], [4, 9])  # the validation item is history
    assert "1 users with fewer than three events" in split.said
    assert split.unknown("test") == (
        "test: 2 events to predict, 0 of users and 2 of items without an event in training; the latter count as "
        "misses; before 1 is another at the same time, which might as well be next"
    )


def test_too_short_sequences_are_refused():
    with pytest.raises(ValueError, match=r"at least three events.* at most 2 events a user"):
        event_splits.leave_one_out(sequences([(0, 1, 0), (0, 2, 1), (1, 1, 1)]))


ROW = st.tuples(st.integers(0, 3), st.integers(0, 20), st.integers(0, 30))


@settings(max_examples=60, deadline=None)
@given(st.lists(ROW, min_size=20, max_size=60))
def test_a_date_splits_all_users_alike_and_histories_are_strictly_earlier(rows):
    of = sequences(rows)
    try:
        split = event_splits.by_date(of, 0.2, 0.3)
    except ValueError as error:
        assert "Expected events in each split by date" in str(error)
        return
    time, user, starts = of.events.time, of.events.user, of.starts
    places = {"train": np.flatnonzero(split.is_train), **{name: cases.target for name, cases in split.cases.items()}}
    assert sorted(np.concatenate([*places.values()]).tolist()) == list(range(len(rows)))
    assert time[places["train"]].max() < time[places["validation"]].min()
    assert time[places["validation"]].max() < time[places["test"]].min()
    for cases in split.cases.values():
        for owner, target, end in zip(cases.user, cases.target, cases.end, strict=True):
            earlier = np.flatnonzero((user == owner) & (time < time[target]))
            assert np.arange(starts[owner], end).tolist() == earlier.tolist()


def test_cases_without_history_are_counted_apart():
    rows = [(0, 1, 1), (0, 2, 2), (0, 3, 9), (1, 4, 9), (1, 4, 10), (2, 5, 5)]
    split = event_splits.by_date(sequences(rows), 0.2, 0.4)
    test = split.cases["test"]
    assert split.unknown("test").startswith("test: 3 events to predict, 2 of users and 3 of items")
    kept, without = event_splits.with_history(test, split.sequences)
    assert (kept.target.tolist(), without) == ([2, 4], 1)


def test_a_date_needs_times():
    with pytest.raises(ValueError, match="split='date' and no column of time"):
        event_splits.by_date(sequences([(0, 1, 0)] * 5, timed=False), 0.1, 0.1)
    with pytest.raises(ValueError, match="do many events have one time"):
        event_splits.by_date(sequences([(0, 1, 7)] * 5), 0.1, 0.1)
