import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from tfmodels import decoding
from tfmodels.decoding.cache_rows import repeat_history, select_rows
from tfmodels.models import LSTMOptions, LSTMSeq2Seq, TransformerOptions, TransformerSeq2Seq
from tfmodels.token_ids import END, PAD, START, UNK
from tfmodels.training import Options
from tfmodels.training.optimization.objective import next_token

VOCABULARY = 17
TRANSFORMER = {"num_layers": 2, "d_model": 8, "num_heads": 2, "feed_forward_dim": 12}
LSTM = {"num_layers": 2, "d_model": 8, "num_heads": 2, "attention": "multi_head"}
OPTIONS = {
    "paper": TRANSFORMER,
    "learned": {**TRANSFORMER, "positions": "learned", "norm_first": True, "activation": "gelu"},
    "grouped": {**TRANSFORMER, "positions": "rotary", "norm_first": True, "activation": "swiglu", "query_chunk": 2},
    "lstm": LSTM,
    "lstm_additive": {**LSTM, "attention": "additive", "num_layers": 3, "layer_norm": True},
    "copy": TRANSFORMER,
    "lstm_copy": {**LSTM, "attention": "additive", "num_layers": 1},
    "lstm_dot": {**LSTM, "attention": "dot", "num_layers": 1, "recurrent_dropout": 0.3, "weight_drop": 0.3},
}
ARGUMENTS = {
    "learned": {"max_length": 16},
    "grouped": {"num_kv_heads": 1},
    "copy": {"copy": True},
    "lstm_copy": {"copy": True},
}
SOURCE = np.array([[5, 9, 4, 7, END], [8, 6, END, PAD, PAD]], "int32")
TARGET = np.array([[START, 11, 4, 16, 9, 7], [START, 10, 5, 12, 8, 6]], "int32")
INPUTS = {"source": SOURCE, "target": TARGET}
ROWS, TIME = TARGET.shape


def new_model(option="paper", **kwargs):
    if option.startswith("lstm"):
        return LSTMSeq2Seq(VOCABULARY, LSTMOptions(**OPTIONS[option]), **ARGUMENTS.get(option, {}), **kwargs)
    return TransformerSeq2Seq(VOCABULARY, TransformerOptions(**OPTIONS[option]), **ARGUMENTS.get(option, {}), **kwargs)


def make_model(option="paper", **kwargs):
    model = new_model(option, **kwargs)
    model(INPUTS)
    random = np.random.default_rng(0)
    model.set_weights([random.normal(scale=0.4, size=weight.shape) for weight in model.weights])
    return model


SLOW = {"grouped", "lstm_additive"}  # the two that take longest


def of(*options):
    return [pytest.param(option, marks=pytest.mark.slow if option in SLOW else ()) for option in options]


@pytest.fixture(scope="module", params=of(*OPTIONS))
def model(request):
    return make_model(request.param)


@pytest.fixture(scope="module")
def whole(model):
    return model(INPUTS).numpy()


ONE_OF_EACH = pytest.mark.parametrize("model", ["paper", "lstm"], indirect=True, scope="module")
TWO_OF_EACH = pytest.mark.parametrize(
    "model", of("paper", "grouped", "lstm", "lstm_additive"), indirect=True, scope="module"
)
TRANSFORMERS = pytest.mark.parametrize("model", of("paper", "learned", "grouped"), indirect=True, scope="module")
LSTMS = pytest.mark.parametrize("model", of("lstm", "lstm_additive", "lstm_dot"), indirect=True, scope="module")


def assert_close(actual, expected):
    np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("rate", ["word_dropout", "embedding_dropout"])
@pytest.mark.parametrize("family", ["transformer", "lstm"])
def test_words_of_source_and_target_are_dropped_in_training_only(family, rate):
    options = {"num_layers": 1, "d_model": 8, "num_heads": 2, "dropout": 0.0}
    kinds = {"transformer": (TransformerSeq2Seq, TransformerOptions), "lstm": (LSTMSeq2Seq, LSTMOptions)}
    model_type, options_type = kinds[family]
    model = model_type(VOCABULARY, options_type(**options), **{rate: 0.9999})
    model(INPUTS)
    nothing = {side: np.where(ids > END, UNK, ids) for side, ids in INPUTS.items()}
    assert_close(model(INPUTS, training=True), model(nothing))  # ends, starts and padding are kept
    assert np.abs(model(INPUTS) - model(nothing)).max() > 1e-3
    assert getattr(model_type.from_config(model.get_config()), rate).rate == 0.9999


def decode(model, cache, ids, steps):
    logits, position = [], 0
    for step in steps:
        part, cache = model.step(ids[:, position : position + step], cache, position)
        logits.append(part)
        position += step
    return tf.concat(logits, axis=1)


@pytest.mark.parametrize("steps", [[1] * TIME, [4, 1, 1], [TIME]], ids=str)
def test_cached_steps_are_the_whole(model, whole, steps):
    cache = model.start(model.encode(SOURCE), TIME + 2)
    assert_close(decode(model, cache, TARGET, steps), whole)


@TRANSFORMERS
def test_a_step_may_go_back_and_write_over(model, whole):
    _, cache = model.step(TARGET[:, [0, 1, 3, 2]], model.start(model.encode(SOURCE), TIME), 0)
    logits, _ = model.step(TARGET[:, 2:], cache, 2)
    assert_close(logits, whole[:, 2:])


def test_neighbouring_rows_share_a_memory(model):
    memory, beams = model.encode(SOURCE), 3
    ids = np.random.default_rng(0).integers(4, VOCABULARY, [ROWS * beams, 4]).astype("int32")
    shared = model.start(memory, 4)
    shared = repeat_history(select_rows(shared, tf.repeat(tf.range(ROWS), beams)), beams)
    tiled = model.start({name: tf.repeat(x, beams, axis=0) for name, x in memory.items()}, 4)
    assert_close(decode(model, shared, ids, [2, 1, 1]), decode(model, tiled, ids, [2, 1, 1]))


@pytest.mark.parametrize("steps", [pytest.param([1] * TIME, marks=pytest.mark.slow), [4, 1, 1]], ids=str)
def test_coverage_is_the_sum_of_the_last_cross_attention(model, steps):
    _, maps = model(INPUTS, intermediates=True)
    last = [scores for name, scores in maps.items() if name.endswith("cross_attention")][-1]
    expected = tf.reduce_sum(tf.reduce_mean(last, axis=1), axis=1).numpy()  # [rows, source]
    expected[SOURCE == PAD] = 1
    memory, position = model.encode(SOURCE), 0
    cache = model.start(memory, TIME, coverage=True)
    assert "coverage" not in model.start(memory, TIME)["state"]
    for step in steps:
        _, cache = model.step(TARGET[:, position : position + step], cache, position)
        position += step
    assert_close(cache["state"]["coverage"], expected.T)


@TWO_OF_EACH
def test_coverage_of_rows_that_share_a_memory(model):
    memory, beams = model.encode(SOURCE), 3
    ids = np.random.default_rng(0).integers(4, VOCABULARY, [ROWS * beams, 2]).astype("int32")
    shared = model.start(memory, 2, coverage=True)
    shared = repeat_history(select_rows(shared, tf.repeat(tf.range(ROWS), beams)), beams)
    tiled = model.start({name: tf.repeat(x, beams, axis=0) for name, x in memory.items()}, 2, coverage=True)
    shared, tiled = (model.step(ids, cache, 0)[1] for cache in (shared, tiled))
    assert_close(shared["state"]["coverage"], tiled["state"]["coverage"])


def test_the_score_of_each_beam_is_the_log_probability_of_its_text(model):
    memory, beams = model.encode(SOURCE), 4
    found = decoding.beam_search(model, memory, tf.fill([ROWS], TIME), beams, length_penalty=0.0)
    texts = tf.pad(found.ids, [[0, 0], [0, 0], [0, 1]]) + END * tf.one_hot(found.length, TIME + 1, dtype=tf.int32)
    memory = tf.nest.map_structure(lambda x: tf.repeat(x, beams, axis=0), memory)
    alone = decoding.log_probability(model, memory, tf.reshape(texts, [ROWS * beams, TIME + 1]))
    assert_close(tf.reshape(alone, [ROWS, beams]), found.score)
    assert len({tuple(text) for text in found.ids[0].numpy()}) == beams


@TWO_OF_EACH
def test_the_log_probability_of_a_text_is_the_score_of_its_search(model):
    memory, limits = model.encode(SOURCE), tf.constant([TIME, TIME - 2])
    found = decoding.greedy(model, memory, limits)
    texts = tf.pad(found.ids, [[0, 0], [0, 1]]) + END * tf.one_hot(found.length, TIME + 1, dtype=tf.int32)
    assert_close(decoding.log_probability(model, memory, texts), found.score)
    forced = decoding.greedy(model, memory, tf.fill([ROWS], TIME), prefix=tf.constant([[5, 9, END], [7, END, PAD]]))
    assert_close(decoding.log_probability(model, memory, tf.constant([[5, 9, END], [7, END, PAD]])), forced.score)


@ONE_OF_EACH
@pytest.mark.parametrize("decode", [pytest.param(decoding.greedy, marks=pytest.mark.slow), decoding.beam_search])
def test_texts_are_found_in_a_graph_of_known_sizes(model, decode):
    def find(source):
        return decode(model, model.encode(source), tf.constant([TIME])).ids

    known = tf.function(find, input_signature=[tf.TensorSpec([1, SOURCE.shape[1]], tf.int32)], autograph=False)
    np.testing.assert_array_equal(known(SOURCE[:1]), find(tf.constant(SOURCE[:1])))


@TWO_OF_EACH
def test_steps_in_a_graph_of_unknown_sizes(model, whole):
    ids = tf.TensorSpec([None, None], tf.int32)

    @tf.function(input_signature=[ids, ids], autograph=False)
    def logits(source, target):
        cache = model.start(model.encode(source), tf.shape(target)[1])
        first, cache = model.step(target[:, :1], cache, 0)
        rest, cache = model.step(target[:, 1:], cache, 1)
        return tf.concat([first, rest], axis=1)

    assert_close(logits(SOURCE, TARGET), whole)
    assert logits(SOURCE[:0], TARGET[:0]).shape == (0, TIME, VOCABULARY)


@ONE_OF_EACH
@settings(max_examples=6, deadline=None)
@given(row=st.integers(0, ROWS - 1), more_source=st.integers(0, 5), more_target=st.integers(0, 3))
def test_a_row_alone_is_the_row_in_any_batch(model, row, more_source, more_target):
    batch = {
        "source": np.pad(SOURCE, [[0, 1], [0, more_source]]),  # with a row of nothing but padding
        "target": np.pad(TARGET, [[0, 1], [0, more_target]]),
    }
    together = model(batch)
    length = np.sum(SOURCE[row] != PAD)
    alone = model({"source": SOURCE[row : row + 1, :length], "target": TARGET[row : row + 1]})
    assert_close(together[row, :TIME], alone[0])
    assert np.isfinite(together).all()


def changes(model, name, row):
    """How much each logit moves when the token at each position of `INPUTS[name][row]` is another one, a row each."""
    length = INPUTS[name].shape[1]
    inputs = {key: np.repeat(ids[row : row + 1], length + 1, axis=0) for key, ids in INPUTS.items()}
    inputs[name][np.arange(length), np.arange(length)] = 13
    logits = model(inputs).numpy()
    return np.abs(logits[:-1] - logits[-1]).max(axis=-1)  # [position of the change, position of the logits]


def test_a_target_token_changes_what_follows_only(model):
    np.testing.assert_array_equal(changes(model, "target", 0) > 1e-5, np.triu(np.ones([TIME, TIME], bool)))


def test_every_source_token_changes_every_logit(model):
    assert changes(model, "source", 0).min() > 1e-5


def test_order_of_the_source_matters(model, whole):
    swapped = np.take(SOURCE, [1, 0, 2, 3, 4], axis=1)
    assert np.abs(model({"source": swapped, "target": TARGET}) - whole).max(axis=(1, 2)).min() > 1e-4


@TRANSFORMERS
def test_intermediates_are_the_attention_maps(model, whole):
    logits, maps = model(INPUTS, intermediates=True)
    np.testing.assert_array_equal(logits, whole)
    source = SOURCE.shape[1]
    assert {name: tuple(scores.shape) for name, scores in maps.items()} == {
        name: (ROWS, 2, *shape)
        for i in range(2)
        for name, shape in {
            f"encoder/{i}/attention": (source, source),
            f"decoder/{i}/self_attention": (TIME, TIME),
            f"decoder/{i}/cross_attention": (TIME, source),
        }.items()
    }
    for name, scores in maps.items():
        np.testing.assert_allclose(tf.reduce_sum(scores, axis=-1), np.ones(scores.shape[:-1]), rtol=1e-5, err_msg=name)
        visible = np.tri(TIME, dtype=bool) if "self" in name else (SOURCE != PAD)[:, None, None]
        np.testing.assert_array_equal(scores.numpy() > 0, np.broadcast_to(visible, scores.shape), err_msg=name)


@LSTMS
def test_intermediates_are_the_attention_map_of_the_decoder(model, whole):
    logits, maps = model(INPUTS, intermediates=True)
    np.testing.assert_array_equal(logits, whole)
    scores = maps.pop("decoder/cross_attention").numpy()
    assert not maps
    heads = 2 if model.options.attention == "multi_head" else 1
    assert scores.shape == (ROWS, heads, TIME, SOURCE.shape[1])
    np.testing.assert_allclose(scores.sum(axis=-1), 1.0, rtol=1e-5)
    np.testing.assert_array_equal(scores > 0, np.broadcast_to((SOURCE != PAD)[:, None, None], scores.shape))


def test_gradient_reaches_every_weight(model):
    weights = model.trainable_weights
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(next_token(Options()).loss(TARGET, model(INPUTS, training=True)))
    for weight, gradient in zip(weights, tape.gradient(loss, [weight.value for weight in weights]), strict=True):
        gradient = tf.convert_to_tensor(gradient)
        assert np.isfinite(gradient).all(), weight.path
        assert np.any(gradient) or weight.name == "key_bias", weight.path


def test_keras_file(model, whole, tmp_path):
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.get_config() == model.get_config()
    np.testing.assert_array_equal(loaded(INPUTS), whole)


@ONE_OF_EACH
def test_weights_file(model, whole, tmp_path):
    model.save_weights(tmp_path / "model.weights.h5")
    other = type(model).from_config(model.get_config())
    other(INPUTS)
    other.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(other(INPUTS), whole)


@pytest.mark.parametrize("option", ["grouped", pytest.param("lstm_additive", marks=pytest.mark.slow)])
def test_mixed_bfloat16_is_close_and_gives_float32(option):
    whole = make_model(option)(INPUTS)
    mixed = make_model(option, dtype="mixed_bfloat16")
    logits = mixed(INPUTS)
    assert logits.dtype == tf.float32
    assert {weight.dtype for weight in mixed.weights} == {"float32"}
    np.testing.assert_allclose(logits, whole, atol=0.3)
    np.testing.assert_allclose(decode(mixed, mixed.start(mixed.encode(SOURCE), TIME), TARGET, [5, 1]), logits, atol=0.3)


@ONE_OF_EACH
def test_one_table_of_token_vectors(model):
    assert [tuple(weight.shape) for weight in model.weights if VOCABULARY in weight.shape] == [(VOCABULARY, 8)]
