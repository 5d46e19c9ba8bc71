import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfmodels.training.data.shuffled import shuffled


@given(size=st.integers(1, 3000), seed=st.lists(st.integers(0, 2**40), min_size=1, max_size=3))
def test_every_thing_comes_once_and_pieces_agree_with_the_whole(size, seed):
    whole = shuffled(np.arange(size), size, seed)
    assert sorted(whole) == list(range(size))
    picked = np.random.default_rng(0).integers(0, size, 20)
    np.testing.assert_array_equal(shuffled(picked, size, seed), whole[picked])


def test_orders_differ_by_seed_and_keep_no_trace_of_the_old_order():
    one, other = (shuffled(np.arange(10_000), 10_000, [7, epoch]) for epoch in (0, 1))
    assert np.mean(one == other) < 0.01
    for order in (one, other):
        assert abs(np.corrcoef(order, np.arange(10_000))[0, 1]) < 0.05
        assert abs(np.corrcoef(order[1:], order[:-1])[0, 1]) < 0.05


@pytest.mark.parametrize("size", [2, 3, 4, 5])
def test_all_orders_of_a_few_things_occur_about_equally_often(size):
    firsts = np.array([shuffled(np.arange(1), size, [seed])[0] for seed in range(2000)])
    share = np.bincount(firsts, minlength=size) / len(firsts)
    np.testing.assert_allclose(share, 1 / size, atol=0.06)


def test_a_range_too_large_to_be_held_costs_nothing():
    size = 2**45 + 12345
    numbers = shuffled(np.arange(1000), size, [1])
    assert len(set(numbers.tolist())) == 1000
    assert numbers.min() >= 0 and numbers.max() < size
    assert 0.4 < numbers.mean() / size < 0.6
