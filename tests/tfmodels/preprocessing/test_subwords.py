import unicodedata

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tfmodels import preprocessing
from tfmodels.token_ids import END, PAD, UNK

LEARNT = ["one two", "three four five", "a year like 2024", "2024 was a leap year", "12\u202f345,67\u00a0€ for three"]
# Texts that decoding restores: without leading spaces and the symbol that stands for a space.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="▁"), max_size=50).map(
    lambda text: text.lstrip(" ")
)
ENOUGH = 1_000  # tokens for any of these texts


@pytest.fixture(scope="module")
def subwords(tmp_path_factory):
    path = tmp_path_factory.mktemp("subwords") / "subwords.model"
    preprocessing.train_subwords(LEARNT * 20, path, 320)
    return preprocessing.Subwords(path.read_bytes())


def texts_of(tensor):
    return [text.decode() for text in tensor.numpy().tolist()]


@given(st.lists(TEXT, min_size=1, max_size=5))
@example(["two  blanks ", "\ttab\t", "no-break\u00a0space", "½ ﬁ ² ｆｕｌｌ", "e\u0301 é", "12.345,67", ""])
@example(["line\nbreak", "carriage\rreturn", "nul\x00", "\x00", "\ufeffmark", "\u2028", "語🙂👩‍👩‍👧", "\ufffd"])
@example(["<pad><unk><s></s>", "</s>", "<0x41>", "⁇"])
def test_text_is_restored(subwords, texts):
    ids = subwords.ids(tf.constant(texts), ENOUGH)
    assert texts_of(subwords.text(ids)) == [unicodedata.normalize("NFC", text) for text in texts]
    assert UNK not in ids.numpy()


def test_leading_spaces_and_the_symbol_of_a_space_are_not_restored(subwords):
    ids = subwords.ids(tf.constant(["  two", "   ", "one▁two"]), ENOUGH)
    assert texts_of(subwords.text(ids)) == ["two", "", "one two"]


@settings(deadline=None, max_examples=20)
@given(st.lists(TEXT, min_size=1, max_size=5), st.integers(1, 8))
@example(["", "one two three four five", "語"], 4)
def test_a_row_is_the_start_of_its_text_then_one_end_then_padding(subwords, texts, max_length):
    ids = subwords.ids(tf.constant(texts), max_length)
    assert ids.dtype == tf.int32
    for row, text in zip(ids.numpy(), texts, strict=True):
        whole = subwords.ids(tf.constant([text]), ENOUGH).numpy()[0]
        length = min(len(whole), max_length)
        expected = [*whole[: length - 1], END, *[PAD] * (len(row) - length)]
        assert row.tolist() == expected
    lengths = np.count_nonzero(ids.numpy(), axis=1)
    assert ids.shape[1] == max(lengths)
    assert subwords.ragged_ids(tf.constant(texts), max_length).row_lengths().numpy().tolist() == lengths.tolist()


def test_the_empty_text_is_one_token(subwords):
    assert subwords.ids(tf.constant([""]), ENOUGH).numpy().tolist() == [[END]]


def test_no_rows(subwords):
    ids = subwords.ids(tf.zeros([0], tf.string), ENOUGH)
    assert ids.shape == (0, 0)
    assert subwords.text(ids).shape == (0,)
    assert subwords.pieces(ids).shape == (0, 0)


def test_each_digit_is_a_piece(subwords):
    pieces = texts_of(subwords.pieces(subwords.ids(tf.constant(["2024 2024"]), ENOUGH))[0])
    assert pieces == ["▁", "2", "0", "2", "4", "▁", "2", "0", "2", "4", "</s>"]


@given(st.lists(st.binary(max_size=30), min_size=1, max_size=5))
@example([b"\xff\xfe", b"ab\xe2\x82", b"\xed\xa0\x80", b"\xc0\x80"])
def test_bad_utf8_gives_valid_utf8(subwords, texts):
    ids = subwords.ids(tf.constant(texts), ENOUGH)
    assert all(text.decode() is not None for text in subwords.text(ids).numpy())


def test_invalid_utf8_is_replaced_and_the_rest_kept(subwords):
    ids = subwords.ids(tf.constant([b"one \xff two"]), ENOUGH)
    assert texts_of(subwords.text(ids)) == ["one \ufffd two"]


@given(st.data())
def test_any_ids_give_valid_utf8(subwords, data):
    row = st.lists(st.integers(0, subwords.size - 1), min_size=6, max_size=6)
    ids = tf.constant(data.draw(st.lists(row, min_size=1, max_size=3)))
    assert len(texts_of(subwords.text(ids))) == len(ids)
    pieces = subwords.pieces(ids)
    assert pieces.shape == ids.shape
    assert all(piece.decode() is not None for piece in pieces.numpy().ravel())


def test_pieces_of_the_special_ids(subwords):
    assert texts_of(subwords.pieces(tf.constant([0, 1, 2, 3]))) == ["", "<unk>", "<s>", "</s>"]


def test_padding_start_and_end_decode_to_nothing(subwords):
    ids = subwords.ids(tf.constant(["one two"]), ENOUGH)
    around = tf.concat([[[2]], ids, [[0, 0]]], axis=1)
    assert texts_of(subwords.text(around)) == ["one two"]


def test_pieces_spell_the_text(subwords):
    texts = ["one two", "like three"]
    pieces = subwords.pieces(subwords.ids(tf.constant(texts), ENOUGH))
    spelt = tf.strings.reduce_join(tf.where(pieces == "</s>", "", pieces), axis=1)
    assert texts_of(spelt) == [f"▁{text}".replace(" ", "▁") for text in texts]


def test_graph_and_data_pipeline_as_eagerly(subwords):
    texts = tf.constant(["one two", "", "語 12", "three four five"])
    expected = subwords.ids(texts, 6)
    traced = tf.function(subwords.ids, input_signature=[tf.TensorSpec([None], tf.string), tf.TensorSpec([], tf.int32)])
    pipeline = tf.data.Dataset.from_tensors(texts).map(lambda texts: subwords.ids(texts, 6))
    assert traced(texts, 6).numpy().tolist() == expected.numpy().tolist()
    assert next(pipeline.as_numpy_iterator()).tolist() == expected.numpy().tolist()
    backwards = tf.function(subwords.text)(expected)
    assert backwards.numpy().tolist() == subwords.text(expected).numpy().tolist()


def test_size_counts_the_ids(subwords):
    pieces = texts_of(subwords.pieces(tf.range(subwords.size)))
    assert len(set(pieces)) == subwords.size


def test_the_offsets_of_a_long_text_do_not_copy_it_for_each_token(subwords):
    text = "one  two " * 20_000  # each of so many copies would have 180 kB
    starts, ends = (side.numpy()[0] for side in subwords.offsets(tf.constant([text]), 65_536))
    assert len(starts) == len(ends) and starts[-1] == ends[-1] == len(text)
    pieces = {text[start:end] for start, end in zip(starts[:-1], ends[:-1], strict=True)}
    assert "".join(sorted(pieces)) and not any(piece.startswith(" ") for piece in pieces)
    assert (starts[1:-1] >= ends[:-2]).all()
