import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from tfmodels.models import TransformerSeq2Seq
from tfmodels.token_ids import END, PAD, START

VOCABULARY = 17
OPTIONS = {
    "paper": {},
    "learned": {"positions": "learned", "max_length": 16, "norm_first": True, "activation": "gelu"},
    "grouped": {"positions": "rotary", "num_kv_heads": 1, "norm_first": True, "activation": "swiglu"},
}
SOURCE = np.array([[5, 9, 4, 7, END], [8, 6, END, PAD, PAD]], "int32")
TARGET = np.array([[START, 11, 4, 16, 9, 7], [START, 10, 5, 12, 8, 6]], "int32")
INPUTS = {"source": SOURCE, "target": TARGET}
ROWS, TIME = TARGET.shape


def new_model(option="paper", **kwargs):
    return TransformerSeq2Seq(
        VOCABULARY, num_layers=2, d_model=8, num_heads=2, feed_forward_dim=12, **OPTIONS[option], **kwargs
    )


def make_model(option="paper", **kwargs):
    model = new_model(option, **kwargs)
    model(INPUTS)
    random = np.random.default_rng(0)
    model.set_weights([random.normal(scale=0.4, size=weight.shape) for weight in model.weights])
    return model


@pytest.fixture(scope="module", params=OPTIONS)
def model(request):
    return make_model(request.param)


@pytest.fixture(scope="module")
def whole(model):
    return model(INPUTS).numpy()


PAPER_ONLY = pytest.mark.parametrize("model", ["paper"], indirect=True, scope="module")
PAPER_AND_GROUPED = pytest.mark.parametrize("model", ["paper", "grouped"], indirect=True, scope="module")


def assert_close(actual, expected):
    np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=1e-5)


def decode(model, cache, ids, steps):
    logits, position = [], 0
    for step in steps:
        part, cache = model.step(ids[:, position : position + step], cache, tf.fill([len(ids)], position))
        logits.append(part)
        position += step
    return tf.concat(logits, axis=1)


@pytest.mark.parametrize("steps", [[1] * TIME, [4, 1, 1], [TIME]], ids=str)
def test_cached_steps_are_the_whole(model, whole, steps):
    cache = model.start(model.encode(SOURCE), TIME + 2)
    assert_close(decode(model, cache, TARGET, steps), whole)


def test_rows_stand_at_different_positions(model, whole):
    _, cache = model.step(TARGET[:, :4], model.start(model.encode(SOURCE), TIME), tf.zeros([ROWS], tf.int32))
    position = np.array([4, 2], "int32")  # the second row goes back and writes over its last two tokens
    logits, _ = model.step(TARGET[[0, 1], position][:, None], cache, position)
    assert_close(logits[:, 0], whole[[0, 1], position])


def test_neighbouring_rows_share_a_memory(model):
    memory, beams = model.encode(SOURCE), 3
    ids = np.random.default_rng(0).integers(4, VOCABULARY, [ROWS * beams, 4]).astype("int32")
    shared = model.start(memory, 4)
    shared["state"] = tf.nest.map_structure(lambda x: tf.repeat(x, beams, axis=1), shared["state"])
    tiled = model.start({name: tf.repeat(x, beams, axis=0) for name, x in memory.items()}, 4)
    assert_close(decode(model, shared, ids, [2, 1, 1]), decode(model, tiled, ids, [2, 1, 1]))


@PAPER_AND_GROUPED
def test_steps_in_a_graph_of_unknown_sizes(model, whole):
    ids = tf.TensorSpec([None, None], tf.int32)

    @tf.function(input_signature=[ids, ids], autograph=False)
    def logits(source, target):
        cache = model.start(model.encode(source), tf.shape(target)[1])
        first, cache = model.step(target[:, :1], cache, tf.zeros(tf.shape(target)[:1], tf.int32))
        rest, cache = model.step(target[:, 1:], cache, tf.ones(tf.shape(target)[:1], tf.int32))
        return tf.concat([first, rest], axis=1)

    assert_close(logits(SOURCE, TARGET), whole)
    assert logits(SOURCE[:0], TARGET[:0]).shape == (0, TIME, VOCABULARY)


@PAPER_ONLY
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


def test_gradient_reaches_every_weight(model):
    weights = model.trainable_weights
    with tf.GradientTape() as tape:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(TARGET, model(INPUTS, training=True))
    for weight, gradient in zip(weights, tape.gradient(loss, [weight.value for weight in weights]), strict=True):
        gradient = tf.convert_to_tensor(gradient)
        assert np.isfinite(gradient).all(), weight.path
        assert np.any(gradient) or weight.name == "key_bias", weight.path


def test_keras_file(model, whole, tmp_path):
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.get_config() == model.get_config()
    np.testing.assert_array_equal(loaded(INPUTS), whole)


@PAPER_ONLY
def test_weights_file(model, whole, tmp_path):
    model.save_weights(tmp_path / "model.weights.h5")
    other = new_model()
    other(INPUTS)
    other.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(other(INPUTS), whole)


@pytest.mark.parametrize("model", ["grouped"], indirect=True, scope="module")
def test_mixed_bfloat16_is_close_and_gives_float32(model, whole):
    mixed = make_model("grouped", dtype="mixed_bfloat16")
    logits = mixed(INPUTS)
    assert logits.dtype == tf.float32
    assert {weight.dtype for weight in mixed.weights} == {"float32"}
    np.testing.assert_allclose(logits, whole, atol=0.3)
    np.testing.assert_allclose(decode(mixed, mixed.start(mixed.encode(SOURCE), TIME), TARGET, [5, 1]), logits, atol=0.3)


@PAPER_ONLY
def test_one_table_of_token_vectors(model):
    assert [tuple(weight.shape) for weight in model.weights if VOCABULARY in weight.shape] == [(VOCABULARY, 8)]


def test_parameters_of_the_base_model():
    model = TransformerSeq2Seq(100)
    model({"source": SOURCE[:1, :1], "target": TARGET[:1, :1]})
    attention = 4 * (512 * 512 + 512)
    feed_forward = 512 * 2048 + 2048 + 2048 * 512 + 512
    norm = 2 * 512
    encoder_layer = attention + feed_forward + 2 * norm
    decoder_layer = 2 * attention + feed_forward + 3 * norm
    assert model.count_params() == 100 * 512 + 6 * (encoder_layer + decoder_layer)


def test_sequences_longer_than_the_learned_positions_are_survived():
    model = TransformerSeq2Seq(
        VOCABULARY, num_layers=1, d_model=8, num_heads=2, feed_forward_dim=12, positions="learned", max_length=3
    )
    assert np.isfinite(model(INPUTS)).all()


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match=r"`positions` to be one of .*'rotary'.*Received: positions='none'"):
        TransformerSeq2Seq(VOCABULARY, positions="none")
    with pytest.raises(ValueError, match=r"`num_heads` to divide `d_model`.*d_model=10, num_heads=4"):
        TransformerSeq2Seq(VOCABULARY, d_model=10, num_heads=4)
    with pytest.raises(ValueError, match=r"`activation` to be one of .*Received: activation='tanh'"):
        TransformerSeq2Seq(VOCABULARY, activation="tanh")
