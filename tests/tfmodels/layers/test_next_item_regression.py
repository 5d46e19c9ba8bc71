import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfmodels.layers import NextItemRegression
from tfmodels.metrics.next_items.histories import Histories
from tfmodels.metrics.next_items.next_item_model import NextItemModel, pruned

ITEMS, MOST, CONTEXT = 9, 4, 30
HISTORY = st.lists(st.integers(0, ITEMS - 1), max_size=CONTEXT)


@settings(deadline=None)
@given(
    st.lists(st.lists(st.integers(0, ITEMS - 1), max_size=CONTEXT), min_size=1, max_size=4), st.integers(0, 2**32 - 1)
)
@pytest.mark.parametrize("decay", [0.0, 0.6, 1.0])
def test_scores_are_those_of_the_baseline_wherever_padding_stands(decay, rows, seed):
    random = np.random.default_rng(seed)
    weights = pruned(random.normal(size=[ITEMS, ITEMS]).astype("float32"), MOST)
    lengths = np.array([len(row) for row in rows])
    ends = np.cumsum(lengths)
    histories = Histories(np.array([item for row in rows for item in row], int), ends - lengths, ends)
    expected = NextItemModel(np.zeros(ITEMS, np.float32), weights, decay).scores(histories)
    layer = NextItemRegression(ITEMS, MOST, decay, dtype="float32")
    layer.assign(weights.indices.reshape(ITEMS, MOST) + 1, weights.data.reshape(ITEMS, MOST))
    ids = np.zeros([len(rows), CONTEXT + 2], np.int32)
    for row, history in zip(ids, rows, strict=True):
        row[np.sort(random.choice(len(row), len(history), replace=False))] = np.array(history, int) + 1
    np.testing.assert_allclose(layer(ids), expected, atol=1e-5)


def test_config_and_refusals():
    layer = NextItemRegression(3, 2, 0.5)
    again = NextItemRegression.from_config(layer.get_config())
    assert (again.num_items, again.most, again.decay) == (3, 2, 0.5)
    assert layer(np.zeros([0, 4], np.int32)).shape == (0, 3)
    with pytest.raises(ValueError, match="Received: from 0 to 4"):
        layer.assign(np.array([[0, 4], [1, 2], [3, 3]]), np.zeros([3, 2]))
    with pytest.raises(ValueError, match="Expected shapes"):
        layer.assign(np.zeros([3, 1], int), np.zeros([3, 2]))
    with pytest.raises(ValueError, match="from 0 to 1"):
        NextItemRegression(3, 2, 1.5)
    with pytest.raises(ValueError, match="most=0"):
        NextItemRegression(3, 0)
