import numpy as np

from pipelines.sources.events import event_sequences
from pipelines.sources.synthetic import synthetic_shop


def test_the_same_seed_makes_the_same_purchases():
    first, again, other = (synthetic_shop.events(seed, 20) for seed in (1, 1, 2))
    assert (first.item == again.item).all() and (first.time == again.time).all()
    assert not np.array_equal(first.item, other.item)
    assert first.items.to_pylist()[:5] == ["anvil 1", "anvil 2", "anvil 3", "anvil 4", "anvil 5"]


def test_the_last_two_kinds_say_which_is_next_and_neither_does_alone():
    sequences = event_sequences.in_order(synthetic_shop.events(3, 1500))
    kinds = np.array([synthetic_shop.kind_of(int(item)) for item in range(len(sequences.events.items))])
    series = np.arange(len(kinds)) < len(synthetic_shop.KINDS) * synthetic_shop.PARTS
    numbers = range(len(synthetic_shop.KINDS))
    table = np.array([[synthetic_shop.next_kind(before, last) for last in numbers] for before in numbers])
    assert (np.sort(table, axis=0) == np.arange(13)[:, np.newaxis]).all() and (np.sort(table) == np.arange(13)).all()
    assert all(table[kind, kind] != kind for kind in numbers)
    right, after = [], np.zeros((2, len(synthetic_shop.KINDS), len(synthetic_shop.KINDS)))
    for user in range(1500):
        items = sequences.of(user)
        bought = kinds[items[series[items]]]
        right += [*(table[bought[:-2], bought[1:-1]] == bought[2:])]
        for steps in (1, 2):
            np.add.at(after[steps - 1], (bought[:-steps], bought[steps:]), 1)
    assert np.mean(right) > 0.95
    assert (after.max(axis=2) / after.sum(axis=2)).max() < 0.12


def test_the_most_popular_things_are_never_the_last():
    sequences = event_sequences.in_order(synthetic_shop.events(4, 500))
    popular = np.argsort(-np.bincount(sequences.events.item))[: synthetic_shop.GIFTS]
    assert {synthetic_shop.kind_of(int(item)) for item in popular} == {-1}
    last = [sequences.events.item[sequences.starts[1:] - place] for place in (1, 2)]
    assert not np.isin(last, popular).any()
