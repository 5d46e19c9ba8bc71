from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from tfmodels.export.checks.forbidden_ops import forbidden_ops
from tfmodels.export.graph.meta_graph import read_meta_graph
from tfmodels.export.graph.reached_ops import ReachedOps
from tfmodels.models import (
    HierarchicalClassifier,
    LSTMClassifier,
    LSTMOptions,
    TransformerClassifier,
    TransformerClassifierOptions,
)
from tfmodels.token_ids import END, PAD

VOCABULARY, CLASSES, HEADS = 17, 3, 2
SMALL = TransformerClassifierOptions(num_layers=2, d_model=8, num_heads=HEADS, feed_forward_dim=12)
NO_DROPOUT = replace(SMALL, dropout=0.0)
LSTM = LSTMOptions(num_layers=2, d_model=8, num_heads=HEADS)
DROP = replace(LSTM, dropout=0.3, attention_dropout=0.3, recurrent_dropout=0.3, weight_drop=0.3)
CASES = {
    "transformer": (TransformerClassifier, SMALL, {}),
    "transformer_learned": (
        TransformerClassifier,
        replace(SMALL, positions="learned", norm_first=False, attention="multi_head"),
        {"max_length": 5},
    ),
    "transformer_rotary": (TransformerClassifier, replace(SMALL, positions="rotary", activation="swiglu"), {}),
    "lstm": (LSTMClassifier, DROP, {"word_dropout": 0.3}),
    "lstm_dot": (LSTMClassifier, replace(LSTM, attention="dot", layer_norm=True), {"ngrams": 2}),
    "hierarchical": (HierarchicalClassifier, DROP, {"embedding_dropout": 0.3}),
    "hierarchical_multi_head": (
        HierarchicalClassifier,
        replace(LSTM, attention="multi_head"),
        {"ngrams": 3, "spelling": True},
    ),
}
IDS = np.array([[5, 9, 4, 7, 8, END], [8, 6, END, PAD, PAD, PAD], [PAD] * 6], "int32")
DOCUMENTS = np.array(
    [
        [[5, 9, 4, END], [PAD] * 4, [12, 16, 11, 10]],
        [[8, 6, END, PAD], [5, 4, PAD, PAD], [PAD] * 4],
        [[PAD] * 4] * 3,
    ],
    "int32",
)


def make_model(case, **kwargs):
    family, options, arguments = CASES[case]
    model = family(VOCABULARY, CLASSES, options, **arguments, **kwargs)
    model.build()
    random = np.random.default_rng(0)
    for weight in model.trainable_weights:
        weight.assign(random.normal(scale=0.4, size=weight.shape))
    if model.spelling is not None:
        model.spelling.spellings.assign(np.arange(VOCABULARY)[:, np.newaxis] * range(model.spelling.width))
    return model


def ids_for(model):
    return DOCUMENTS if isinstance(model, HierarchicalClassifier) else IDS


@pytest.fixture(scope="module", params=CASES)
def model(request):
    return make_model(request.param)


@pytest.fixture(scope="module")
def ids(model):
    return ids_for(model)


@pytest.fixture(scope="module")
def whole(model, ids):
    return model(ids).numpy()


ONE_OF_EACH = pytest.mark.parametrize("model", ["transformer", "lstm", "hierarchical"], indirect=True, scope="module")


def assert_close(actual, expected):
    np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=1e-5)


@settings(max_examples=4, deadline=None)
@given(row=st.integers(0, 2), more=st.integers(0, 4), more_sentences=st.integers(0, 2))
def test_a_row_alone_is_the_row_in_any_batch(model, ids, whole, row, more, more_sentences):
    padding = [[0, 1], [0, more_sentences], [0, more]] if ids.ndim == 3 else [[0, 1], [0, more]]
    together = model(np.pad(ids, padding))
    alone = ids[row : row + 1]
    alone = alone[..., : np.count_nonzero(alone.any(axis=tuple(range(alone.ndim - 1))))]
    assert_close(together[row], model(alone)[0])
    assert_close(together[row], whole[row])


def test_a_row_without_tokens_answers_with_the_bias(model, whole):
    share = 1 if model.ngrams is None else 1 / 2  # n-grams that are not there say nothing
    bias = share * model.logits.bias.numpy()
    np.testing.assert_allclose(whole[2], bias, rtol=1e-6)
    nothing = np.zeros([2, *[0] * (ids_for(model).ndim - 1)], "int32")
    np.testing.assert_allclose(model(nothing), [bias] * 2, rtol=1e-6)


def test_empty_batch(model, ids):
    assert model(ids[:0]).shape == (0, CLASSES)


def test_every_token_and_their_order_change_the_answer(model, ids, whole):
    rows, *places = np.nonzero(ids)
    changed = ids[rows]
    changed[(np.arange(len(rows)), *places)] = 13
    assert np.abs(model(changed) - whole[rows]).max(axis=1).min() > 1e-5
    swapped = ids[..., [1, 0, *range(2, ids.shape[-1])]]
    assert np.abs(model(swapped) - whole)[:2].max(axis=1).min() > 1e-4


def test_empty_sentences_between_others_are_not_read():
    model = make_model("hierarchical")
    assert_close(model(DOCUMENTS[:1, [0, 2]]), model(DOCUMENTS[:1]))


def test_intermediates(model, ids, whole):
    logits, maps = model(ids, intermediates=True)
    np.testing.assert_array_equal(logits, whole)
    pooling = maps["pooling/attention"].numpy()
    heads = HEADS if model.get_config()["options"]["attention"] == "multi_head" else 1
    assert pooling.shape == (3, heads, *ids.shape[1:])
    tokens = tuple(range(2, pooling.ndim))
    np.testing.assert_allclose(pooling.sum(axis=tokens), np.tile([[1], [1], [0]], heads), rtol=1e-5)
    np.testing.assert_array_equal(pooling > 0, np.broadcast_to((ids != PAD)[:, np.newaxis], pooling.shape))
    others = {name: tuple(scores.shape) for name, scores in maps.items() if name != "pooling/attention"}
    expected = {"hierarchical": {"words/attention": (3, heads, 3, 4), "sentences/attention": (3, heads, 3)}}
    expected["transformer"] = {f"encoder/{i}/attention": (3, HEADS, 6, 6) for i in range(2)}
    family = "hierarchical" if ids.ndim == 3 else type(model).__name__.removesuffix("Classifier").lower()
    assert others == expected.get(family, {})


def test_weights_of_a_word_are_those_of_its_sentence_times_its_own():
    _, maps = make_model("hierarchical_multi_head")(DOCUMENTS, intermediates=True)
    words, sentences = maps["words/attention"].numpy(), maps["sentences/attention"].numpy()
    read = np.broadcast_to(DOCUMENTS.any(axis=2)[:, np.newaxis], sentences.shape)
    np.testing.assert_allclose(words.sum(axis=-1), read, rtol=1e-5)
    np.testing.assert_array_equal(sentences > 0, read)
    np.testing.assert_allclose(maps["pooling/attention"], words * sentences[..., np.newaxis])


def test_embed_then_classify_is_the_call(model, ids, whole):
    vectors = model.embed(ids)
    assert vectors.shape == (*ids.shape, 8 + (CLASSES if model.ngrams else 0))
    np.testing.assert_array_equal(model.classify(vectors, ids), whole)
    with tf.GradientTape() as tape:
        tape.watch(vectors)
        logits = model.classify(vectors, ids)
    gradient = tape.gradient(logits, vectors).numpy()
    np.testing.assert_array_equal(np.abs(gradient).max(axis=-1) > 0, ids != PAD)


def test_random_in_training_only(model, ids, whole):
    np.testing.assert_array_equal(model(ids, training=False), whole)
    assert np.any(model(ids, training=True) != model(ids, training=True))


def test_chunks_of_queries_are_the_whole():
    whole, chunked = (TransformerClassifier(VOCABULARY, CLASSES, replace(SMALL, query_chunk=chunk)) for chunk in (0, 4))
    for model in (whole, chunked):
        model.build()
    chunked.set_weights(whole.get_weights())
    logits, maps = chunked(IDS, intermediates=True)
    assert_close(logits, whole(IDS))
    assert maps.keys() == {"pooling/attention"}
    answer = tf.function(chunked, input_signature=[tf.TensorSpec([None, None], tf.int32)], autograph=False)
    assert answer(IDS[:0, :0]).shape == (0, CLASSES)  # as an export is asked
    assert_close(answer(IDS[2:, :0]), whole(IDS[2:, :0]))
    gradients = []
    for model in (whole, chunked):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(model(IDS) ** 2)
        gradients.append(tape.gradient(loss, [weight.value for weight in model.trainable_weights]))
    for one, other in zip(*gradients, strict=True):
        assert_close(tf.convert_to_tensor(other), tf.convert_to_tensor(one))


def test_words_are_dropped_in_training():
    model = make_model("hierarchical")
    kept = TransformerClassifier(VOCABULARY, CLASSES, NO_DROPOUT)
    dropping = TransformerClassifier(VOCABULARY, CLASSES, NO_DROPOUT, word_dropout=0.5)
    for one in (kept, dropping):
        one.build()
    np.testing.assert_array_equal(kept(IDS, training=True), kept(IDS))
    assert np.any(dropping(IDS, training=True) != dropping(IDS))
    np.testing.assert_allclose(model(DOCUMENTS, training=True)[2], model.logits.bias.numpy(), rtol=1e-6)


def test_the_answer_is_the_mean_of_network_and_ngrams_and_either_in_training():
    model = TransformerClassifier(VOCABULARY, CLASSES, NO_DROPOUT, ngrams=2, spelling=True)
    model.build()
    ids = np.repeat(IDS[:1], 400, axis=0)
    network = 2 * model(ids).numpy()  # the others say nothing yet
    model.ngrams.weight.assign(np.ones(model.ngrams.weight.shape))  # 6 words and 6 pairs
    model.spelling.weight.assign(np.ones(model.spelling.weight.shape))
    model.spelling.spellings.assign(np.ones(model.spelling.spellings.shape))  # 48 n-grams each
    linear = 10 * (12 + 6 * np.sqrt(48)) / np.sqrt(6)
    np.testing.assert_allclose(model(ids), (network + linear) / 2, rtol=1e-5)
    trained = model(ids, training=True).numpy()
    alone = np.isclose(trained[:, 0], linear)
    np.testing.assert_allclose(trained[alone], linear, rtol=1e-5)
    np.testing.assert_allclose(trained[~alone], network[~alone], rtol=1e-4, atol=1e-5)
    assert 0.4 < alone.mean() < 0.6


def test_gradient_reaches_every_weight(model, ids):
    weights = model.trainable_weights
    with tf.GradientTape() as tape:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(np.arange(3), model(ids))
    for weight, gradient in zip(weights, tape.gradient(loss, [weight.value for weight in weights]), strict=True):
        gradient = tf.convert_to_tensor(gradient)
        assert np.isfinite(gradient).all(), weight.path
        assert np.any(gradient) or weight.name == "key_bias", weight.path


def test_keras_file_and_config(model, ids, whole, tmp_path):
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.get_config() == model.get_config()
    np.testing.assert_array_equal(loaded(ids), whole)


@ONE_OF_EACH
def test_saved_model_holds_no_op_that_a_server_refuses(model, ids, whole, tmp_path):
    @tf.function(input_signature=[tf.TensorSpec([None] * ids.ndim, tf.int32, name="ids")], autograph=False)
    def serve(ids):
        logits, maps = model(ids, intermediates=True, training=False)
        return {"logits": logits, **{name.replace("/", "_"): scores for name, scores in maps.items()}}

    module = tf.Module()
    module.model = model
    tf.saved_model.save(module, tmp_path / "saved", {"serving_default": serve})
    assert not forbidden_ops(ReachedOps(read_meta_graph(tmp_path / "saved")))
    served = tf.saved_model.load(tmp_path / "saved").signatures["serving_default"]
    assert_close(served(ids=tf.constant(ids))["logits"], whole)
    assert_close(served(ids=tf.constant(ids[:1, :2]))["logits"], model(ids[:1, :2]))


@ONE_OF_EACH
def test_mixed_bfloat16_is_close_and_gives_float32(model, ids, whole):
    case = next(name for name, (family, *_) in CASES.items() if isinstance(model, family))
    mixed = make_model(case, dtype="mixed_bfloat16")
    logits = mixed(ids)
    assert logits.dtype == tf.float32
    assert {weight.dtype for weight in mixed.weights if "int" not in weight.dtype} == {"float32"}
    np.testing.assert_allclose(logits, whole, atol=0.3)
    assert mixed.classify(mixed.embed(ids), ids).dtype == tf.float32


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match=r"`classes` to be at least 1. Received: classes=0"):
        TransformerClassifier(VOCABULARY, 0)
    with pytest.raises(ValueError, match=r"`ngrams` of at least 1 with `spelling`. Received: ngrams=0"):
        LSTMClassifier(VOCABULARY, 2, spelling=True)
    with pytest.raises(ValueError, match=r"positions to be one of .*Received: positions='none'"):
        TransformerClassifierOptions(positions="none")
    with pytest.raises(ValueError, match=r"attention to be one of .*Received: attention='hard'"):
        LSTMOptions(attention="hard")
    with pytest.raises(ValueError, match=r"d_model to be even.*Received: d_model=7"):
        LSTMOptions(d_model=7)
