import numpy as np
import pytest
import tensorflow as tf
import toy_model
from exhaustive_search import VOCAB, every_sequence, log_probability, search_without_early_stop
from hypothesis import given, settings
from hypothesis import strategies as st

from tfmodels import models
from tfmodels.decoding import beam_search
from tfmodels.token_ids import END


def memory_of(bias, masks):
    return {**toy_model.to_memory(bias), "mask": tf.constant(masks)}


def rows(count, seed=0):
    random = np.random.default_rng(seed)
    masks = np.arange(VOCAB) < random.integers(1, VOCAB + 1, [count, 1])
    return random.normal(0, 1.5, [count, VOCAB]).astype("float32"), masks


def scorer(model, bias, mask, alpha, beta):
    def score(sequence):
        coverage = np.clip(model.coverage(sequence, mask)[mask], 1e-9, 1)
        penalty = ((6 + len(sequence)) / 6) ** alpha
        return log_probability(model, sequence, bias) / penalty + beta * np.log(coverage).sum()

    return score


def assert_sequences(decoded, row, sequences):
    found = [decoded.ids[row, i, : decoded.length[row, i]].numpy().tolist() for i in range(len(sequences))]
    assert found == [sequence for sequence, _ in sequences]
    np.testing.assert_allclose(decoded.score[row, : len(sequences)], [s for _, s in sequences], rtol=1e-4, atol=1e-4)
    assert np.all(decoded.score[row, len(sequences) :] == -1e9)


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 3), st.sampled_from([0.0, 0.6]), st.sampled_from([0.1, 1.0, 5.0]), st.integers(0, 10**6))
def test_a_beam_for_every_sequence_ranks_all_of_them(limit, alpha, beta, seed):
    model, (bias, mask) = toy_model.AttentionModel(seed=seed), rows(1, seed)
    sequences = every_sequence(limit, scorer(model, bias[0], mask[0], alpha, beta))
    decoded = beam_search(model, memory_of(bias, mask), tf.constant([limit]), 41, alpha, coverage_penalty=beta)
    assert_sequences(decoded, 0, sequences)


@settings(deadline=None, max_examples=8)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.floats(0, 3), st.floats(0, 2)), min_size=1, max_size=4),
    st.integers(1, 5),
    st.integers(0, 10**6),
)
def test_stopping_early_changes_nothing(options, beams, seed):
    model, (bias, masks) = toy_model.AttentionModel(seed=seed, scale=6), rows(len(options), seed)
    limits, alphas, betas = zip(*options, strict=True)
    decoded = beam_search(
        model, memory_of(bias, masks), tf.constant(limits), beams, tf.constant(alphas, tf.float32),
        coverage_penalty=tf.constant(betas, tf.float32),
    )  # fmt: skip
    for row, (limit, alpha, beta) in enumerate(options):
        score = scorer(model, bias[row], masks[row], alpha, beta)
        assert_sequences(decoded, row, search_without_early_stop(model, bias[row], limit, beams, score))


def test_it_changes_which_sequence_is_best():
    model, (bias, masks), limits = toy_model.AttentionModel(seed=1), rows(8), tf.fill([8], 6)
    plain, covered = (
        beam_search(model, memory_of(bias, masks), limits, coverage_penalty=beta).ids[:, 0].numpy() for beta in (0, 2.0)
    )
    assert (plain != covered).any()


@pytest.mark.parametrize("off", [0, -1.0, [0.0, -2.0, 0.0]], ids=str)
def test_off_is_the_search_without_it(off):
    model, (bias, masks), limits = toy_model.AttentionModel(), rows(3), tf.fill([3], 6)
    without = beam_search(model, memory_of(bias, masks), limits)
    with_none = beam_search(model, memory_of(bias, masks), limits, coverage_penalty=off)
    for one, other in zip(with_none, without, strict=True):
        np.testing.assert_array_equal(one, other)


def test_without_it_the_model_is_not_asked_for_coverage():
    model, (bias, masks) = toy_model.PrefixModel(), rows(2)  # it has none
    assert beam_search(model, memory_of(bias, masks), tf.fill([2], 3), coverage_penalty=0.0).ids.shape == (2, 4, 3)
    with pytest.raises(TypeError, match="coverage"):
        beam_search(model, memory_of(bias, masks), tf.fill([2], 3), coverage_penalty=0.1)


@pytest.mark.parametrize("family", ["transformer", pytest.param("lstm", marks=pytest.mark.slow)])
def test_graph_of_unknown_sizes_equals_eager(family):
    if family == "lstm":
        options = models.LSTMOptions(num_layers=1, d_model=8, num_heads=2, attention="multi_head")
        model = models.LSTMSeq2Seq(17, options)
    else:
        options = models.TransformerOptions(num_layers=1, d_model=8, num_heads=2, feed_forward_dim=12)
        model = models.TransformerSeq2Seq(17, options)
    model.build()
    signature = [tf.TensorSpec([None, None], tf.int32), tf.TensorSpec([None], tf.int32), tf.TensorSpec([None])]

    def search(source, limits, beta):
        return beam_search(model, model.encode(source), limits, 3, coverage_penalty=beta)

    graph = tf.function(search, autograph=False, input_signature=signature)
    source, limits = tf.constant([[5, 9, 4, END], [8, END, 0, 0]]), tf.constant([3, 5])
    eager = search(source, limits, tf.constant([0.0, 0.4]))
    for one, other in zip(graph(source, limits, tf.constant([0.0, 0.4])), eager, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4)
    assert graph(source[:0], limits[:0], tf.zeros([0])).ids.shape == (0, 3, 0)


def test_every_penalty_gives_a_sequence_and_a_finite_score():
    model, (bias, masks) = toy_model.AttentionModel(), rows(2)
    decoded = beam_search(model, memory_of(bias, masks), tf.fill([2], 6), coverage_penalty=tf.constant([1e38, 1e3]))
    assert np.all(np.isfinite(decoded.score))
    assert np.all(decoded.score[:, 0] > -1e9)
