"""What holds for every family of forecasters, with every head."""

import re

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmodels import layers, metrics, models

CHANNELS, CONTEXT, HORIZON, ROWS = 2, 9, 3, 4
HEADS = {
    "point": lambda: layers.PointHead("huber"),
    "quantile": lambda: layers.QuantileHead([0.1, 0.3, 0.5, 0.9]),
    "student_t": layers.StudentTHead,
    "negative_binomial": layers.NegativeBinomialHead,
}
STEPS = {"decoder": "steps", "decoder_units": 7, "decoder_layers": 1}
DIRECT = {"d_model": 6, "num_layers": 1, "dropout": 0.2}
LSTM = {**DIRECT, **STEPS}
TRANSFORMER = {**STEPS, "d_model": 8, "num_layers": 1, "feed_forward_dim": 12, "patch": 4, "stride": 2}
COVARIATES = {"past": 2, "known": 3, "static": 2, "irregular": True}
CYCLES = {"cycles": (2, 4)}
LEVEL = {"center": "training", "level": (30.0, 29.0), "spread": (4.0, 5.0)}
FAMILIES = {  # name -> class, inputs, options
    "linear": (models.LinearForecaster, COVARIATES, {"kernel": 4}),
    "linear_individual": (models.LinearForecaster, {"center": "last"}, {"individual": True}),
    "linear_seasonal": (models.LinearForecaster, {"seasons": (2, 4)}, {}),
    "linear_steps": (models.LinearForecaster, {**COVARIATES, **CYCLES}, STEPS),
    "lstm": (models.LSTMForecaster, {**COVARIATES, **CYCLES}, LSTM),
    "lstm_training_level": (models.LSTMForecaster, {**COVARIATES, **CYCLES, **LEVEL}, LSTM),
    "lstm_patches_mixed": (
        models.LSTMForecaster,
        {"known": 1},
        {**DIRECT, "patch": 4, "mix_channels": True, "plain": True},
    ),
    "attention_lstm": (
        models.AttentionLSTMForecaster,
        {**COVARIATES, **CYCLES},
        {**LSTM, "num_heads": 2, "patch": 2},
    ),
    "attention_lstm_direct": (
        models.AttentionLSTMForecaster,
        COVARIATES,
        {**DIRECT, "num_heads": 2, "patch": 2},
    ),
    "attention_lstm_mixed": (
        models.AttentionLSTMForecaster,
        {"known": 1, **CYCLES},
        {**LSTM, "attention": "additive", "mix_channels": True, "linear": False},
    ),
    "transformer": (models.TransformerForecaster, COVARIATES, TRANSFORMER),
    "transformer_mixed": (
        models.TransformerForecaster,
        {"center": "last", "known": 1},
        {"d_model": 8, "num_layers": 1, "feed_forward_dim": 12, "patch": 4, "mix_channels": True, "norm_first": True},
    ),
}
WHOLE = ("linear", "linear_steps", "lstm", "attention_lstm", "transformer")  # with all inputs
CASES = [(family, "quantile") for family in FAMILIES]
CASES += [("linear", head) for head in HEADS if head != "quantile"]


def make(family, head, **arguments):
    model_class, inputs, options = FAMILIES[family]
    shape = models.ForecastShape(CHANNELS, CONTEXT, HORIZON, **inputs)
    return model_class(shape, HEADS[head](), model_class.options_type(**options), **arguments)


def draw_inputs(model, seed=0, rows=ROWS):
    """A history with gaps: the first row whole, the second with a late start, the third with holes, the rest both."""
    random = np.random.default_rng(seed)
    shapes = model.shape.inputs.items()
    inputs = {name: random.normal(size=[rows, *shape]).astype("float32") for name, shape in shapes}
    values = 30 + 4 * inputs["values"]
    values[1::2, :4] = np.nan
    values[2::3][random.random(values[2::3].shape) < 0.3] = np.nan
    inputs["values"] = values
    if "steps" in inputs:
        inputs["steps"] = random.exponential(size=[rows, CONTEXT]).astype("float32")
    for name in {"past", "known", "static"} & inputs.keys():
        inputs[name][random.random(inputs[name].shape) < 0.1] = np.nan
    return inputs


@pytest.fixture(scope="module", params=CASES, ids="-".join)
def case(request):
    return request.param


@pytest.fixture(scope="module")
def model(case):
    model = make(*case)
    model.build()
    random = np.random.default_rng(1)
    model.set_weights([random.normal(scale=0.3, size=weight.shape) for weight in model.get_weights()])
    return model


@pytest.fixture(scope="module")
def answer(model):
    """The model as one graph for all batch sizes."""
    specs = {name: tf.TensorSpec([None, *shape], tf.float32) for name, shape in model.shape.inputs.items()}
    return tf.function(lambda inputs: model(inputs, training=False), input_signature=[specs])


@pytest.fixture(scope="module")
def inputs(model):
    return draw_inputs(model)


def test_shape_and_type(model, answer, inputs):
    parameters = answer(inputs)
    assert parameters.shape == (ROWS, HORIZON, CHANNELS, model.head.outputs)
    assert parameters.dtype == tf.float32
    assert np.isfinite(parameters).all()
    np.testing.assert_allclose(model(inputs), parameters, rtol=1e-4)
    assert answer({name: value[:0] for name, value in inputs.items()}).shape[0] == 0


def test_every_input_matters(model, answer, inputs):
    before = answer(inputs)
    for name in inputs:
        if name == "known" and model.get_config()["options"].get("plain"):
            continue
        changed = {**inputs, name: np.nan_to_num(inputs[name]) * np.float32(1.3)}
        assert np.abs(answer(changed) - before).max() > 1e-3, name
        if name != "steps":
            missing, zero = (answer({**inputs, name: np.full_like(inputs[name], x)}) for x in (np.nan, 0))
            assert np.abs(missing - zero).max() > 1e-3, name


@pytest.mark.parametrize("values", [np.nan, 0.0, 7.5, -1e-30, 3e30, np.inf])
def test_windows_without_information_get_a_finite_answer(model, answer, inputs, values):
    inputs = {**inputs, "values": np.full_like(inputs["values"], values)}
    assert np.isfinite(answer(inputs)).all()
    inputs["values"][:, -1] = np.nan
    assert np.isfinite(answer(inputs)).all()


def test_a_row_alone_is_the_row_in_a_batch(answer, inputs):
    together = answer(inputs)
    for row in range(ROWS):
        alone = answer({name: value[row : row + 1] for name, value in inputs.items()})
        np.testing.assert_allclose(alone[0], together[row], rtol=1e-5, atol=1e-5)


def test_what_comes_before_the_first_value_is_not_seen(model, answer, inputs):
    late = {name: value.copy() for name, value in inputs.items()}
    late["values"][:, :5] = np.nan
    late["values"][:, 5] = [31.0, 32.0]
    padded = {name: value.copy() for name, value in late.items()}
    for name in {"past", "known", "steps"} & inputs.keys():
        padded[name][:, :5] = 0.0 if name == "steps" else np.nan
    np.testing.assert_allclose(answer(padded), answer(late), rtol=1e-6)


def test_forecasts_move_with_their_history(case, model, answer, inputs):
    if case[1] == "negative_binomial" or model.shape.center == "training":
        pytest.skip("counts start at zero; the level of a window is seen")
    moved = answer({**inputs, "values": 0.25 * inputs["values"] + 100})
    expected = 0.25 * model.head.mean(answer(inputs)) + 100
    np.testing.assert_allclose(model.head.mean(moved), expected, rtol=1e-4)


@pytest.mark.parametrize(
    ("family", "head"),
    [case if case[0] == "lstm" else pytest.param(*case, marks=pytest.mark.slow) for case in CASES if case[0] in WHOLE],
)
def test_training_reaches_every_weight_and_overfits_a_few_rows(family, head):
    model = make(family, head)
    inputs = draw_inputs(model, rows=8)
    targets = np.random.default_rng(2).poisson(30, [8, HORIZON, CHANNELS]).astype("float32")
    targets[::3, 1] = np.nan
    optimizer = keras.optimizers.Adam(0.05)

    @tf.function(autograph=False)
    def step():
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(model.head.loss(targets, model(inputs, training=True)))
        gradients = [tf.convert_to_tensor(x) for x in tape.gradient(loss, model.trainable_variables)]
        optimizer.apply(gradients, model.trainable_variables)
        return loss, gradients

    first, gradients = step()
    for weight, gradient in zip(model.trainable_weights, gradients, strict=True):
        assert np.isfinite(gradient).all(), weight.path
        reached = np.any(gradient) or weight.name == "key_bias"  # which moves all logits of a query alike
        assert reached or "from_past" in weight.path, weight.path  # multiplied by a kernel that starts at zero
    for _ in range(40):
        last, _ = step()
    assert last < first - 0.2 * abs(first)


def test_saved_and_loaded(case, model, answer, inputs, tmp_path):
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.head.get_config() == model.head.get_config()
    assert {**loaded.get_config(), "head": None} == {**model.get_config(), "head": None}
    np.testing.assert_allclose(loaded(inputs, training=False), answer(inputs), rtol=1e-4)


def test_no_operation_that_a_server_lacks(answer):
    graph = answer.get_concrete_function().graph.as_graph_def()
    used = {node.op for nodes in (graph.node, *(f.node_def for f in graph.library.function)) for node in nodes}
    assert used <= set(dir(tf.raw_ops)) | {"NoOp"}
    assert not {op for op in used if re.search("Xla|Cudnn|Assign|Random|PyFunc", op)}


@pytest.mark.parametrize("family", WHOLE)
def test_bfloat16_keeps_the_digits_of_the_history(family):
    model, half = make(family, "point"), make(family, "point", dtype="mixed_bfloat16")
    inputs = draw_inputs(model)
    inputs["values"] += 10_000
    expected = model(inputs)
    half.build()
    half.set_weights(model.get_weights())
    forecast = half(inputs)
    assert forecast.dtype == tf.float32
    np.testing.assert_allclose(forecast, expected, atol=1.0)


def test_attention_over_the_past(case, model, inputs):
    if "mixed" in case[0] or case[0].startswith(("linear", "lstm")):
        pytest.skip("no attention, or none of its own for each channel")
    late = {**inputs, "values": inputs["values"].copy()}
    late["values"][:, :5, 1] = np.nan
    _, maps = model(late, intermediates=True)
    batch, heads, queries, keys = maps["attention"].shape
    assert (batch, heads % CHANNELS) == (ROWS, 0)
    assert (queries, keys) == ((2, 5) if case[0].startswith("attention_lstm") else (4, 4))
    np.testing.assert_allclose(tf.reduce_sum(maps["attention"], axis=-1), np.ones([batch, heads, queries]), rtol=1e-5)
    hidden = (
        2 if case[0].startswith("attention_lstm") else 1
    )  # patches that end before the first value of the second channel
    assert np.all(maps["attention"][:, heads // 2 :, :, :hidden] == 0)
    assert np.any(maps["attention"][0, : heads // 2, :, :hidden] > 0)
    assert maps["scale"].shape == maps["center"].shape == (ROWS, 1, CHANNELS)


def test_attention_to_earlier_seasons(case, model, inputs):
    if not model.shape.cycles:
        pytest.skip("no seasons")
    late = {**inputs, "values": inputs["values"].copy()}
    late["values"][:, :5, 1] = np.nan
    _, maps = model(late, intermediates=True)
    scores = maps["seasonal_attention"].numpy()
    lags = model.step_decoder.attention.lags
    assert scores.shape == (ROWS, HORIZON, CHANNELS, len(lags))
    # The first step ahead looks `lag` steps back from the end of the history.
    before = [lag for lag in lags if CONTEXT - lag < 5]
    assert before
    assert np.all(scores[:, 0, 1, [lags.index(lag) for lag in before]] == 0)
    np.testing.assert_allclose(scores[0, :, 0].sum(axis=-1), np.ones(HORIZON), rtol=1e-5)


@pytest.mark.parametrize("season", [2, 4])
def test_without_a_change_the_forecast_is_that_of_a_season_before(season):
    shape = models.ForecastShape(CHANNELS, CONTEXT, HORIZON, seasons=(season,))
    model = models.LinearForecaster(shape, layers.PointHead())
    model.build()
    model.set_weights([np.zeros(weight.shape) for weight in model.get_weights()])
    values = draw_inputs(model)["values"]
    expected = metrics.seasonal_naive(values, HORIZON, season)
    np.testing.assert_allclose(model({"values": values})[..., 0], expected, rtol=1e-4)
    with pytest.raises(ValueError, match=r"seasons to be from 1 to context, 9. Received: seasons=\[10\]"):
        models.ForecastShape(CHANNELS, CONTEXT, HORIZON, seasons=(10,))


def test_each_window_and_channel_starts_from_the_season_that_changes_less():
    model = models.LinearForecaster(models.ForecastShape(2, 12, 4, seasons=(2, 3)), layers.PointHead())
    model.build()
    model.set_weights([np.zeros(weight.shape) for weight in model.get_weights()])
    values = np.stack([np.tile([1, 5], 6), np.tile([1, 5, 9], 4)], axis=-1)[np.newaxis].astype("float32")
    values += np.random.default_rng(0).normal(0, 0.1, values.shape)
    forecast = model({"values": values.astype("float32")})[0, :, :, 0]
    np.testing.assert_allclose(forecast, [[1, 1], [5, 5], [1, 9], [5, 1]], atol=0.5)


@pytest.mark.parametrize("family", ["attention_lstm", "transformer"])
def test_attention_weights_are_dropped_at_a_rate_of_their_own(family):
    inputs = {"values": tf.random.normal([4, CONTEXT, 1])}

    def spread(**rates):
        model_class, _, options = FAMILIES[family]
        options = model_class.options_type(**{**options, "dropout": 0.0, "decoder_dropout": 0.0, **rates})
        model = model_class(models.ForecastShape(1, CONTEXT, HORIZON), layers.PointHead(), options)
        return np.abs(model(inputs, training=True) - model(inputs, training=False)).max()

    assert spread() == 0
    assert spread(attention_dropout=0.5) > 1e-3


def test_wrong_arguments_and_inputs_are_refused():
    with pytest.raises(ValueError, match=r"horizon to be at least 1. Received: horizon=0"):
        models.ForecastShape(1, 8, 0)
    for family in (models.LSTMForecaster, models.AttentionLSTMForecaster, models.TransformerForecaster):
        options = family.options_type(patch=9)
        with pytest.raises(ValueError, match=r"patch to be at most context, 8. Received: patch=9"):
            family(models.ForecastShape(1, 8, 2), layers.PointHead(), options)
        with pytest.raises(ValueError, match=r"patch to be at least 1. Received: patch=0"):
            family.options_type(patch=0)
    for family in (models.LinearForecaster, models.AttentionLSTMForecaster, models.TransformerForecaster):
        with pytest.raises(ValueError, match=r"decoder_units to be left out with decoder=direct.*decoder_units=7"):
            family.options_type(decoder_units=7)
    with pytest.raises(ValueError, match=r"plain to be false with decoder=steps"):
        models.LSTMForecasterOptions(plain=True, decoder="steps")
    with pytest.raises(ValueError, match=r"cycles to be from 1 to context, 8. Received: cycles=\[9\]"):
        models.ForecastShape(1, 8, 2, cycles=(9,))
    with pytest.raises(ValueError, match=r"stride to be at most patch, 2. Received: stride=3"):
        models.TransformerForecasterOptions(patch=2, stride=3)
    assert models.TransformerForecasterOptions(patch=2).patch_distance == 2  # the default fits any patch
    model = models.LinearForecaster(models.ForecastShape(1, 8, 2, known=3), layers.PointHead())
    with pytest.raises(ValueError, match=r"inputs \['values', 'known'\]. Received: \['values'\]"):
        model({"values": tf.zeros([1, 8, 1])})
    with pytest.raises(ValueError, match=r"`known` of shape \['batch', 10, 3\]. Received: shape \[1, 8, 3\]"):
        model({"values": tf.zeros([1, 8, 1]), "known": tf.zeros([1, 8, 3])})
