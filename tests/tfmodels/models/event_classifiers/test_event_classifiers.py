import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from tfmodels import explain, metrics
from tfmodels.metrics.risks import event_aggregates
from tfmodels.models import LSTMEventClassifier, LSTMEventOptions, TransformerEventClassifier, TransformerEventOptions
from tfmodels.models.event_classifiers.aggregates_of import STATISTICS, aggregates_of
from tfmodels.models.event_classifiers.event_batch import EventBatch
from tfmodels.models.event_classifiers.event_steps import event_steps

VARIABLES = 3
HISTORIES = [  # time, variable, value
    [(0.0, 1, 5.0), (0.0, 2, -1.0), (0.0, 2, 3.0), (7.25, 3, np.nan), (30.0, 1, 4.0)],
    [(2.0, 2, 0.5)],
    [],
]
STATIC = np.array([[1.0, np.nan], [0.0, 2.0], [np.nan, np.nan]], np.float32)
CASES = {
    "lstm": (LSTMEventClassifier, LSTMEventOptions(d_model=8, num_layers=2)),
    "lstm, multi-head": (LSTMEventClassifier, LSTMEventOptions(d_model=8, attention="multi_head")),
    "transformer": (
        TransformerEventClassifier,
        TransformerEventOptions(num_layers=2, d_model=8, num_heads=2, feed_forward_dim=12),
    ),
    "lstm, wide": (LSTMEventClassifier, LSTMEventOptions(d_model=8)),
}


@pytest.fixture(scope="module", params=CASES)
def model(request):
    family, options = CASES[request.param]
    wide = "wide" in request.param
    made = family(VARIABLES, 1 if wide else 2, options, static_fields=2, aggregates=True, wide=wide)
    fields = np.concatenate([STATIC, np.full((3, len(STATISTICS) * VARIABLES), np.nan)], axis=1)
    made.adapt(np.array([1, 1, 1, 2, 2]), np.array([3.0, 5.0, 4.0, 0.0, np.nan]), fields)
    random = np.random.default_rng(0)
    if made.fitted is not None:
        start_anywhere(made.fitted, random)
    for weight in made.trainable_weights:
        weight.assign(random.normal(0, 0.4, weight.shape))
    return made


def batch(histories, width, left=True):
    """Inputs of histories that are padded to a width."""
    padding = [(0.0, 0, np.nan)]
    rows = [padding * (width - len(of)) + of if left else of + padding * (width - len(of)) for of in histories]
    time, variable, value = np.moveaxis(np.array(rows, np.float64).reshape(len(rows), width, 3), 2, 0)
    events = {"time": time.astype("float32"), "variable": variable.astype("int32"), "value": value.astype("float32")}
    return events | {"static": STATIC[: len(rows)]}


def test_padding_and_the_order_of_measurements_change_nothing(model):
    expected = model(batch(HISTORIES, 5)).numpy()
    assert expected.shape == (3, model.outputs_count) and np.isfinite(expected).all()
    np.testing.assert_allclose(model(batch(HISTORIES, 9)), expected, atol=1e-5)
    np.testing.assert_allclose(model(batch(HISTORIES, 7, left=False)), expected, atol=1e-5)
    shuffled = [[of[number] for number in np.random.default_rng(1).permutation(len(of))] for of in HISTORIES]
    np.testing.assert_allclose(model(batch(shuffled, 6)), expected, atol=1e-5)
    for row, history in enumerate(HISTORIES):
        alone = batch([history], max(len(history), 1)) | {"static": STATIC[row : row + 1]}
        np.testing.assert_allclose(model(alone), expected[row : row + 1], atol=1e-5)


def test_every_part_of_a_measurement_changes_the_answer(model):
    first = HISTORIES[0]
    expected = model(batch([first], 5)).numpy()
    for place, changed in ((0, 31.0), (1, 2), (2, 4.5), (2, np.nan)):
        other = [*first[:4], tuple(changed if number == place else of for number, of in enumerate(first[4]))]
        assert np.abs(model(batch([other], 5)) - expected).max() > 1e-5
    later = model(batch([first], 5) | {"now": np.array([48.0], np.float32)})
    assert np.abs(later - expected).max() > 1e-5
    same = model(batch([first], 5) | {"now": np.array([30.0], np.float32)})
    np.testing.assert_allclose(same, expected, atol=1e-5)


def test_attention_is_shared_among_the_measurements(model):
    _, maps = model(batch(HISTORIES, 6), intermediates=True)
    weights = maps["pooling/attention"].numpy()
    np.testing.assert_allclose(
        weights.sum(axis=2), np.array([[1], [1], [0]]) * np.ones_like(weights[:, :, 0]), atol=1e-5
    )
    assert not weights[0, :, 0].any() and not weights[1, :, :5].any()


def test_adapt_sets_medians_and_deviations(model):
    assert model.value_center.numpy().tolist() == [0, 4, 0, 0]
    np.testing.assert_allclose(model.value_scale, [1, 1 / 1.349, 1, 1], rtol=1e-5)
    np.testing.assert_allclose(model.static_center[:2], [0.5, 2.0])


def test_training_leaves_events_out_and_an_answer_does_not(model):
    inputs = batch(HISTORIES, 5)
    np.testing.assert_array_equal(model(inputs), model(inputs))
    assert not np.allclose(model(inputs, training=True), model(inputs, training=True))


def test_what_cannot_be_is_refused(model):
    with pytest.raises(ValueError, match="at least one variable and one output"):
        type(model)(0)
    inputs = batch(HISTORIES, 5)
    del inputs["static"]
    with pytest.raises(
        ValueError, match=r"Expected the inputs .*'static'\]. Received: \['time', 'value', 'variable'\]"
    ):
        model(inputs)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.sampled_from([1.0, -2.0, None])), max_size=6),
        min_size=1,
        max_size=3,
    )
)
def test_steps_are_the_moments_of_a_history(histories):
    width = max(max(map(len, histories)), 1)
    columns = np.zeros((3, len(histories), width), np.float32)
    for row, history in enumerate(histories):
        for place, (time, variable, value) in enumerate(history):
            columns[:, row, place] = time, variable, np.nan if value is None else value
    time, variable, value = columns
    there = variable > 0
    has_value = there & ~np.isnan(value)
    columns = (np.where(there, time, 0), variable.astype("int32"), np.where(has_value, value, 0), has_value, there)
    events = EventBatch(*map(tf.constant, columns), tf.constant(there, tf.float32), time[:, 0])
    steps = event_steps(events._replace(has_value=tf.cast(events.has_value, tf.float32)), 2)
    steps = steps._replace(**{name: getattr(steps, name).numpy() for name in steps._fields})
    for row in range(len(histories)):
        moments = sorted({*time[row][there[row]].tolist()})
        assert steps.mask[row].sum() == len(moments)
        for number, moment in enumerate(moments):
            for one in (1, 2):
                mine = there[row] & (variable[row] == one)
                assert steps.count[row, number, one - 1] == (mine & (time[row] == moment)).sum()
                seen = mine & has_value[row] & (time[row] <= moment)
                latest = time[row][seen].max() if seen.any() else moment
                expected = value[row][seen & (time[row] == latest)].mean() if seen.any() else 0
                assert steps.last_value[row, number, one - 1] == pytest.approx(expected)
                assert steps.age[row, number, one - 1] == pytest.approx(moment - latest)
        assert steps.elapsed[row, : len(moments)].tolist() == [0, *np.diff(moments).tolist()][: len(moments)]


ROWS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2), st.sampled_from([1.0, -2.0, 0.25, None])), max_size=7)


@settings(max_examples=25, deadline=None)
@given(st.lists(ROWS, min_size=1, max_size=3), st.randoms(use_true_random=False))
def test_aggregates_in_the_graph_are_those_of_the_baselines(histories, random):
    width = max(*map(len, histories), 1)
    columns = np.zeros((3, len(histories), width), np.float32)
    flat = []
    for row, history in enumerate(histories):
        ordered = sorted((one for one in history if one[1]), key=lambda one: (one[0], one[1], one[2] or 9.0))
        flat.append([(time + 0.1, variable - 1, np.nan if of is None else of) for time, variable, of in ordered])
        shuffled = random.sample(history, len(history))
        for place, (time, variable, of) in enumerate(shuffled):
            columns[:, row, place] = time + 0.1, variable, np.nan if of is None else of
    ends = np.cumsum([len(one) for one in flat])
    events = metrics.IrregularEvents(*np.array([one for of in flat for one in of], float).reshape(-1, 3).T)
    expected = metrics.event_aggregates(events, ends - [len(one) for one in flat], ends, 2)
    time, variable, value = columns
    found = aggregates_of(time, variable.astype("int32"), value, 2).numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    assert STATISTICS == event_aggregates.STATISTICS


def test_contributions_add_up_to_the_logit(model):
    inputs = batch(HISTORIES, 6)
    found = explain.event_contributions(model, inputs, output=model.outputs_count - 1, steps=64)
    np.testing.assert_allclose(found.logit, model(inputs)[:, -1], atol=1e-5)
    whole = found.events.numpy().sum(axis=1) + found.fields.numpy().sum(axis=1)
    np.testing.assert_allclose(whole, found.logit - found.base, atol=0.06)  # kinks
    assert not found.events.numpy()[1, :5].any() and found.events.numpy()[1, 5] != 0
    assert found.fields.shape == (3, 2 + len(STATISTICS) * VARIABLES)
    padded = explain.event_contributions(model, batch(HISTORIES, 9), output=model.outputs_count - 1, steps=64)
    np.testing.assert_allclose(padded.events[:, 3:], found.events, atol=1e-4)
    with pytest.raises(ValueError, match="steps=0"):
        explain.event_contributions(model, inputs, steps=0)


def start_anywhere(fitted, random):
    """Random models of tables in place of fitted ones."""
    fitted.linear.adapt(random.normal(size=[20, fitted.fields]))
    fitted.linear.assign(*(random.normal(0, 0.4, of.shape) for of in (fitted.linear.kernel, fitted.linear.bias)))
    fitted.trees.column.assign(random.integers(0, fitted.trees.columns, fitted.trees.column.shape))
    for weight in (fitted.trees.threshold, fitted.trees.value, fitted.trees.bias):
        weight.assign(random.normal(0, 0.1, weight.shape))


def test_a_network_starts_as_models_fitted_without_the_fold_of_a_row():
    made = LSTMEventClassifier(VARIABLES, 1, LSTMEventOptions(d_model=8), static_fields=2, aggregates=True, wide=True)
    inputs = batch(HISTORIES, 6)
    made(inputs)
    start_anywhere(made.fitted, np.random.default_rng(0))
    fields = np.split(made.read(inputs)[1].numpy(), 2, axis=1)
    np.testing.assert_allclose(made(inputs), made.fitted(*fields), rtol=1e-5, atol=1e-5)
    left_out = np.array([1, 0, 3], "int32")
    found = made({**inputs, "left_out": left_out})
    np.testing.assert_allclose(found, made.fitted(*fields, left_out), rtol=1e-5, atol=1e-5)
    assert not np.allclose(found[0], made(inputs)[0])
    for wrong in ({"static_fields": 0}, {"static_fields": 2, "outputs": 2}):
        with pytest.raises(ValueError, match="wide=True"):
            LSTMEventClassifier(VARIABLES, **{"outputs": 1, **wrong}, wide=True)
