import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from pipelines.clinical import event_text, risk_explanation
from pipelines.clinical.explaining import explained_history
from pipelines.clinical.risk_answerer import Decision, RiskAnswerer
from pipelines.clinical.static_inputs import StaticInputs
from tfmodels.models import (
    LSTMEventClassifier,
    LSTMEventOptions,
    TransformerEventClassifier,
    TransformerEventOptions,
)

VARIABLES = ["HR", "Rhythm=af", "a, b", "Code=7", "ü"]
FIELDS = StaticInputs(
    [
        {"name": "Age (years)", "input": "Age_years", "words": None},
        {"name": "ward", "input": "ward", "words": ["A", "B"]},
    ]
)
WIDTH = 6
HISTORIES = [
    [(0.0, "HR", 80.0), (1.5, "HR", 95.0), (1.5, "ü", -2.0), (1.5, "Rhythm=af", np.nan)],
    [],
    [(3.0, "nobody measures it", 1.0), (np.nan, "HR", 80.0), (4.0, "a, b", 3.0)],
    [(float(step // 2), VARIABLES[step % 5], step / 4) for step in range(10)],
]
STATIC = [{"Age_years": 54.0, "ward": "B"}, {"Age_years": np.nan, "ward": ""}, {"Age_years": 70.5, "ward": "new"},
          {"Age_years": 1.0, "ward": "A"}]  # fmt: skip


@pytest.fixture(scope="module", params=["transformer", "lstm"])
def answerer(request):
    options = TransformerEventOptions(num_layers=1, d_model=8, num_heads=2, feed_forward_dim=8)
    family, chosen = (
        (TransformerEventClassifier, options)
        if request.param == "transformer"
        else (LSTMEventClassifier, LSTMEventOptions(d_model=8))
    )
    network = family(len(VARIABLES), 1, chosen, static_fields=FIELDS.count, aggregates=True)
    network.build()
    random = np.random.default_rng(0)
    for weight in network.trainable_weights:
        weight.assign(random.normal(0, 0.25, weight.shape))
    decision = Decision(1.5, -0.25, 0.4, ("lives", "dies"), 0.125)
    return RiskAnswerer(network, VARIABLES, FIELDS, WIDTH, {"HR": [20.0, None]}, decision)


def request_of(histories, static, width=10):
    """Inputs of an endpoint, padded on the left."""
    padding = [(0.0, "", np.nan)]
    rows = [padding * (width - len(of)) + list(of) for of in histories]
    found = {
        name: tf.constant([[event[place] for event in row] for row in rows], kind, [len(rows), width])
        for place, (name, kind) in enumerate({"time": tf.float32, "variable": tf.string, "value": tf.float32}.items())
    }
    kinds = {spec.name: spec.dtype for spec in FIELDS.specs()}
    return found | {name: tf.constant([of[name] for of in static], kind) for name, kind in kinds.items()}


def answered(outputs):
    return {name: of.numpy() for name, of in outputs.items()}


def same(one, other, rows=slice(None)):
    for name, of in one.items():
        if of.dtype == np.float32:
            np.testing.assert_allclose(of, other[name][rows], atol=1e-5)
        else:
            assert of.tolist() == other[name][rows].tolist()


def test_order_padding_and_the_batch_change_nothing(answerer):
    together = answered(answerer.answer(**request_of(HISTORIES, STATIC)))
    assert together["observed"].tolist() == [4, 0, 1, WIDTH] and together["cut"].tolist() == [
        0,
        0,
        0,
        2,
    ]  # two of ten are impossible
    assert len({*together["probability"].round(5).tolist()}) == 4
    random = np.random.default_rng(3)
    for row, (history, static) in enumerate(zip(HISTORIES, STATIC, strict=True)):
        shuffled = [history[place] for place in random.permutation(len(history))]
        alone = request_of([shuffled], [static], max(len(history), 1))
        same(answered(answerer.answer(**alone)), together, slice(row, row + 1))
        on_the_right = request_of([[*shuffled, (0.0, "", np.nan)]], [static], 12)
        same(answered(answerer.answer(**on_the_right)), together, slice(row, row + 1))


def test_texts_are_answered_as_numbers_are(answerer):
    names = {"Age_years": "Age (years)", "ward": "ward"}
    texts = [
        event_text.written(history, {names[name]: of for name, of in static.items()})
        for history, static in zip(HISTORIES, STATIC, strict=True)
    ]
    assert texts[0].startswith(",Age (years),54;,ward,B;0,HR,80;")
    found = answered(answerer.answer_csv(tf.constant(texts)))
    same(found, answered(answerer.answer(**request_of(HISTORIES, STATIC))))
    words = answered(answerer.answer_csv(tf.constant(["0,Rhythm,af;0,Code,7", "0,Rhythm=af,;0,Code=7,"])))
    assert words["observed"].tolist() == [2, 2]
    assert words["probability"][0] == pytest.approx(words["probability"][1])


@given(st.text(st.sampled_from("0.1,;=eHRZ -\nü\x00"), max_size=30))
def test_no_text_fails_and_python_reads_what_the_graph_reads(text):
    table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(["HR"], [1]), 0)
    time, variable, value, _ = event_text.parsed(tf.constant([text]), FIELDS, table)
    there = np.isfinite(time.numpy()[0])
    history = explained_history.read(text, FIELDS, {"HR"})
    expected = [
        (time, name.encode(), value)
        for time, name, value in reversed([*zip(history.time, history.variable, history.value, strict=True)])
        if np.isfinite(np.float32(time))
    ]
    found = [*zip(*(of.numpy()[0][there].tolist() for of in (time, variable, value)), strict=True)]
    assert [one[1] for one in found] == [one[1] for one in expected]
    for place in (0, 2):
        np.testing.assert_allclose([one[place] for one in found], [one[place] for one in expected], rtol=1e-6)


def test_nothing_is_seen_after_now_and_impossible_values_are_none(answerer):
    asked = request_of(HISTORIES, STATIC)
    unset = tf.fill([4], float("nan"))
    same(answered(answerer.answer_with_options(now=unset, **asked)), answered(answerer.answer(**asked)))
    early = answered(answerer.answer_with_options(now=tf.fill([4], 1.0), **asked))
    assert early["observed"].tolist() == [1, 0, 0, 3]
    hidden = [[event for event in history if event[0] <= 1] for history in HISTORIES]
    seen = answered(answerer.answer_with_options(now=tf.fill([4], 1.0), **request_of(hidden, STATIC)))
    same(seen, early)
    later = answered(answerer.answer_with_options(now=tf.fill([4], 40.0), **asked))
    assert np.abs(later["probability"] - answered(answerer.answer(**asked))["probability"])[0] > 1e-5
    impossible = [[*HISTORIES[0], (1.0, "HR", 3.0)], *HISTORIES[1:]]
    same(answered(answerer.answer(**request_of(impossible, STATIC))), answered(answerer.answer(**asked)))


def test_no_rows_are_answered(answerer):
    none = {name: of[:0] for name, of in request_of(HISTORIES, STATIC).items()}
    for found in (answerer.answer(**none), answerer.explain(**none), answerer.answer_csv(tf.constant([], tf.string))):
        assert all(len(of) == 0 for of in found.values())


def test_labels_follow_the_threshold_of_calibrated_probabilities(answerer):
    asked = request_of(HISTORIES, STATIC)
    inputs, _ = answerer.inputs(
        asked["time"], asked["variable"], asked["value"], tf.fill([4], float("nan")),
        {name: asked[name] for name in ("Age_years", "ward")},
    )  # fmt: skip
    logits = answerer.network(inputs).numpy()[:, 0]
    found = answered(answerer.answer(**asked))
    expected = 1 / (1 + np.exp(0.25 - 1.5 * logits))
    expected[1] = 0.125  # of whom nothing is known
    np.testing.assert_allclose(found["probability"], expected, rtol=1e-5)
    assert found["label"].tolist() == [b"dies" if of >= 0.4 else b"lives" for of in found["probability"]]


def test_what_explains_an_answer_adds_up_to_it(answerer):
    asked = request_of(HISTORIES[:3], STATIC[:3])
    found = answered(answerer.explain(**asked))
    same({name: found[name] for name in ("probability", "label", "observed")}, answered(answerer.answer(**asked)))
    whole = found["base"] + sum(found[name].sum(axis=1) for name in ("contribution", "field", "aggregate"))
    np.testing.assert_allclose(whole, np.log(found["probability"] / (1 - found["probability"])), atol=0.2)
    assert not found["contribution"][1].any() and found["contribution"][2, -1] != 0
    assert not found["contribution"][2, :-1].any()  # neither an unknown variable nor what has no time


def test_an_explanation_names_measurements_fields_and_aggregates(answerer, tmp_path):
    history = explained_history.read("0,HR,80;1.5,HR,95;2,Rhythm,af;,ward,B;1,no,3", FIELDS, {*VARIABLES})
    found = risk_explanation.make(answerer, history)
    assert [one["variable"] for one in found.numbers["events"]] == ["HR", "HR", "Rhythm=af"]
    assert found.numbers["observed"] == 3 and {"ward=B", "HR, aggregates"} <= found.numbers["others"].keys()
    assert set(found.numbers["faithfulness"]["drop"]) == {"integrated gradients", "attention", "random"}
    files = found.write(tmp_path)
    assert [file.name for file in files] == ["events.png", "events.html", "numbers.json"]
    assert "Rhythm=af" in files[1].read_text()
    assert (
        risk_explanation.make(answerer, explained_history.read("0,no,1", FIELDS, {*VARIABLES})).numbers["events"] == []
    )
