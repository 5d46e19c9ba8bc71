import numpy as np
import pytest
import tensorflow as tf

from pipelines.question_answering.answer_finder import BEST, AnswerFinder
from tfmodels import preprocessing
from tfmodels.models import LSTMReader, LSTMReaderOptions

CONTEXTS = [
    "The café of Anna Berg is in Oslo.",
    "東京は日本の首都です。",
    "Oslo",
    "",
    "a" * 300 + " was built in 1894 " + "b " * 200,
]
QUESTIONS = ["Where is the café?", "首都は？", "", "Who?", "When was it built?"]


@pytest.fixture(scope="module")
def finder(tmp_path_factory):
    path = tmp_path_factory.mktemp("tokens") / "subwords.model"
    preprocessing.train_subwords([*CONTEXTS, *QUESTIONS] * 20, path, 320)
    tokens = preprocessing.Subwords(path.read_bytes())
    reader = LSTMReader(
        tokens.size, LSTMReaderOptions(d_model=8, num_layers=1), max_answer_length=4, window=16, overlap=6
    )
    reader.build()
    random = np.random.default_rng(0)
    for weight in reader.trainable_weights:
        weight.assign(random.normal(0, 0.3, weight.shape))
    return AnswerFinder(reader, tokens, 12)


def asked(finder, endpoint, rows=slice(None)):
    return {
        name: value.numpy()
        for name, value in getattr(finder, endpoint)(tf.constant(QUESTIONS[rows]), tf.constant(CONTEXTS[rows])).items()
    }


@pytest.mark.parametrize("endpoint", ["answer", "nbest"])
def test_an_answer_is_the_bytes_of_the_context_that_it_names(finder, endpoint):
    found = asked(finder, endpoint)
    for row, context in enumerate(CONTEXTS):
        places = zip(*(np.atleast_1d(found[name][row]) for name in ("answer", "start", "end")), strict=True)
        for text, start, end in places:
            assert text == (context.encode()[start:end] if start >= 0 else b"")
            text.decode()


def test_a_row_alone_is_a_row_in_a_batch(finder):
    for endpoint in ("answer", "nbest", "explain"):
        together = asked(finder, endpoint)
        for row in range(len(CONTEXTS)):
            for name, values in asked(finder, endpoint, slice(row, row + 1)).items():
                if values.dtype.kind == "f":
                    np.testing.assert_allclose(values[0], together[name][row], atol=1e-5)
                else:
                    np.testing.assert_array_equal(values[0], together[name][row])


def test_the_best_answers_are_in_order_and_begin_with_the_answer(finder):
    best, answer = asked(finder, "nbest"), asked(finder, "answer")
    assert best["answer"].shape == (len(CONTEXTS), BEST)
    assert (np.diff(best["score"], axis=1) <= 1e-6).all()
    given = answer["start"] >= 0
    assert (best["answer"][given, 0] == answer["answer"][given]).all()
    assert (best["score"].sum(axis=1) <= answer["answerable"] + 1e-5).all()


def test_no_two_of_the_best_answers_are_the_same_bytes(finder):
    found = asked(finder, "nbest")
    for starts, ends in zip(found["start"], found["end"], strict=True):
        places = [place for place in zip(starts.tolist(), ends.tolist(), strict=True) if place[0] >= 0]
        assert len(set(places)) == len(places) and all(end > start for start, end in places)


def test_an_empty_context_has_no_answer(finder):
    found = asked(finder, "answer")
    assert (found["answer"][3], found["start"][3], found["end"][3], found["answerable"][3]) == (b"", -1, -1, 0)


def test_below_the_threshold_there_is_no_answer(finder):
    silent = AnswerFinder(finder.network, finder.tokens, 12, threshold=1.01)  # 0.9999... may be rounded to 1
    found = asked(silent, "answer")
    assert (found["answer"] == b"").all()
    np.testing.assert_allclose(found["score"], 1 - found["answerable"], atol=1e-6)


def test_a_temperature_makes_answers_less_certain(finder):
    cautious = AnswerFinder(finder.network, finder.tokens, 12, temperature=100.0)
    plain, flat = (asked(one, "nbest")["score"][[0, 1, 4]] for one in (finder, cautious))
    assert (flat[:, 0] / flat[:, -1] < plain[:, 0] / plain[:, -1]).all()


def test_explained_tokens_are_pieces_of_the_context(finder):
    found = asked(finder, "explain")
    for row, context in enumerate(CONTEXTS):
        for token, start, end in zip(
            *(found[name][row] for name in ("tokens", "token_start", "token_end")), strict=True
        ):
            if end > start:
                assert context.encode()[start:end].decode() in token.decode()
    assert found["attention"].shape == (len(CONTEXTS), 16, 12)


def test_endpoints_answer_in_a_graph_of_any_lengths_as_they_do_at_once(finder):
    for endpoint in finder.endpoints():
        traced = endpoint.traced(question=tf.constant(QUESTIONS), context=tf.constant(CONTEXTS))
        for name, values in endpoint.function(tf.constant(QUESTIONS), tf.constant(CONTEXTS)).items():
            if values.dtype.is_floating:
                np.testing.assert_allclose(traced[name], values, atol=1e-5)
            else:
                np.testing.assert_array_equal(traced[name], values)
        nothing = tf.constant([], tf.string)
        assert {len(values) for values in endpoint.traced(question=nothing, context=nothing).values()} == {0}


def test_the_answer_of_the_best_expected_f1_shares_most_with_all_probable_ones(finder):
    """Beside the same computed span by span, from the probabilities of all."""
    overlapping = AnswerFinder(finder.network, finder.tokens, 12, choose="expected_f1")
    found, usual = asked(overlapping, "answer"), asked(finder, "answer")
    for name in ("start", "end"):
        assert (found[name] >= 0).tolist() == (usual[name] >= 0).tolist()
    for row in (0, 1, 2):
        spans = every_span(finder, row)
        expected = {one: sum(p * shared(one, other) for other, p in spans.items()) for one in spans}
        chosen = (int(found["start"][row]), int(found["end"][row]))
        assert expected[chosen] == pytest.approx(max(expected.values()), rel=1e-5)
        assert found["score"][row] == pytest.approx(spans[chosen], rel=1e-4)
    np.testing.assert_allclose(found["answerable"], usual["answerable"])


def every_span(finder, row):
    """Bytes of each span of a short context -> its probability."""
    context = tf.constant(CONTEXTS[row : row + 1])
    logits = finder.network(finder.ids(tf.constant(QUESTIONS[row : row + 1]), context), training=False)
    probabilities = tf.exp(finder.log_probabilities(logits))[0, 1:].numpy()
    starts, ends = (side.numpy()[0] for side in finder.tokens.offsets(context, 64))
    longest = finder.network.max_answer_length
    return {
        (int(starts[first]), int(ends[first + more])): float(probabilities[first * longest + more])
        for first in range(len(starts))
        for more in range(min(longest, len(starts) - first))
        if ends[first] > starts[first] and ends[first + more] > starts[first + more]
    }


def shared(one, other):
    return 2 * max(0, min(one[1], other[1]) - max(one[0], other[0])) / (one[1] - one[0] + other[1] - other[0])
