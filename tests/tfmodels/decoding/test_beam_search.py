import numpy as np
import pytest
import tensorflow as tf
from exhaustive_search import VOCAB, every_sequence, log_probability, search_without_early_stop
from hypothesis import given, settings
from hypothesis import strategies as st

from tfmodels.decoding import beam_search, greedy
from tfmodels.token_ids import END

MISSING = -1e9


def biases(rows, seed=0):
    return np.random.default_rng(seed).normal(0, 1.5, [rows, VOCAB]).astype("float32")


def scorer(model, bias, alpha):
    return lambda sequence: log_probability(model, sequence, bias) / ((6 + len(sequence)) / 6) ** alpha


def assert_sequences(decoded, row, sequences):
    beams, time = decoded.ids.shape[1:]
    expected = [(prefix + [0] * (time - len(prefix)), len(prefix), score) for prefix, score in sequences]
    expected += [([0] * time, 0, MISSING)] * (beams - len(sequences))
    found = list(
        zip(*(field[row].numpy().tolist() for field in (decoded.ids, decoded.length, decoded.score)), strict=True)
    )
    assert [score for *_, score in found] == sorted((score for *_, score in found), reverse=True)
    # Compared one by one: which of two equally good ones comes first is left to rounding.
    for one, other in zip(sorted(found), sorted(expected), strict=True):
        assert one[:2] == other[:2]
        np.testing.assert_allclose(one[2], other[2], rtol=1e-4, atol=1e-4)


@settings(deadline=None, max_examples=8)
@given(st.lists(st.integers(0, 6), min_size=1, max_size=4), st.integers(0, 10**6))
def test_one_beam_without_penalty_is_greedy(toy, to_memory, limits, seed):
    model, memory, limits = toy(seed=seed), to_memory(biases(len(limits), seed)), tf.constant(limits)
    one, expected = beam_search(model, memory, limits, beam_size=1, length_penalty=0.0), greedy(model, memory, limits)
    for beam_output, greedy_output in zip(one, expected, strict=True):
        np.testing.assert_allclose(beam_output[:, 0], greedy_output, rtol=1e-6)


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 3), st.sampled_from([0.0, 0.6, 1.0, 2.5]), st.integers(0, 10**6))
def test_a_beam_for_every_sequence_ranks_all_of_them(toy, to_memory, limit, alpha, seed):
    model, bias = toy(seed=seed), biases(1, seed)
    sequences = every_sequence(limit, scorer(model, bias[0], alpha))
    decoded = beam_search(model, to_memory(bias), tf.constant([limit]), beam_size=41, length_penalty=alpha)
    assert_sequences(decoded, 0, sequences)


@settings(deadline=None, max_examples=12)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.floats(0, 4)), min_size=1, max_size=4),
    st.integers(1, 5),
    st.sampled_from([1, 6]),
    st.integers(0, 10**6),
)
def test_stopping_early_changes_nothing(toy, to_memory, rows, beams, scale, seed):
    model, bias = toy(seed=seed, scale=scale), biases(len(rows), seed)
    limits, alphas = zip(*rows, strict=True)
    decoded = beam_search(model, to_memory(bias), tf.constant(limits), beams, tf.constant(alphas, tf.float32))
    for row, (limit, alpha) in enumerate(rows):
        score = scorer(model, bias[row], alpha)
        assert_sequences(decoded, row, search_without_early_stop(model, bias[row], limit, beams, score))


@pytest.mark.parametrize("toy", ["TableModel"], indirect=True)
def test_a_longer_sequence_overtakes_a_finished_one(toy, to_memory):
    model, other = toy(), END + 1
    model.table[:] = -50
    model.table[0, :, [END, other]] = [[0.1], [0.0]]
    model.table[1:3, :, other] = 0
    model.table[3:, :, END] = 0
    decoded = beam_search(model, to_memory(np.zeros([1, VOCAB])), tf.constant([6]), beam_size=1, length_penalty=2.0)
    assert decoded.ids[0, 0].numpy().tolist() == [other] * 3 + [0] * 3


def test_a_row_does_not_depend_on_its_batch(toy, to_memory):
    model, bias = toy(seed=3), biases(5)
    limits, alphas = tf.constant([2, 6, 0, 1, 6]), tf.constant([0.6, 0.0, 1.0, 2.0, 1.0])
    together = beam_search(model, to_memory(bias), limits, 3, alphas)
    for row in range(5):
        alone = beam_search(model, to_memory(bias[row : row + 1]), limits[row : row + 1], 3, float(alphas[row]))
        assert together.ids[row, :, : limits[row]].numpy().tolist() == alone.ids[0].numpy().tolist()
        assert together.length[row].numpy().tolist() == alone.length[0].numpy().tolist()
        np.testing.assert_allclose(together.score[row], alone.score[0], rtol=1e-5, atol=1e-5)


def test_sequences_are_sorted_and_distinct(toy, to_memory):
    decoded = beam_search(toy(seed=5), to_memory(biases(3)), tf.fill([3], 6), beam_size=4)
    assert np.all(np.diff(decoded.score, axis=1) <= 0)
    for texts in decoded.ids.numpy():
        assert len({tuple(text) for text in texts}) == 4


def test_a_larger_penalty_favours_longer_sequences(toy, to_memory):
    bias = biases(8)
    short, long = (
        beam_search(toy(seed=5), to_memory(bias), tf.fill([8], 6), length_penalty=alpha) for alpha in (0.0, 4.0)
    )
    assert np.sum(short.length[:, 0]) < np.sum(long.length[:, 0])


def test_a_negative_penalty_counts_as_none(toy, to_memory):
    memory, limits = to_memory(biases(3)), tf.fill([3], 6)
    negative, none = (beam_search(toy(), memory, limits, length_penalty=alpha) for alpha in (-1.0, 0.0))
    np.testing.assert_array_equal(negative.score, none.score)


def test_forced_end_keeps_its_true_probability(toy, to_memory):
    bias = biases(1)
    bias[:, END] = -20
    decoded = beam_search(toy(), to_memory(bias), tf.constant([3]), beam_size=3)
    assert decoded.length[0].numpy().tolist() == [3, 3, 3]
    assert np.all(decoded.score < -5)


def test_special_tokens_are_never_produced_and_keep_their_probability(toy, to_memory):
    bias = biases(3)
    bias[:, :END] += 20
    decoded = beam_search(toy(), to_memory(bias), tf.fill([3], 6))
    within = tf.sequence_mask(decoded.length, 6)
    assert np.all(decoded.ids[within] > END)
    assert np.all(decoded.score < -10)


@pytest.mark.parametrize("limits", [[], [0, 0]])
def test_no_rows_and_no_tokens(toy, to_memory, limits):
    decoded = beam_search(toy(), to_memory(biases(len(limits))), tf.constant(limits, tf.int32), beam_size=3)
    assert decoded.ids.shape == (len(limits), 3, 0)
    assert decoded.length.shape == decoded.score.shape == (len(limits), 3)
    assert np.all(decoded.score[:, 0] > -50)
    assert np.all(decoded.score[:, 1:] == MISSING)


def test_stops_when_no_row_can_improve(toy, to_memory):
    model, bias, positions = toy(), biases(2), []
    bias[:, END] = 50
    step = model.step
    model.step = lambda ids, cache, position: (positions.append(int(position)), step(ids, cache, position))[1]
    beam_search(model, to_memory(bias), tf.constant([6, 6]), beam_size=2)
    assert positions == [0, 1]


def test_the_first_step_sees_each_row_once(toy, to_memory):
    model, rows = toy(), []
    step = model.step
    model.step = lambda ids, cache, position: (rows.append(len(ids)), step(ids, cache, position))[1]
    beam_search(model, to_memory(biases(2)), tf.constant([2, 2]), beam_size=3)
    assert rows[:2] == [2, 6]


def test_refuses_no_beams(toy, to_memory):
    with pytest.raises(ValueError, match="beam_size=0"):
        beam_search(toy(), to_memory(biases(1)), tf.constant([2]), beam_size=0)


@pytest.mark.parametrize("rows", [2, None])
def test_graph_equals_eager_and_has_no_refused_op(toy, to_memory, graph_ops, rows):
    model, bias, limits, alphas = toy(), biases(2), tf.constant([4, 6]), tf.constant([0.3, 1.0])
    signature = [tf.TensorSpec([rows, VOCAB]), tf.TensorSpec([rows], tf.int32), tf.TensorSpec([rows])]

    @tf.function(autograph=False, input_signature=signature)
    def decode(bias, limits, alphas):
        return beam_search(model, to_memory(bias), limits, 3, alphas)

    eager = beam_search(model, to_memory(bias), limits, 3, alphas)
    for graph_output, eager_output in zip(decode(bias, limits, alphas), eager, strict=True):
        np.testing.assert_allclose(graph_output, eager_output, rtol=1e-5)
    assert not [op for op in graph_ops(decode.get_concrete_function()) if op.startswith(("Xla", "Assign"))]


@pytest.mark.parametrize("toy", ["PrefixModel"], indirect=True)
def test_exported_search_equals_the_search(toy, to_memory, tmp_path):
    model, bias, limits = toy(), biases(3), tf.constant([4, 6, 0])
    export = tf.Module()
    export.decode = tf.function(
        lambda bias, limits: beam_search(model, to_memory(bias), limits)._asdict(),
        input_signature=[tf.TensorSpec([None, VOCAB]), tf.TensorSpec([None], tf.int32)],
        autograph=False,
    )
    tf.saved_model.save(export, tmp_path)
    loaded = tf.saved_model.load(tmp_path).decode(bias, limits)
    for name, expected in beam_search(model, to_memory(bias), limits)._asdict().items():
        np.testing.assert_allclose(loaded[name], expected, rtol=1e-5)
