import numpy as np

from pipelines.sources.events import event_sequences
from pipelines.sources.synthetic import synthetic_shop


def test_the_same_seed_makes_the_same_purchases():
    first, again, other = (synthetic_shop.events(seed, 20) for seed in (1, 1, 2))
    assert (first.item == again.item).all() and (first.time == again.time).all()
    assert not np.array_equal(first.item, other.item)
    assert first.items.to_pylist()[:5] == ["anvil 1", "anvil 2", "anvil 3", "anvil 4", "basket 1"]


def test_the_last_two_kinds_say_which_is_next_and_neither_does_alone():
    sequences = event_sequences.in_order(synthetic_shop.events(3, 1000))
    kinds = np.array([synthetic_shop.kind_of(int(item)) for item in range(len(sequences.events.items))])
    after, right = np.zeros((len(synthetic_shop.KINDS),) * 2), []
    for user in range(1000):
        bought = kinds[sequences.of(user)]
        bought = bought[bought >= 0]
        bought = bought[np.append(True, np.diff(bought) != 0)]  # without complements
        guessed = (2 * bought[1:-1] - bought[:-2]) % len(synthetic_shop.KINDS)
        right += [*(guessed == bought[2:])]
        np.add.at(after, (bought[:-1], bought[1:]), 1)
    assert np.mean(right) > 0.9
    assert (after.max(axis=1) / after.sum(axis=1)).max() < 0.1


def test_the_most_popular_things_are_never_the_last():
    sequences = event_sequences.in_order(synthetic_shop.events(4, 500))
    popular = np.argsort(-np.bincount(sequences.events.item))[: synthetic_shop.GIFTS]
    assert {synthetic_shop.kind_of(int(item)) for item in popular} == {-1}
    last = [sequences.events.item[sequences.starts[1:] - place] for place in (1, 2)]
    assert not np.isin(last, popular).any()
