import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from tfmodels.decoding import greedy
from tfmodels.token_ids import END


def oracle(model, bias, limit):
    prefix, score = [], 0.0
    while True:
        log_probabilities = model.log_probabilities(prefix, bias)
        end = len(prefix) >= limit
        token = END if end else END + int(np.argmax(log_probabilities[END:]))
        score += log_probabilities[token]
        if token == END:
            return prefix, score
        prefix.append(token)


def biases(rows, seed=0, vocab=7):
    return np.random.default_rng(seed).normal(0, 1.5, [rows, vocab]).astype("float32")


@settings(deadline=None, max_examples=8)
@given(st.lists(st.integers(0, 6), min_size=1, max_size=4), st.integers(0, 10**6))
def test_takes_the_most_probable_token_of_each_step(toy, to_memory, limits, seed):
    model, bias = toy(seed=seed), biases(len(limits), seed)
    decoded = greedy(model, to_memory(bias), tf.constant(limits))
    assert decoded.ids.shape == (len(limits), max(limits))
    for row, limit in enumerate(limits):
        prefix, score = oracle(model, bias[row], limit)
        assert decoded.ids[row].numpy().tolist() == prefix + [0] * (max(limits) - len(prefix))
        assert decoded.length[row] == len(prefix)
        np.testing.assert_allclose(decoded.score[row], score, rtol=1e-4, atol=1e-4)


def test_a_row_does_not_depend_on_its_batch(toy, to_memory):
    model, bias, limits = toy(seed=3), biases(5), tf.constant([2, 6, 0, 1, 6])
    together = greedy(model, to_memory(bias), limits)
    for row in range(5):
        alone = greedy(model, to_memory(bias[row : row + 1]), limits[row : row + 1])
        assert together.ids[row, : limits[row]].numpy().tolist() == alone.ids[0].numpy().tolist()
        assert together.length[row] == alone.length[0]
        np.testing.assert_allclose(together.score[row], alone.score[0], rtol=1e-5, atol=1e-5)


def test_forced_end_keeps_its_true_probability(toy, to_memory):
    model, bias = toy(), biases(1)
    bias[:, END] = -20
    decoded = greedy(model, to_memory(bias), tf.constant([3]))
    assert decoded.length[0] == 3
    assert decoded.score[0] < -10


def test_special_tokens_are_never_produced_and_keep_their_probability(toy, to_memory):
    model, bias = toy(), biases(3)
    bias[:, :END] += 20
    decoded = greedy(model, to_memory(bias), tf.fill([3], 6))
    within = tf.sequence_mask(decoded.length, 6)
    assert np.all(decoded.ids[within] > END)
    assert np.all(decoded.score < -10)


@pytest.mark.parametrize("limits", [[], [0, 0]])
def test_no_rows_and_no_tokens(toy, to_memory, limits):
    decoded = greedy(toy(), to_memory(biases(len(limits))), tf.constant(limits, tf.int32))
    assert decoded.ids.shape == (len(limits), 0)
    assert decoded.length.numpy().tolist() == limits
    assert np.all(np.isfinite(decoded.score))


def test_stops_when_every_row_is_done(to_memory, toy):
    model, bias, positions = toy(), biases(2), []
    bias[:, END] = 50
    step = model.step
    model.step = lambda ids, cache, position: (positions.append(int(position)), step(ids, cache, position))[1]
    assert greedy(model, to_memory(bias), tf.constant([5, 5])).length.numpy().tolist() == [0, 0]
    assert positions == [0]


@pytest.mark.parametrize("rows", [2, None])
def test_graph_equals_eager_and_has_no_refused_op(toy, to_memory, graph_ops, rows):
    model, bias, limits = toy(), biases(2), tf.constant([4, 6])

    signature = [tf.TensorSpec([rows, 7]), tf.TensorSpec([rows], tf.int32)]

    @tf.function(autograph=False, input_signature=signature)
    def decode(bias, limits):
        return greedy(model, to_memory(bias), limits)

    eager = greedy(model, to_memory(bias), limits)
    for graph_output, eager_output in zip(decode(bias, limits), eager, strict=True):
        np.testing.assert_allclose(graph_output, eager_output, rtol=1e-5)
    assert not [op for op in graph_ops(decode.get_concrete_function()) if op.startswith(("Xla", "Assign"))]
