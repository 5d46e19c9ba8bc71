import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from tfmodels.decoding import greedy, sample
from tfmodels.token_ids import END

VOCAB, DRAWS = 7, 4_000


def biases(rows, seed=0):
    return np.random.default_rng(seed).normal(0, 1.5, [rows, VOCAB]).astype("float32")


def seeds(rows, first=0):
    return tf.range(first, first + rows, dtype=tf.int64)


def likely(log_probabilities, temperature=1.0, top_k=0, top_p=1.0):
    """The distribution that is drawn from."""
    probabilities = np.exp(log_probabilities.astype("float64") / temperature)
    probabilities[:END] = 0
    order = np.argsort(-probabilities, kind="stable")
    if top_k:
        probabilities[order[top_k:]] = 0
    probabilities /= probabilities.sum()
    if top_p < 1:
        needed = next(n for n in range(1, VOCAB + 1) if probabilities[order[:n]].sum() >= top_p - 1e-6)
        probabilities[order[needed:]] = 0
    return probabilities / probabilities.sum()


def assert_drawn_from(probabilities, tokens):
    """A chi-square test; the seeds are fixed, so it fails always or never."""
    counts = np.bincount(tokens, minlength=probabilities.size)
    assert not counts[probabilities == 0].any()
    cells = probabilities * tokens.size >= 5  # the rest is one more cell
    expected = np.append(probabilities[cells], probabilities[~cells].sum()) * tokens.size
    counts = np.append(counts[cells], counts[~cells].sum())
    freedom = max(np.count_nonzero(expected) - 1, 1)
    statistic = ((counts - expected) ** 2 / np.maximum(expected, 1)).sum()
    assert statistic < freedom + 5 * np.sqrt(2 * freedom)


def draw(model, to_memory, bias, **options):
    """First tokens of many samples; `</s>` where the sequence is empty."""
    memory, limits = to_memory(np.repeat(bias, DRAWS, axis=0)), tf.fill([DRAWS], 1)
    ids = sample(model, memory, limits, seeds(DRAWS), **options).ids[:, 0].numpy()
    return np.where(ids == 0, END, ids)


@settings(deadline=None, max_examples=10)
@given(
    st.integers(0, 10**6),
    st.sampled_from([0.5, 1.0, 3.0]),
    st.integers(0, VOCAB + 1),
    st.sampled_from([0.05, 0.5, 0.8, 0.97, 1.0]),
)
def test_frequencies_are_those_of_the_likely_part(toy, to_memory, seed, temperature, top_k, top_p):
    model, bias = toy(seed=seed), biases(1, seed)
    options = {"temperature": temperature, "top_k": top_k, "top_p": top_p}
    expected = likely(model.log_probabilities([], bias[0]), **options)
    assert_drawn_from(expected, draw(model, to_memory, bias, **options))


def test_frequencies_of_whole_sequences(toy, to_memory):
    """The draws of two steps are independent."""
    model, bias = toy(seed=2, scale=0.5), biases(1) / 2
    memory, limits = to_memory(np.repeat(bias, DRAWS, axis=0)), tf.fill([DRAWS], 2)
    ids = sample(model, memory, limits, seeds(DRAWS)).ids.numpy()
    ids = np.where(ids == 0, END, ids)
    expected = np.zeros([VOCAB, VOCAB])
    first = likely(model.log_probabilities([], bias[0]))
    for token in range(END, VOCAB):
        second = np.eye(VOCAB)[END] if token == END else likely(model.log_probabilities([token], bias[0]))
        expected[token] = first[token] * second
    assert_drawn_from(expected.ravel(), ids[:, 0] * VOCAB + ids[:, 1])


@pytest.mark.parametrize(
    "options", [{"temperature": 0.0}, {"temperature": 1e-6}, {"top_k": 1}, {"top_p": 1e-9}], ids=str
)
def test_without_randomness_it_is_greedy(toy, to_memory, options):
    model, memory, limits = toy(seed=4), to_memory(biases(6)), tf.constant([0, 1, 3, 6, 6, 6])
    for drawn, expected in zip(
        sample(model, memory, limits, seeds(6), **options), greedy(model, memory, limits), strict=True
    ):
        np.testing.assert_array_equal(drawn, expected)


@pytest.mark.parametrize("temperature", [1e30, 3e38])
def test_no_temperature_lets_a_forbidden_token_through(toy, to_memory, temperature):
    expected = np.where(np.arange(VOCAB) < END, 0, 1 / (VOCAB - END))
    assert_drawn_from(expected, draw(toy(), to_memory, biases(1), temperature=temperature))


@pytest.mark.parametrize("options", [{"top_k": 2}, {"top_p": 0.5}], ids=str)
@pytest.mark.parametrize("toy", ["TableModel"], indirect=True)
def test_of_equals_the_first_are_kept(toy, to_memory, options):
    model = toy(scale=0.0)
    tokens = draw(model, to_memory, np.zeros([1, VOCAB]), **options)
    assert set(tokens.tolist()) == {END, END + 1}


def test_options_are_those_of_the_row(toy, to_memory):
    model, bias, limits = toy(seed=3), biases(5), tf.constant([2, 6, 0, 6, 6])
    options = {
        "temperature": tf.constant([0.0, 0.7, 1.0, 1.3, -1.0]),
        "top_k": tf.constant([0, 3, 1, -2, 0]),
        "top_p": tf.constant([1.0, 0.9, 1.0, 2.0, 0.5]),
    }
    together = sample(model, to_memory(bias), limits, seeds(5, 40), **options)
    for row in range(5):
        alone = sample(
            model, to_memory(bias[row : row + 1]), limits[row : row + 1], seeds(1, 40 + row),
            **{name: value[row : row + 1] for name, value in options.items()},
        )  # fmt: skip
        assert together.ids[row, : limits[row]].numpy().tolist() == alone.ids[0].numpy().tolist()
        assert together.length[row] == alone.length[0]
        np.testing.assert_allclose(together.score[row], alone.score[0], rtol=1e-5, atol=1e-5)


def test_options_that_are_off_have_no_effect(toy, to_memory):
    model, memory, limits = toy(), to_memory(biases(8)), tf.fill([8], 6)
    without = sample(model, memory, limits, seeds(8))
    off = sample(model, memory, limits, seeds(8), tf.ones([8]), tf.zeros([8], tf.int32), tf.ones([8]))
    filtered = tf.constant([VOCAB] + 7 * [0])  # ranks the vocabulary but drops nothing
    for options in (off, sample(model, memory, limits, seeds(8), top_k=filtered)):
        for one, other in zip(options, without, strict=True):
            np.testing.assert_array_equal(one, other)


def test_the_seed_decides(toy, to_memory):
    model, memory, limits = toy(scale=0.5), to_memory(np.repeat(biases(1) / 3, 50, axis=0)), tf.fill([50], 6)
    one, again = (sample(model, memory, limits, seeds(50)).ids.numpy() for _ in range(2))
    assert one.tolist() == again.tolist()
    assert len({tuple(text) for text in one.tolist()}) > 10
    same = sample(model, memory, limits, tf.fill([50], tf.constant(7, tf.int64))).ids.numpy()
    assert len({tuple(text) for text in same.tolist()}) == 1


def test_the_score_is_the_log_probability_under_the_model(toy, to_memory):
    model, bias = toy(seed=1), biases(6)
    drawn = sample(model, to_memory(bias), tf.fill([6], 4), seeds(6), temperature=2.0, top_k=3)
    for row in range(6):
        text = drawn.ids[row, : drawn.length[row]].numpy().tolist()
        parts = [model.log_probabilities(text[:i], bias[row])[token] for i, token in enumerate([*text, END])]
        np.testing.assert_allclose(drawn.score[row], sum(parts), rtol=1e-4, atol=1e-4)


def test_special_tokens_are_never_drawn(toy, to_memory):
    bias = biases(50)
    bias[:, :END] += 20
    drawn = sample(toy(), to_memory(bias), tf.fill([50], 6), seeds(50))
    assert np.all(drawn.ids[tf.sequence_mask(drawn.length, 6)] > END)


@pytest.mark.parametrize("limits", [[], [0, 0]])
def test_no_rows_and_no_tokens(toy, to_memory, limits):
    drawn = sample(toy(), to_memory(biases(len(limits))), tf.constant(limits, tf.int32), seeds(len(limits)), top_p=0.5)
    assert drawn.ids.shape == (len(limits), 0)
    assert drawn.length.numpy().tolist() == limits
    assert np.all(np.isfinite(drawn.score))


@pytest.mark.parametrize(
    ("name", "value"),
    [("temperature", -0.1), ("temperature", float("nan")), ("top_k", -1), ("top_p", 0.0), ("top_p", 1.5)],
)
def test_refuses_numbers_out_of_range(toy, to_memory, name, value):
    with pytest.raises(ValueError, match=f"Expected `{name}` to be .*Received: {name}={value}"):
        sample(toy(), to_memory(biases(1)), tf.constant([2]), seeds(1), **{name: value})


@pytest.mark.parametrize("rows", [4, None])
def test_graph_equals_eager_and_has_no_refused_op(toy, to_memory, graph_ops, rows):
    model, bias, limits = toy(), biases(4), tf.constant([4, 6, 6, 6])
    temperature, top_k, top_p = (
        tf.constant([0.0, 1.0, 2.0, 1.0]),
        tf.constant([0, 0, 3, 0]),
        tf.constant([1, 1, 1, 0.7]),
    )
    dtypes = [tf.int32, tf.int64, tf.float32, tf.int32, tf.float32]
    signature = [tf.TensorSpec([rows, VOCAB]), *(tf.TensorSpec([rows], dtype) for dtype in dtypes)]

    @tf.function(autograph=False, input_signature=signature)
    def decode(bias, *options):
        return sample(model, to_memory(bias), *options)

    options = (limits, seeds(4), temperature, top_k, top_p)
    eager = sample(model, to_memory(bias), *options)
    for graph_output, eager_output in zip(decode(bias, *options), eager, strict=True):
        np.testing.assert_allclose(graph_output, eager_output, rtol=1e-5)
    assert not [
        op for op in graph_ops(decode.get_concrete_function()) if op.startswith(("Xla", "Assign", "Random", "Stateful"))
    ]
