import numpy as np
import pytest
import tensorflow as tf

from pipelines.text.inputs import FlatInputs, SentenceInputs
from tfmodels import preprocessing

TEXTS = ["A dog. It runs far away from it! yes", "no.", "", "one two three four five six. seven? eight"]


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    path = tmp_path_factory.mktemp("words") / "words.json"
    preprocessing.Words.train(TEXTS * 2, path, 100, lower_case=True)
    return preprocessing.Words(path.read_bytes())


@pytest.fixture(params=["flat", "sentences"])
def inputs(request, words):
    if request.param == "flat":
        return FlatInputs(words, max_length=10)
    return SentenceInputs(preprocessing.Sentences(words, max_sentences=5, max_words=4), max_length=10)


def test_stored_rows_are_restored_as_ids(inputs):
    ids = inputs.ids(tf.constant(TEXTS)).numpy()
    restored = inputs.restored(inputs.stored(tf.constant(TEXTS)).to_tensor(0).numpy())
    assert all(size >= least for size, least in zip(restored.shape, ids.shape, strict=True))
    np.testing.assert_array_equal(restored[tuple(slice(size) for size in ids.shape)], ids)
    assert np.count_nonzero(restored) == np.count_nonzero(ids)


def test_no_stored_row_is_empty(inputs):
    assert (inputs.stored(tf.constant(TEXTS)).row_lengths().numpy() > 0).all()


def test_flat_values_are_those_of_the_tokens(inputs):
    ids = inputs.ids(tf.constant(TEXTS))
    pieces = inputs.flat(ids, inputs.tokens.pieces(ids)).numpy()
    assert pieces.shape == (4, 10)
    assert pieces[0, :5].tolist() == [b"a", b"dog", b".", b"it", b"runs"]
    starts, ends = (inputs.flat(ids, side).numpy() for side in inputs.offsets(tf.constant(TEXTS)))
    spelt = [TEXTS[0][start:end].lower() for start, end in zip(starts[0, :5], ends[0, :5], strict=True)]
    assert spelt == ["a", "dog", ".", "it", "runs"]


@pytest.mark.parametrize("texts", [[""], []])
def test_nothing_is_read_from_nothing(inputs, texts):
    texts = tf.constant(texts, tf.string)
    ids = inputs.ids(texts)
    assert inputs.flat(ids, ids).shape == (texts.shape[0], 10)
    assert inputs.flat(ids, inputs.offsets(texts)[0]).shape == (texts.shape[0], 10)
