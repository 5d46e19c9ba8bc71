import numpy as np
import pytest
import tensorflow as tf

from tfmodels.models import (
    FeatureSizes,
    LSTMRecommender,
    LSTMRecommenderOptions,
    TransformerRecommender,
    TransformerRecommenderOptions,
)

ITEMS = 11
TRANSFORMER = {"num_layers": 1, "d_model": 8, "feed_forward_dim": 12, "dropout": 0.0, "attention_dropout": 0.0}
CASES = {
    "lstm": (LSTMRecommender, LSTMRecommenderOptions(d_model=8, dropout=0.0)),
    "additive": (LSTMRecommender, LSTMRecommenderOptions(d_model=8, dropout=0.0, attention="additive")),
    "heads": (LSTMRecommender, LSTMRecommenderOptions(d_model=8, dropout=0.0, attention="multi_head")),
    "rotary": (TransformerRecommender, TransformerRecommenderOptions(**TRANSFORMER)),
    "cosines": (TransformerRecommender, TransformerRecommenderOptions(**TRANSFORMER, temperature=0.2)),
    "learned": (TransformerRecommender, TransformerRecommenderOptions(**TRANSFORMER, positions="learned")),
}
ROWS = np.array([[3, 7, 1, 5], [9, 2, 0, 0], [4, 0, 0, 0]], np.int32)


@pytest.fixture(params=CASES)
def make(request):
    family, options = CASES[request.param]

    def make(**kwargs):
        made = family(ITEMS, options, max_length=6, **kwargs)
        made.build()
        random = np.random.default_rng(0)
        for weight in made.trainable_weights:
            weight.assign(random.normal(0, 0.3, weight.shape))
        return made

    return make


def test_a_row_alone_is_a_row_in_a_batch_and_nothing_comes_from_later_items(make):
    network = make()
    together = network({"items": ROWS}).numpy()
    assert together.shape == (3, 4, ITEMS)
    for row, length in enumerate((ROWS > 0).sum(axis=1)):
        for steps in range(1, length + 1):
            alone = network({"items": ROWS[row : row + 1, :steps]})
            np.testing.assert_allclose(together[row, steps - 1], alone[0, -1], atol=1e-5)


def test_the_last_step_alone_is_that_of_all(make):
    network, last = make(), np.array([3, 1, 0], np.int32)
    whole = network({"items": ROWS}).numpy()
    np.testing.assert_allclose(network({"items": ROWS, "last": last}), whole[np.arange(3), last], atol=1e-5)


@pytest.mark.parametrize("family", [LSTMRecommender, TransformerRecommender])
def test_a_temperature_divides_cosines(family):
    network = family(ITEMS, family.options_type(d_model=8, temperature=0.05))
    found = network(ROWS).numpy()
    vectors = network.embedding.vectors.numpy()[1:]
    states = network.read(network.embedding(ROWS), tf.constant(ROWS > 0), False, False)[0].numpy()
    states, vectors = (of / np.linalg.norm(of, axis=-1, keepdims=True) for of in (states, vectors))
    there = ROWS > 0
    np.testing.assert_allclose(found[there], 20 * (states @ vectors.T)[there], atol=1e-3)


@pytest.mark.parametrize("sampling", ["popular", "uniform"])
def test_drawn_logits_are_those_of_all_items(make, sampling):
    network = make(negatives=4000, sampling=sampling)
    counts = np.arange(ITEMS, dtype="float32")
    network.counts.assign(counts)
    targets = np.array([[7, 1, 5, 2], [2, 9, 0, 0], [1, 0, 0, 0]], np.int32)
    sampled = network({"items": ROWS, "targets": targets}, training=True)
    whole = make()({"items": ROWS}).numpy()
    there = targets > 0
    np.testing.assert_allclose(
        sampled.right.numpy()[there],
        np.take_along_axis(whole, np.maximum(targets - 1, 0)[..., None], -1)[there, 0],
        atol=1e-5,
    )
    expected = np.maximum(counts, 1) if sampling == "popular" else np.ones(ITEMS)
    expected = expected / expected.sum() * 4000
    np.testing.assert_allclose(np.exp(sampled.right_frequency.numpy()[there]), expected[targets[there] - 1], rtol=1e-4)
    # A sum over drawn items, each divided by how often it is expected, is near the sum over all but the right one.
    drawn = sampled.drawn.numpy() - sampled.drawn_frequency.numpy()
    for row, step in zip(*np.nonzero(there), strict=True):
        others = np.delete(whole[row, step], targets[row, step] - 1)
        assert np.exp(drawn[row, step]).sum() == pytest.approx(np.exp(others).sum(), rel=0.1)


def test_the_next_items_of_a_batch_are_its_negatives(make):
    network = make(negatives=1, sampling="in_batch")
    counts = np.arange(ITEMS, dtype="float32")
    network.counts.assign(counts)
    targets = np.array([[7, 1, 5, 2], [2, 9, 0, 0], [1, 0, 0, 0]], np.int32)
    sampled = network({"items": ROWS, "targets": targets}, training=True)
    whole = make()({"items": ROWS}).numpy()
    flat = targets.ravel()
    for row, step in zip(*np.nonzero(targets), strict=True):
        others = (flat > 0) & (flat != targets[row, step])
        found = sampled.drawn.numpy()[row, step]
        np.testing.assert_allclose(found[others], whole[row, step, flat[others] - 1], atol=1e-5)
        assert (found[~others] < -1e8).all()
    expected = np.maximum(counts, 1) / np.maximum(counts, 1).sum() * 7
    there = flat > 0
    np.testing.assert_allclose(np.exp(sampled.drawn_frequency.numpy()[there]), expected[flat[there] - 1], rtol=1e-4)


@pytest.mark.parametrize("case", ["rotary", "additive"])
def test_half_precision_counts_exactly(case):
    family, options = CASES[case]
    sizes = FeatureSizes(4, 2, 1)
    network = family(3_000, options, negatives=5, features=sizes, sides=[3], dtype="mixed_bfloat16")
    network.build()
    counts = 7.0 * np.arange(3_000) + 1
    network.counts.assign(counts)
    found = network({"items": ROWS, "targets": ROWS, "sides": ROWS[..., None] % 4}, training=True)
    there = ROWS > 0
    expected = np.log(counts[ROWS[there] - 1] / counts.sum() * 5)
    np.testing.assert_allclose(found.right_frequency.numpy()[there], expected, rtol=1e-5)
    assert np.isfinite(found.right.numpy()).all() and np.isfinite(found.drawn.numpy()).all()


def test_another_call_draws_other_items(make):
    network = make(negatives=5)
    inputs = {"items": ROWS, "targets": ROWS}
    first, second = (network(inputs, training=True).drawn.numpy() for _ in range(2))
    assert not np.array_equal(first, second)
    assert network(inputs).shape == (3, 4, ITEMS)  # outside of training all items count


@pytest.mark.parametrize(
    ("case", "name"), [("rotary", "0/attention"), ("additive", "attention"), ("heads", "attention")]
)
def test_attention_maps_are_causal(case, name):
    family, options = CASES[case]
    _, maps = family(ITEMS, options)({"items": ROWS}, intermediates=True)
    weights = maps[name].numpy()
    np.testing.assert_allclose(weights.sum(axis=-1), 1, atol=1e-5)
    assert not np.triu(weights, 1).any()
    assert tf.reduce_max(weights) <= 1
