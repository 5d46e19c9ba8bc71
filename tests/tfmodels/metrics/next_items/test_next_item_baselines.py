import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge
from sklearn.metrics.pairwise import cosine_similarity

from tfmodels.metrics.next_items import item_counts, item_ranking, item_regressions, next_item_baselines
from tfmodels.metrics.next_items.histories import Histories, vectors
from tfmodels.metrics.next_items.next_item_model import pruned

SIZE = 12


def histories(*lists):
    lengths = np.array([len(one) for one in lists])
    ends = np.cumsum(lengths)
    return Histories(np.array([item for one in lists for item in one], np.int32), ends - lengths, ends)


def some(seed, count=40, unknown=False):
    """Histories in which an item is often followed by the next one."""
    random = np.random.default_rng(seed)
    lists = []
    for length in random.integers(1, 9, count):
        steps = np.cumsum(random.choice([1, 1, 1, 5], length)) + random.integers(SIZE)
        lists.append((steps % SIZE).tolist())
        if unknown and length > 1:
            lists[-1][0] = -1
    return histories(*lists)


LISTS = st.lists(st.lists(st.integers(-1, SIZE - 1), max_size=7), min_size=1, max_size=6)


@settings(max_examples=50, deadline=None)
@given(LISTS, st.sampled_from([0.0, 0.3, 1.0]))
def test_vectors_are_sums_of_decayed_items(lists, decay):
    expected = np.zeros([len(lists), SIZE])
    for row, items in enumerate(lists):
        for age, item in enumerate(reversed(items)):
            if item >= 0:
                expected[row, item] += decay**age
    assert np.allclose(vectors(histories(*lists), SIZE, decay).toarray(), expected, atol=1e-4)


def test_popular_items_are_those_with_most_events():
    training = histories([1, 2], [1, 3], [1, 2], [])
    models = dict(next_item_baselines.fit(training, 5, np.array([1, 2, 3, 9, 5, 6])))
    assert models["most popular"].constant.tolist() == [0, 3, 2, 1, 0]
    assert models["popular lately"].constant.tolist() == [0, 0, 0, 1, 0]
    without_times = dict(next_item_baselines.fit(training, 5))
    assert without_times["popular lately"].constant.tolist() == [0, 0, 2, 1, 0]
    scores = models["most popular"].scores(histories([4], []))
    assert scores.tolist() == [[0, 3, 2, 1, 0]] * 2


def test_neighbours_are_cosines_of_users():
    training = some(1)
    had = np.zeros([len(training.ends), SIZE])
    for row, (start, end) in enumerate(zip(training.starts, training.ends, strict=True)):
        had[row, training.items[start:end]] = 1
    expected = cosine_similarity(had.T) * (1 - np.eye(SIZE))
    assert np.allclose(item_counts.cosines(training, SIZE).toarray(), expected, atol=1e-6)
    history = histories([3, 7])
    last = item_counts.last_item_neighbours(training, SIZE).scores(history)
    assert np.allclose(last, expected[7], atol=1e-6)
    both = item_counts.item_neighbours(training, SIZE, 0.5).scores(history)
    assert np.allclose(both, expected[7] + 0.5 * expected[3], atol=1e-6)


def test_ease_is_a_ridge_regression_of_each_item_on_the_others():
    training = some(2)
    had = item_counts.had_by_users(training, SIZE).toarray()
    weights = item_regressions.ease_weights(training, SIZE, 3.0)
    for item in range(SIZE):
        others = np.delete(np.arange(SIZE), item)
        ridge = Ridge(alpha=3.0, fit_intercept=False).fit(had[:, others], had[:, item])
        assert np.allclose(weights[others, item], ridge.coef_, atol=1e-4)
        assert weights[item, item] == 0


@pytest.mark.parametrize("rows", [200_000, 7])
def test_the_linear_model_is_a_ridge_regression_of_the_next_item(monkeypatch, rows):
    monkeypatch.setattr(item_regressions, "_ROWS", rows)
    training = some(3, unknown=True)
    before, after = [], []
    for start, end in zip(training.starts, training.ends, strict=True):
        for place in range(start + 1, end):
            before.append(
                vectors(Histories(training.items, np.array([start]), np.array([place])), SIZE, 0.6).toarray()[0]
            )
            after.append(np.eye(SIZE)[training.items[place]])
    ridge = Ridge(alpha=2.0, fit_intercept=False).fit(np.array(before), np.array(after))
    weights = item_regressions.next_item_weights(training, SIZE, 2.0, 0.6)
    assert np.allclose(weights, ridge.coef_.T, atol=1e-4)
    model = item_regressions.linear_next_item(training, SIZE, 2.0, 0.6, ease_share=0.5, ease_penalty=3.0, most=0)
    both = weights + 0.5 * item_regressions.ease_weights(training, SIZE, 3.0)
    assert np.allclose(model.weights, both, atol=1e-5)


def test_the_linear_model_finds_what_follows():
    training = some(4, 300)
    model = dict(next_item_baselines.fit(training, SIZE))[next_item_baselines.LINEAR]
    scores = model.scores(histories([2, 5], [8]))
    assert scores.argmax(axis=1).tolist() == [6, 9]


def test_pruned_weights_are_the_largest_of_each_item():
    weights = np.array([[1.0, -3.0, 2.0], [0.0, 0.0, 5.0], [7.0, 0.1, -0.2]])
    assert pruned(weights, 2).toarray().tolist() == [[0, -3, 2], [0, 0, 5], [7, 0, pytest.approx(-0.2)]]
    assert np.allclose(pruned(weights, 9).toarray(), weights)


@settings(max_examples=20, deadline=None)
@given(LISTS, st.integers(0, 2**32 - 1), st.booleans())
def test_items_are_ranked_in_pieces_as_at_once(lists, seed, exclude_seen):
    random = np.random.default_rng(seed)
    model = item_counts.item_neighbours(some(5), SIZE)
    of, targets = histories(*lists), random.integers(-1, SIZE, len(lists))
    whole = item_ranking.rank(model.scores, of, targets, SIZE, 4, exclude_seen)
    scores = model.scores(of)
    for row, items in enumerate(lists):
        seen = {item for item in items if item >= 0} if exclude_seen else set()
        left = [item for item in range(SIZE) if item not in seen]
        best = sorted((scores[row, item] for item in left), reverse=True)[:4]
        found = [item for item in whole.best[row].tolist() if item >= 0]
        assert scores[row, found].tolist() == best
        assert len({*found} & {*left}) == len(best)
        if targets[row] not in left:
            assert whole.ranks[row] == np.inf
    saved, item_ranking._NUMBERS = item_ranking._NUMBERS, SIZE  # one history at a time
    try:
        alone = item_ranking.rank(model.scores, of, targets, SIZE, 4, exclude_seen)
    finally:
        item_ranking._NUMBERS = saved
    assert np.array_equal(alone.best, whole.best) and np.array_equal(alone.ranks, whole.ranks)
