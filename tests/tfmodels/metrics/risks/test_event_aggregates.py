import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfmodels.metrics.risks import event_aggregates
from tfmodels.metrics.risks.event_aggregates import IrregularEvents


def by_hand(case, variable):
    """The aggregates of one variable, as they are defined."""
    mine = [(hour, value) for hour, one, value in case if one == variable]
    there = [(hour, value) for hour, value in mine if value == value]
    if not there:
        return [np.nan] * 5 + [len(mine)] + [np.nan] * 3
    hour, value = np.array(there).T
    slope = np.polyfit(hour, value, 1)[0] if len(set(hour)) > 1 else np.nan
    deviation = value.std(ddof=1) if len(value) > 1 else np.nan
    first, last = case[0][0], case[-1][0]
    lately = value[hour >= last - (last - first) / 8]
    recent = lately.mean() if len(lately) else np.nan
    return [value[0], value[-1], value.mean(), value.min(), value.max(), len(mine), slope, deviation, recent]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2), st.sampled_from([1.0, -2.5, np.nan])), max_size=8),
        min_size=1,
        max_size=5,
    ),
    st.integers(1, 10),
)  # fmt: skip
def test_aggregates_are_those_by_hand_however_many_are_looked_at_together(cases, together):
    cases = [sorted(case, key=lambda event: event[0]) for case in cases]
    rows = [event for case in cases for event in case]
    columns = [np.array(column) for column in zip(*rows, strict=True)] if rows else [np.zeros(0)] * 3
    events = IrregularEvents(columns[0].astype(float), columns[1].astype(int), columns[2].astype(float))
    end = np.cumsum([len(case) for case in cases])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(event_aggregates, "_MOST", together)
        found = event_aggregates.event_aggregates(events, np.r_[0, end[:-1]], end, 3)
    expected = [[number for one in range(3) for number in by_hand(case, one)] for case in cases]
    np.testing.assert_allclose(found, np.array(expected, float), rtol=1e-4, atol=1e-4)


def test_cases_of_one_entity_overlap():
    events = IrregularEvents(np.arange(4.0), np.zeros(4, int), np.array([1.0, 3.0, 5.0, 99.0]))
    found = event_aggregates.event_aggregates(events, np.array([0, 0, 2]), np.array([2, 4, 2]), 1)
    assert found[:, 1].tolist()[:2] == [3, 99] and found[:, 5].tolist() == [2, 4, 0]
    assert event_aggregates.aggregate_names(["HR"])[5:7] == ["HR count", "HR slope"]
