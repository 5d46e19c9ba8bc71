from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from tfmodels.layers.heads.span_head import NO_SPAN
from tfmodels.models import LSTMReader, LSTMReaderOptions, TransformerReader, TransformerReaderOptions
from tfmodels.token_ids import END

LENGTH, VOCABULARY = 3, 30
TRANSFORMER = TransformerReaderOptions(num_layers=1, d_model=8, num_heads=2, feed_forward_dim=12, dropout=0.0)
CASES = {
    "lstm": (LSTMReader, LSTMReaderOptions(num_layers=2, d_model=8, dropout=0.0)),
    "transformer": (TransformerReader, TRANSFORMER),
    "transformer_rotary": (TransformerReader, replace(TRANSFORMER, positions="rotary", convolution=0)),
}


@pytest.fixture(params=CASES)
def reader(request):
    family, options = CASES[request.param]
    reader = family(VOCABULARY, options, max_answer_length=LENGTH, window=8, overlap=4)
    reader.build()
    random = np.random.default_rng(0)
    for weight in reader.trainable_weights:
        weight.assign(random.normal(0, 0.3, weight.shape))
    return reader


def texts(*lengths):
    random = np.random.default_rng(1)
    rows = np.zeros([len(lengths), max(lengths)], "int32")
    for row, length in zip(rows, lengths, strict=True):
        row[:length] = [*random.integers(4, VOCABULARY, length - 1), END]
    return tf.constant(rows)


def spans(logits):
    return logits[:, 1:].numpy().reshape(len(logits), -1, LENGTH)


def test_a_row_alone_is_a_row_in_a_batch_however_many_windows_it_has(reader):
    question, context = texts(3, 5, 2), texts(21, 6, 13)
    together = reader({"question": question, "context": context})
    for row, (asked, read) in enumerate([(3, 21), (5, 6), (2, 13)]):
        alone = reader({"question": question[row : row + 1, :asked], "context": context[row : row + 1, :read]})
        np.testing.assert_allclose(together[row, 0], alone[0, 0], atol=1e-5)
        np.testing.assert_allclose(spans(together)[row, :read], spans(alone)[0], rtol=1e-5, atol=1e-5)
        assert (spans(together)[row, read - 1 :] == NO_SPAN).all()


def test_windows_in_turn_are_all_windows_at_once(reader, monkeypatch):
    monkeypatch.setattr("tfmodels.models.readers.reader._AT_ONCE", 2)
    inputs = {"question": texts(3, 5, 2), "context": texts(21, 6, 13)}
    in_turn, maps = reader(inputs, intermediates=True)
    at_once, others = reader(inputs, intermediates=True, training=True)
    np.testing.assert_allclose(in_turn, at_once, atol=1e-5)
    np.testing.assert_allclose(maps["coattention"][0], others["coattention"][0], atol=1e-5)


def test_no_span_reaches_the_end_of_the_text_or_beyond(reader):
    logits = spans(reader({"question": texts(3), "context": texts(6)}))[0]
    reached = np.arange(6)[:, np.newaxis] + np.arange(LENGTH)
    assert ((logits == NO_SPAN) == (reached >= 5)).all()  # the sixth token is </s>


def test_a_text_without_tokens_has_no_answer(reader):
    logits = reader({"question": texts(3, 1), "context": tf.constant([[END, 0], [END, 0]])})
    assert np.isfinite(logits).all()
    assert (logits.numpy().argmax(axis=1) == 0).all()


def test_attention_is_of_the_tokens_of_the_question(reader):
    question = texts(5, 3)
    _, maps = reader({"question": question, "context": texts(12, 4)}, intermediates=True)
    weights = maps["coattention"].numpy()
    np.testing.assert_allclose(weights[0].sum(axis=-1), 1, atol=1e-5)
    assert (weights[1, :4, 3:] == 0).all()


def test_tokens_that_count_as_the_same_match_the_question(reader):
    question, context = tf.constant([[5, END]]), tf.constant([[6, 7, 8, END]])
    before = reader({"question": question, "context": context})
    folded = np.arange(VOCABULARY)
    folded[6] = 5
    reader.folded.assign(folded)
    after = reader({"question": question, "context": context})
    assert np.abs(after - before).max() > 1e-3


def test_an_overlap_that_cuts_answers_is_refused():
    with pytest.raises(ValueError, match=r"overlap above half of the longest answer.* Received: overlap=8, window=8"):
        LSTMReader(VOCABULARY, max_answer_length=3, window=8, overlap=8)
