import numpy as np
import pytest
import tensorflow as tf

from pipelines.recommendation import item_recommender
from pipelines.recommendation.item_recommender import ItemRecommender
from pipelines.recommendation.packed_histories import padded
from tfmodels.models import TransformerRecommender, TransformerRecommenderOptions

ITEMS = ["tent 1", "ü/ß", "007", "a, b", "1.0", "rope\t2", "東京", "lamp"]
CONTEXT = 4
HISTORIES = [
    ["007", "tent 1"],
    ["nobody knows it", "007", "", "tent 1", "nor this"],
    [],
    ["unknown"],
    ["lamp", "lamp", "lamp"],
    ["a, b", "tent 1", "1.0", "東京", "rope\t2", "ü/ß"],
    [name.encode() for name in ITEMS],
]


@pytest.fixture(scope="module")
def network():
    options = TransformerRecommenderOptions(num_layers=1, d_model=8, feed_forward_dim=12)
    network = TransformerRecommender(len(ITEMS), options, max_length=CONTEXT)
    network.build()
    random = np.random.default_rng(0)
    for weight in network.trainable_weights:
        weight.assign(random.normal(0, 0.5, weight.shape))
    network.counts.assign(np.arange(len(ITEMS), 0, -1, dtype="float32"))
    return network


@pytest.fixture(scope="module")
def recommender(network):
    return ItemRecommender(network, ITEMS, k=5)


def wide(histories):
    """Histories of any length, padded on the left."""
    width = max(map(len, histories), default=0)
    return tf.constant([padded(one, width or 1) for one in histories], tf.string)


def found(outputs):
    """The items of each answer, with their scores."""
    items, scores, count = (outputs[name].numpy() for name in ("items", "scores", "count"))
    for row, number in enumerate(count):
        assert (items[row, number:] == b"").all() and (scores[row, number:] == 0).all()
        assert (np.diff(scores[row]) <= 0).all()
    return [
        {name.decode(): score for name, score in zip(items[row, :number], scores[row, :number], strict=True)}
        for row, number in enumerate(count)
    ]


def same(one, other):
    assert [list(row) for row in one] == [list(row) for row in other]
    for mine, theirs in zip(one, other, strict=True):
        assert mine == pytest.approx(theirs, abs=1e-5)


def test_a_row_alone_is_a_row_in_a_batch_whatever_its_padding(recommender):
    together = found(recommender.answer(wide(HISTORIES)))
    for row, history in enumerate(HISTORIES):
        alone = found(recommender.answer(wide([history])))
        same(alone, together[row : row + 1])
        on_the_right = tf.constant([[*history, "", ""]])
        same(found(recommender.answer(on_the_right)), alone)


def test_scores_are_probabilities_of_the_network_without_what_was_seen(network, recommender):
    (answer,) = found(recommender.answer(wide([["007", "tent 1"]])))
    logits = network(tf.constant([[3, 1]])).numpy()[0, -1]
    logits[[2, 0]] = -np.inf
    expected = np.exp(logits) / np.exp(logits).sum()
    best = np.argsort(-expected)[:5]
    assert list(answer) == [ITEMS[place] for place in best]
    assert list(answer.values()) == pytest.approx(expected[best], rel=1e-4)


def test_unknown_items_are_skipped(recommender):
    first, second = found(recommender.answer(wide(HISTORIES[:2])))
    same([first], [second])


def test_without_known_items_the_popular_ones_are_recommended(recommender):
    nothing, unknown = found(recommender.answer(wide([[], ["unknown"]])))
    assert list(nothing) == ITEMS[:5]
    assert list(nothing.values()) == pytest.approx(np.arange(8, 3, -1) / 36, rel=1e-4)
    same([nothing], [unknown])


def test_of_a_long_history_the_last_items_are_read_and_none_is_recommended(network, recommender):
    history = HISTORIES[5]
    (answer,) = found(recommender.answer(wide([history])))
    assert not {*answer} & {*history}
    assert set(answer) == {"007", "lamp"}  # fewer than k are left
    ids = [1 + ITEMS.index(name) for name in history[-CONTEXT:]]
    logits = network(tf.constant([ids])).numpy()[0, -1]
    assert (answer["007"] > answer["lamp"]) == (logits[2] > logits[7])


def test_where_all_was_seen_nothing_is_left_and_scores_are_finite(recommender):
    outputs = recommender.answer(wide([ITEMS]))
    assert outputs["count"].numpy().tolist() == [0]
    assert found(outputs) == [{}]


def test_seen_items_may_come_again_if_wanted(network):
    again = ItemRecommender(network, ITEMS, k=12, exclude_seen=False)
    outputs = again.answer(wide(HISTORIES))
    assert outputs["items"].shape[1] == 12  # more than there are items
    assert all({*row} == {*ITEMS} for row in found(outputs))
    assert all(sum(row.values()) == pytest.approx(1, abs=1e-4) for row in found(outputs))


def test_lines_are_histories(recommender):
    asked = [[name if isinstance(name, str) else name.decode() for name in one] for one in HISTORIES]
    lines = recommender.answer_lines(tf.constant(["\n".join(one) for one in asked]))
    same(found(lines), found(recommender.answer(wide(HISTORIES))))


def with_options(recommender, histories, exclude=(), candidates=(), exclude_seen=True, k=0):
    rows = len(histories)
    lists = (wide([list(one)] * rows) for one in (exclude, candidates))
    return found(
        recommender.answer_with_options(wide(histories), *lists, tf.fill([rows], exclude_seen), tf.fill([rows], k))
    )


def test_options_that_are_not_set_change_nothing(recommender):
    same(with_options(recommender, HISTORIES), found(recommender.answer(wide(HISTORIES))))


def test_items_are_left_out_if_a_request_says_so(recommender):
    (plain,) = with_options(recommender, HISTORIES[:1])
    first, *others = plain
    (answer,) = with_options(recommender, HISTORIES[:1], exclude=["unknown", first, ""])
    assert [name for name in answer if name in others] == others
    ratio = 1 / (1 - plain[first])
    assert all(answer[name] == pytest.approx(plain[name] * ratio, rel=1e-4) for name in others)
    (seen,) = with_options(recommender, [ITEMS], exclude_seen=False, k=3)
    assert len(seen) == 3


def test_only_candidates_are_recommended(recommender):
    (plain,) = with_options(recommender, HISTORIES[:1])
    chosen = [*list(plain)[1:3], "unknown", "007"]  # the last one was seen
    (answer,) = with_options(recommender, HISTORIES[:1], candidates=chosen)
    assert list(answer) == list(plain)[1:3]
    assert sum(answer.values()) == pytest.approx(1, abs=1e-5)
    (without_first,) = with_options(recommender, HISTORIES[:1], exclude=chosen[:1], candidates=chosen)
    assert list(without_first) == list(plain)[2:3]
    assert with_options(recommender, HISTORIES[:1], candidates=["unknown"]) == [{}]


def test_an_answer_is_as_long_as_a_request_says(recommender):
    whole = with_options(recommender, HISTORIES)
    for k in (-1, 0, 1, 3, 99):
        answers = with_options(recommender, HISTORIES, k=k)
        lengths = [len(row) if k < 1 else min(k, len(row)) for row in whole]
        same(answers, [dict(list(row.items())[:length]) for row, length in zip(whole, lengths, strict=True)])


def test_candidates_have_the_scores_and_ranks_of_all_items(network, recommender):
    candidates = ["1.0", "unknown", "007", "", "1.0"]
    histories = HISTORIES[:3]
    scored = recommender.score(wide(histories), wide([candidates] * 3))
    scores, ranks = scored["scores"].numpy(), scored["ranks"].numpy()
    whole = found(ItemRecommender(network, ITEMS, k=8, exclude_seen=False).answer(wide(histories)))
    for row, answer in enumerate(whole):
        for place in (0, 2, 4):
            assert ranks[row, place] == list(answer).index(candidates[place]) + 1
            assert scores[row, place] == pytest.approx(answer[candidates[place]], rel=1e-4)
    assert not scores[:, [1, 3]].any() and not ranks[:, [1, 3]].any()


def test_similar_items_have_similar_vectors(network, recommender):
    nothing, lamp = found(recommender.similar(tf.constant(["unknown", "lamp"])))
    assert nothing == {}
    vectors = network.embedding.vectors.numpy()[1:]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = vectors @ vectors[7]
    order = [place for place in np.argsort(-cosines) if place != 7][:5]
    assert list(lamp) == [ITEMS[place] for place in order]
    assert list(lamp.values()) == pytest.approx(cosines[order], abs=1e-5)


def test_contributions_are_what_is_lost_without_an_item(network, recommender):
    history = ["007", "unknown", "lamp"]
    outputs = recommender.explain(wide([history, []]))
    best = ITEMS.index(outputs["items"][0, 0].numpy().decode())
    whole = tf.nn.log_softmax(network(tf.constant([[3, 8]]))[0, -1])[best]
    without = [tf.nn.log_softmax(network(tf.constant([[left]]))[0, -1])[best] for left in (8, 3)]
    expected = [whole - without[0], 0.0, whole - without[1]]
    np.testing.assert_allclose(outputs["contributions"][0], expected, atol=1e-5)
    assert not outputs["contributions"][1].numpy().any()
    same(found(outputs), found(recommender.answer(wide([history, []]))))


def test_no_rows_have_no_answers(recommender):
    assert recommender.answer(tf.zeros([0, CONTEXT], tf.string))["items"].shape == (0, 5)
    assert recommender.answer_lines(tf.zeros([0], tf.string))["scores"].shape == (0, 5)


def test_few_rows_at_a_time_have_the_answers_of_all(recommender, monkeypatch):
    """Each endpoint by two routes: all rows at once, and as it is exported, here two rows at a time."""
    monkeypatch.setattr(item_recommender, "_LOGITS", 2 * len(ITEMS) + 1)
    samples = recommender.samples([["007", "tent 1"], [], ["lamp"], ["unknown"], ["1.0"]])
    asked = {name: {one: tf.constant(of) for one, of in inputs.items()} for name, inputs in samples.items()}
    whole = {
        "serving_default": recommender.answer,
        "lines": recommender.answer_lines,
        "with_options": recommender.answer_with_options,
        "score": recommender.score,
        "explain": recommender.explain,
        "similar": recommender.similar,
    }
    assert {endpoint.name for endpoint in recommender.endpoints()} == {*whole}
    for endpoint in recommender.endpoints():
        found, expected = endpoint.traced(**asked[endpoint.name]), whole[endpoint.name](**asked[endpoint.name])
        for name, values in expected.items():
            if values.dtype.is_floating:
                np.testing.assert_allclose(found[name], values, atol=1e-6)
            else:
                assert (found[name].numpy() == values.numpy()).all()


def test_no_endpoint_holds_the_logits_of_all_rows(recommender, monkeypatch):
    monkeypatch.setattr(item_recommender, "_LOGITS", 2 * len(ITEMS))
    rows = []
    logits = recommender.network.call

    def counted(inputs, **kwargs):
        tf.py_function(lambda one: rows.append(len(one)), [inputs["items"]], [])
        return logits(inputs, **kwargs)

    monkeypatch.setattr(recommender.network, "call", counted)
    samples = recommender.samples(HISTORIES[:5])
    for endpoint in recommender.endpoints()[:-1]:
        endpoint.traced(**{one: tf.constant(of) for one, of in samples[endpoint.name].items()})
    assert rows and max(rows) == 2
