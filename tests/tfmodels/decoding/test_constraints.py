"""Forced prefixes, blocked n-grams and repeated phrases, the same in every decoder."""

from itertools import product

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from tfmodels.decoding import Phrases, beam_search, greedy, sample
from tfmodels.decoding.allowed_tokens import mask_forbidden_tokens
from tfmodels.token_ids import END, PAD, UNK

VOCAB, TIME = 7, 6


def first_beam(model, memory, limits, **options):
    return type(decoded := beam_search(model, memory, limits, 3, 0.0, **options))(*(part[:, 0] for part in decoded))


def drawn(model, memory, limits, **options):
    return sample(model, memory, limits, tf.range(tf.size(limits), dtype=tf.int64), 1.5, **options)


pytestmark = pytest.mark.parametrize("toy", ["PrefixModel"], indirect=True)
DECODERS = pytest.mark.parametrize("decode", [greedy, first_beam, drawn])
TEXTS = st.lists(st.integers(END + 1, VOCAB - 1), max_size=4)


def biases(rows, seed=0):
    return np.random.default_rng(seed).normal(0, 1.5, [rows, VOCAB]).astype("float32")


def padded(texts, length=None):
    length = max(map(len, texts), default=0) if length is None else length
    return tf.constant([text + [PAD] * (length - len(text)) for text in texts], tf.int32, [len(texts), length])


def text_of(decoded, row):
    return decoded.ids[row, : decoded.length[row]].numpy().tolist()


def log_probability(model, text, bias):
    return sum(model.log_probabilities(text[:i], bias)[token] for i, token in enumerate([*text, END]))


def repeats(text, size):
    grams = [tuple(text[i : i + size]) for i in range(len(text) - size + 1)]
    return len(set(grams)) < len(grams)


@DECODERS
@settings(deadline=None, max_examples=6)
@given(st.lists(st.tuples(TEXTS, st.integers(0, TIME)), min_size=1, max_size=4), st.integers(0, 10**6))
def test_sequences_start_with_their_prefix(toy, to_memory, decode, rows, seed):
    model, bias = toy(seed=seed), biases(len(rows), seed)
    prefixes, limits = zip(*rows, strict=True)
    decoded = decode(model, to_memory(bias), tf.constant(limits), prefix=padded(prefixes))
    for row, (prefix, limit) in enumerate(rows):
        text = text_of(decoded, row)
        assert text[: len(prefix)] == prefix[:limit]
        assert len(text) <= limit
        np.testing.assert_allclose(decoded.score[row], log_probability(model, text, bias[row]), rtol=1e-4, atol=1e-4)


@DECODERS
def test_without_a_prefix_nothing_is_forced(toy, to_memory, decode):
    model, memory, limits = toy(seed=8), to_memory(biases(3)), tf.fill([3], TIME)
    free = decode(model, memory, limits)
    for prefix in (padded([[], [], []]), padded([[], [], []], 3), padded([[], [5, 5], []])):
        forced = decode(model, memory, limits, prefix=prefix)
        assert text_of(forced, 0) == text_of(free, 0) and text_of(forced, 2) == text_of(free, 2)


@DECODERS
def test_a_prefix_with_its_end_is_the_result(toy, to_memory, decode):
    model, bias, text = toy(seed=8), biases(1), [5, 4, 5]
    decoded = decode(model, to_memory(bias), tf.constant([TIME]), prefix=padded([[*text, END]]))
    assert text_of(decoded, 0) == text
    np.testing.assert_allclose(decoded.score[0], log_probability(model, text, bias[0]), rtol=1e-4)


@DECODERS
def test_any_token_can_be_forced(toy, to_memory, decode):
    decoded = decode(toy(), to_memory(biases(1)), tf.constant([TIME]), prefix=padded([[UNK, 4]]), no_repeat_ngram=1)
    assert text_of(decoded, 0)[:2] == [UNK, 4]


@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_the_beam_continues_a_prefix_in_the_best_ways(toy, to_memory, alpha):
    model, bias, prefix, limit = toy(seed=6), biases(1), [4, 6], 4
    texts = [prefix + list(p) for n in range(limit - 1) for p in product(range(END + 1, VOCAB), repeat=n)]
    score = {tuple(t): log_probability(model, t, bias[0]) / ((6 + len(t)) / 6) ** alpha for t in texts}
    decoded = beam_search(model, to_memory(bias), tf.constant([limit]), 15, alpha, prefix=padded([prefix]))
    best = sorted(score, key=score.get, reverse=True)[:13]
    assert [tuple(text[text > 0]) for text in decoded.ids[0].numpy()[:13]] == best
    np.testing.assert_allclose(decoded.score[0, :13], [score[text] for text in best], rtol=1e-4)
    assert np.all(decoded.score[0, 13:] == -1e9)


@given(st.lists(st.integers(END + 1, VOCAB - 1), max_size=TIME), st.integers(1, 4), st.integers(0, 3))
def test_exactly_the_tokens_that_repeat_are_blocked(toy, text, size, more):
    ids = padded([text], len(text) + more) + tf.where(tf.range(len(text) + more) < len(text), 0, 5)  # 5: ignored
    logits = mask_forbidden_tokens(
        tf.zeros([1, VOCAB]), ids, tf.constant(len(text)), tf.constant([PAD]), no_repeat_ngram=size
    )
    before = repeats(text, size)
    for token in range(END + 1, VOCAB):
        last = tuple([*text, token][-size:])
        known = len(last) == size and any(tuple(text[i : i + size]) == last for i in range(len(text) - size + 1))
        assert (logits[0, token] < 0) == known
        assert before or known == repeats([*text, token], size)
    assert logits[0, END] == 0


@DECODERS
@pytest.mark.parametrize("size", [1, 2, 3])
def test_no_ngram_occurs_twice(toy, to_memory, decode, size):
    model, bias = toy(seed=11, scale=1.0), biases(8)
    bias[:, END] = -10  # long sequences
    bias[:4, 5] = 6  # that repeat one token
    memory, limits = to_memory(bias), tf.fill([8], TIME)
    blocked = decode(model, memory, limits, no_repeat_ngram=size)
    assert any(repeats(text_of(decode(model, memory, limits), row), size) for row in range(8))
    for row in range(8):
        text = text_of(blocked, row)
        assert not repeats(text, size)
        np.testing.assert_allclose(blocked.score[row], log_probability(model, text, bias[row]), rtol=1e-4)


def repeats_at_once(text, fewest):
    sizes = range(fewest, len(text) // 2 + 1)
    return any(text[i : i + n] == text[i + n : i + 2 * n] for n in sizes for i in range(len(text) - 2 * n + 1))


@given(st.lists(st.integers(END + 1, END + 3), max_size=12), st.integers(1, 4), st.integers(0, 3))
def test_exactly_the_tokens_that_complete_a_phrase_behind_itself_are_blocked(toy, text, fewest, more):
    ids = padded([text], len(text) + more) + tf.where(tf.range(len(text) + more) < len(text), 0, 5)  # 5: ignored
    logits = mask_forbidden_tokens(
        tf.zeros([1, VOCAB]), ids, tf.constant(len(text)), tf.constant([PAD]), no_repeat_phrase=Phrases(fewest)
    )
    for token in range(END + 1, VOCAB):
        longer = [*text, token]
        sizes = range(fewest, len(longer) // 2 + 1)
        assert (logits[0, token] < 0) == any(longer[-n:] == longer[-2 * n : -n] for n in sizes)
    assert logits[0, END] == 0


@given(st.lists(st.integers(END + 1, END + 3), max_size=12), st.integers(1, 2))
def test_phrases_without_any_of_some_tokens_may_repeat(toy, text, fewest):
    counted = np.arange(VOCAB) == END + 1
    logits = mask_forbidden_tokens(
        tf.zeros([1, VOCAB]), padded([text]), tf.constant(len(text)), tf.constant([PAD]),
        no_repeat_phrase=Phrases(fewest, counted),
    )  # fmt: skip
    for token in range(END + 1, VOCAB):
        longer = [*text, token]
        ends = [longer[-n:] for n in range(fewest, len(longer) // 2 + 1) if longer[-n:] == longer[-2 * n : -n]]
        assert (logits[0, token] < 0) == any(END + 1 in end for end in ends)


@DECODERS
@pytest.mark.parametrize("fewest", [1, 2])
def test_no_phrase_follows_itself(toy, to_memory, decode, fewest):
    model, bias = toy(seed=11, scale=1.0), biases(8)
    bias[:, END] = -10  # long sequences
    bias[:4, 5] = 6  # that repeat one token
    bias[4:, 4:6] = 6
    memory, limits = to_memory(bias), tf.fill([8], TIME)
    blocked = decode(model, memory, limits, no_repeat_phrase=Phrases(fewest))
    assert any(repeats_at_once(text_of(decode(model, memory, limits), row), fewest) for row in range(8))
    for row in range(8):
        text = text_of(blocked, row)
        assert not repeats_at_once(text, fewest)
        np.testing.assert_allclose(blocked.score[row], log_probability(model, text, bias[row]), rtol=1e-4)


@pytest.mark.parametrize(
    "repeats", [{"no_repeat_phrase": Phrases(1)}, {"no_repeat_phrase": Phrases(2), "no_repeat_ngram": 3}]
)
def test_a_beam_of_one_is_greedy(toy, to_memory, repeats):
    model, bias = toy(seed=11, scale=1.0), biases(6)
    bias[:, END], bias[:, 4:6] = -10, 6
    memory, limits = to_memory(bias), tf.fill([6], TIME)
    beam, one = beam_search(model, memory, limits, 1, 0.0, **repeats), greedy(model, memory, limits, **repeats)
    np.testing.assert_array_equal(beam.ids[:, 0], one.ids)
    np.testing.assert_allclose(beam.score[:, 0], one.score, rtol=1e-5)


@DECODERS
def test_blocking_changes_nothing_where_nothing_repeats(toy, to_memory, decode):
    model, memory, limits = toy(seed=8), to_memory(biases(4)), tf.fill([4], TIME)
    for one, other in zip(decode(model, memory, limits), decode(model, memory, limits, no_repeat_ngram=7), strict=True):
        np.testing.assert_array_equal(one, other)


@DECODERS
def test_a_prefix_may_repeat_itself(toy, to_memory, decode):
    prefix = [4, 4, 4]
    decoded = decode(toy(), to_memory(biases(1)), tf.constant([TIME]), prefix=padded([prefix]), no_repeat_ngram=2)
    assert text_of(decoded, 0)[:3] == prefix


@pytest.mark.parametrize("decode", [greedy, first_beam])  # `drawn` has other seeds for a row alone
@pytest.mark.parametrize("repeats", [{"no_repeat_ngram": 2}, {"no_repeat_phrase": Phrases(1)}])
def test_a_row_does_not_depend_on_its_batch(toy, to_memory, decode, repeats):
    model, bias, limits = toy(seed=3), biases(4), tf.constant([2, 6, 6, 6])
    prefix = padded([[5], [], [4, 6, 6], [6]])
    together = decode(model, to_memory(bias), limits, prefix=prefix, **repeats)
    for row in range(4):
        alone = decode(
            model, to_memory(bias[row : row + 1]), limits[row : row + 1], prefix=prefix[row : row + 1],
            **repeats,
        )  # fmt: skip
        assert text_of(together, row) == text_of(alone, 0)
        np.testing.assert_allclose(together.score[row], alone.score[0], rtol=1e-5, atol=1e-5)


@DECODERS
@pytest.mark.parametrize("rows", [2, pytest.param(0, marks=pytest.mark.slow)])
def test_graph_of_unknown_sizes_equals_eager(toy, to_memory, decode, rows):
    model, bias = toy(seed=3), biases(2)[:rows]
    limits, prefix = tf.constant([4, 6][:rows], tf.int32), padded([[5, 5], [4]][:rows])
    signature = [
        tf.TensorSpec([None, VOCAB]), tf.TensorSpec([None], tf.int32), tf.TensorSpec([None, None], tf.int32)
    ]  # fmt: skip

    @tf.function(autograph=False, input_signature=signature)
    def graph(bias, limits, prefix):
        return decode(model, to_memory(bias), limits, prefix=prefix, no_repeat_ngram=2, no_repeat_phrase=Phrases(1))

    eager = decode(model, to_memory(bias), limits, prefix=prefix, no_repeat_ngram=2, no_repeat_phrase=Phrases(1))
    for graph_output, eager_output in zip(graph(bias, limits, prefix), eager, strict=True):
        np.testing.assert_allclose(graph_output, eager_output, rtol=1e-5)


@DECODERS
@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"no_repeat_ngram": -1}, "no_repeat_ngram=-1"),
        ({"no_repeat_phrase": Phrases(0)}, "fewest=0"),
        ({"no_repeat_phrase": Phrases(33)}, "fewest=33"),
    ],
)
def test_refuses_a_size_that_is_none(toy, to_memory, decode, option, message):
    with pytest.raises(ValueError, match=message):
        decode(toy(), to_memory(biases(1)), tf.constant([2]), **option)
