import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tfmodels.training.data.batch_plan import BatchPlan, full, padded_length

length = st.integers(1, 300) | st.integers(1, 8)
lengths = st.lists(st.tuples(length, length), min_size=1, max_size=200)


def planned(source, target, budget, seed, epoch):
    """The batches of an epoch, one after the other, as they are defined."""
    random = np.random.default_rng([seed, epoch])
    source, target = padded_length(source), padded_length(target)
    order = random.permutation(len(source))
    bucket = np.unique(target, return_inverse=True)[1]
    snake = np.where(bucket % 2, -source, source)
    order = order[np.lexsort((snake[order], target[order]))]
    batches = []
    while len(order):
        longest = np.maximum.accumulate(np.maximum(source[order], target[order])[:budget])
        fitting = np.count_nonzero(longest * np.arange(1, len(longest) + 1) <= budget)
        rows, order = np.split(order, [full(max(fitting, 1))])
        batches.append((rows.tolist(), source[rows].max(), target[rows].max()))
    return [batches[index] for index in random.permutation(len(batches))]


@given(lengths=lengths, budget=st.integers(1, 2000), seed=st.integers(0, 5), epoch=st.integers(0, 3))
def test_batches_are_those_of_the_definition(lengths, budget, seed, epoch):
    source, target = np.array(lengths, np.int32).T
    plan = BatchPlan(source, target, budget, seed)
    batches = [plan.epoch(epoch).batch(index) for index in range(len(plan.counts))]
    assert [(rows.tolist(), *longest) for rows, *longest in batches] == planned(source, target, budget, seed, epoch)
    assert sorted(plan.counts) == sorted(plan.epoch(epoch).counts)


def test_a_large_plan_is_that_of_the_definition():
    source, target = np.random.default_rng(1).geometric(0.05, [2, 50_000])
    plan = BatchPlan(source, target, 4096, 3)
    batches = [plan.epoch(1).batch(index) for index in range(len(plan.counts))]
    assert [(rows.tolist(), *longest) for rows, *longest in batches] == planned(source, target, 4096, 3, 1)


def test_an_epoch_asked_for_again_is_not_planned_again():
    plan = BatchPlan(np.array([3, 5]), np.array([4, 4]), 64, 1)
    first, other = plan.epoch(0), plan.epoch(1)
    assert plan.epoch(0) is first
    assert plan.epoch(1) is other
