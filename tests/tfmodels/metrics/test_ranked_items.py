import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score

from tfmodels import metrics
from tfmodels.metrics.ranked_items import CUTOFFS


def naive(ranked, relevant, k):
    """The scores of one list by their definitions."""
    hits = [item in relevant for item in ranked[:k]]
    first = hits.index(True) + 1 if any(hits) else None
    gain = sum(hit / np.log2(2 + place) for place, hit in enumerate(hits))
    ideal = sum(1 / np.log2(2 + place) for place in range(min(k, len(relevant))))
    precisions = [sum(hits[: place + 1]) / (place + 1) for place, hit in enumerate(hits) if hit]
    return {
        "hr": float(any(hits)),
        "recall": sum(hits) / len(relevant),
        "precision": sum(hits) / k,
        "map": sum(precisions) / min(k, len(relevant)),
        "ndcg": gain / ideal,
        "mrr": 1 / first if first else 0.0,
    }


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(2, 40))
def test_scores_are_those_of_their_definitions(seed, queries, items):
    random = np.random.default_rng(seed)
    scores = random.permuted(np.tile(np.arange(items, dtype=float), [queries, 1]), axis=1)
    relevant = [random.choice(items, random.integers(1, min(items, 6) + 1), replace=False) for _ in range(queries)]
    query = np.repeat(np.arange(queries), [len(of) for of in relevant])
    ranks = metrics.mean_ranks(scores[query], np.concatenate(relevant))
    shuffled = random.permutation(len(ranks))
    found = metrics.ranking_scores(ranks[shuffled], query[shuffled])
    assert [*found] == [f"{name}@{k}" for k in CUTOFFS for name in naive([0], [0], 1)]
    for row, of in enumerate(relevant):
        ranked = np.argsort(-scores[row]).tolist()
        for k in CUTOFFS:
            expected = naive(ranked, set(of.tolist()), k)
            assert {name: found[f"{name}@{k}"][row] for name in expected} == pytest.approx(expected)
            truth = np.isin(np.arange(items), of).astype(float)[np.newaxis]
            assert found[f"ndcg@{k}"][row] == pytest.approx(ndcg_score(truth, scores[row : row + 1], k=k))


def test_one_relevant_item_needs_no_queries():
    ranks = np.array([1.0, 3.0, np.inf])
    found = metrics.ranking_scores(ranks)
    assert found["hr@5"].tolist() == found["recall@5"].tolist() == [1, 1, 0]
    assert found["map@5"].tolist() == found["mrr@5"].tolist() == [1, 1 / 3, 0]
    assert found["ndcg@5"].tolist() == [1, 0.5, 0]
    assert all(len(values) == 0 for values in metrics.ranking_scores(np.zeros(0)).values())


def test_a_query_without_a_relevant_item_is_refused():
    with pytest.raises(ValueError, match="none of query 1"):
        metrics.ranking_scores(np.array([1.0, 2.0]), np.array([0, 2]))


def test_ties_have_the_mean_of_their_ranks():
    scores = np.array([[3.0, 1.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0], [-np.inf, 2.0, -np.inf, 5.0], [1.0, 2.0, 3.0, 4.0]])
    assert metrics.mean_ranks(scores, np.array([2, 0, 0, -1])).tolist() == [2.5, 2.5, np.inf, np.inf]
    with pytest.raises(ValueError, match="NaN"):
        metrics.mean_ranks(np.array([[np.nan, 1.0]]), np.array([1]))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=2, max_size=5), st.data())
def test_the_mean_rank_is_that_of_all_orders_of_a_tie(scores, data):
    scores, target = np.array(scores, float), data.draw(st.integers(0, len(scores) - 1))
    orders = itertools.permutations(range(len(scores)))
    ranks = [sorted(order, key=lambda item: -scores[item]).index(target) + 1 for order in orders]
    assert metrics.mean_ranks(scores[np.newaxis], np.array([target]))[0] == pytest.approx(np.mean(ranks))


def test_a_catalogue_is_covered_evenly_or_not():
    counts = np.array([8, 4, 2, 2, 0])
    all_alike = metrics.catalogue_scores(np.array([[0, 1], [2, 3], [4, -1]]), counts)
    assert all_alike == (1.0, 16 / 5, 0.0, pytest.approx((1 + 2 + 3 + 3 + 4) / 5))
    one = metrics.catalogue_scores(np.array([[0], [0]]), counts)
    assert one == (0.2, 8.0, pytest.approx(0.8), 1.0)
    assert np.isnan(metrics.catalogue_scores(np.full([2, 3], -1), counts)).all()


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(0, 100), min_size=1, max_size=20).filter(any))
def test_gini_is_half_the_mean_difference_over_the_mean(amounts):
    amounts = np.array(amounts)
    expected = np.abs(amounts[:, np.newaxis] - amounts).mean() / (2 * amounts.mean())
    assert metrics.gini(amounts) == pytest.approx(expected, abs=1e-9)
