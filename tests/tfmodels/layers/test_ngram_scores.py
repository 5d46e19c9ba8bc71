import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfmodels.layers import NGramScores

CLASSES, BUCKETS = 3, 2**17
texts = st.lists(st.integers(1, 50), min_size=1, max_size=9)


@pytest.fixture(scope="module")
def layers():
    """By the length of the longest n-grams, all with the same weights."""
    made = {length: NGramScores(CLASSES, length, BUCKETS) for length in (1, 2, 3)}
    weight = np.random.default_rng(0).normal(size=[BUCKETS, CLASSES])
    for layer in made.values():
        layer.build((None, None))
        layer.set_weights([weight])
    return made


def scores(layer, *rows):
    width = max(map(len, rows))
    return layer(np.array([row + [0] * (width - len(row)) for row in rows], "int32")).numpy()


@given(text=texts)
def test_longer_ngrams_are_added_to_shorter_ones(layers, text):
    weight = layers[1].get_weights()[0]
    words = scores(layers[1], text)[0]
    np.testing.assert_allclose(words, weight[text], rtol=1e-6)
    pairs = scores(layers[2], text)[0] - words
    alone = [scores(layers[2], [one, other])[0, 1] - weight[other] for one, other in itertools.pairwise(text)]
    np.testing.assert_allclose(pairs[1:], np.reshape(alone, [-1, CLASSES]), rtol=1e-4, atol=1e-5)


@given(text=texts, padding=st.integers(0, 4))
def test_padding_has_no_scores_and_changes_none(layers, text, padding):
    padded = scores(layers[3], text + [0] * padding)[0]
    np.testing.assert_array_equal(padded[: len(text)], scores(layers[3], text)[0])
    assert not padded[len(text) :].any()


def test_order_and_beginning_matter(layers):
    one, other = scores(layers[2], [7, 8, 9, 9]), scores(layers[2], [8, 7, 9, 9])
    assert np.abs(one.sum(axis=1) - other.sum(axis=1)).min() > 1e-3
    assert np.abs(one[0, 2] - one[0, 3]).min() > 1e-3
    np.testing.assert_allclose(scores(layers[1], [7, 8]).sum(axis=1), scores(layers[1], [8, 7]).sum(axis=1), rtol=1e-5)


def test_pairs_of_a_large_vocabulary_spread_over_the_buckets():
    layer = NGramScores(1, 2, BUCKETS)
    layer.build((None, None))
    layer.set_weights([np.arange(BUCKETS)[:, np.newaxis]])
    ids = np.random.default_rng(1).integers(1, 20_000, [5_000, 2])
    rows = (layer(ids.astype("int32")).numpy()[:, 1, 0] - ids[:, 1]).astype(int)
    evenly = BUCKETS * (1 - np.exp(-len(ids) / BUCKETS))
    assert len(set(rows)) > 0.98 * evenly


def test_starts_with_scores_of_zero():
    assert not NGramScores(CLASSES)(np.array([[5, 6, 7]])).numpy().any()


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match=r"`length` to be at least 1. Received: length=0"):
        NGramScores(CLASSES, 0)
