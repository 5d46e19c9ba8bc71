"""Texts in composed and decomposed form: all tokenizers give the same tokens, at the same places."""

import unicodedata

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tfmodels import preprocessing
from tfmodels.preprocessing.unicode_form import composed, composed_with_places
from tfmodels.token_ids import UNK

LEARNT = ["Élan, café à gogo!", "한국어 Ångström Việt", "élan café 한국어 Việt. à bientôt"] * 7
LETTERS = st.sampled_from("aeéAÅệ한ü.! \n\u0301\u0323語🙂\x00\u2000")
ENOUGH = 1_000


@pytest.fixture(scope="module")
def tokenizers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vocabularies")
    decomposed = [unicodedata.normalize("NFD", text) for text in LEARNT]
    preprocessing.Words.train(decomposed, folder / "Words", 50, lower_case=True)
    preprocessing.Characters.train(decomposed, folder / "Characters", 60)
    preprocessing.train_subwords(decomposed, folder / "Subwords", 310)
    words = preprocessing.Words((folder / "Words").read_bytes())
    return {
        "words": words,
        "characters": preprocessing.Characters((folder / "Characters").read_bytes()),
        "subwords": preprocessing.Subwords((folder / "Subwords").read_bytes()),
    }


@given(st.text(st.characters(exclude_categories=["Cs", "Cn", "Co"]), max_size=20))
@example("e\u0323\u0301 한\u1100\u1161")
def test_the_graph_composes_as_python_does(text):
    assert composed(tf.constant([text])).numpy()[0].decode() == unicodedata.normalize("NFC", text)


@settings(deadline=None, max_examples=10)
@given(st.lists(st.text(LETTERS, max_size=20), min_size=1, max_size=4))
@example(["Élan! Việt à", "", "한국어 語"])
def test_both_forms_are_the_same_tokens(tokenizers, texts):
    forms = [tf.constant([unicodedata.normalize(form, text) for text in texts]) for form in ("NFC", "NFD")]
    for tokenizer in tokenizers.values():
        one, other = (tokenizer.ids(form, ENOUGH).numpy().tolist() for form in forms)
        assert one == other
    sentences = preprocessing.Sentences(tokenizers["words"], 9, 9)
    one, other = (sentences.ids(form).numpy().tolist() for form in forms)
    assert one == other


def test_decomposed_words_are_learnt_composed(tokenizers):
    assert {"élan", "café", "việt", "한국어"} <= set(tokenizers["words"].vocabulary())
    assert UNK not in tokenizers["words"].ids(tf.constant(["E\u0301lan cafe\u0301"]), 9).numpy()


def test_offsets_are_those_of_the_text_as_it_came(tokenizers):
    text = unicodedata.normalize("NFD", "Élan, café 한국어 à!")
    for name, expected in {
        "words": ["Élan", ",", "café", "한국어", "à", "!"],
        "characters": list("Élan, café 한국어 à!"),
    }.items():
        _, starts, ends = tokenizers[name].tokenize_with_offsets(tf.constant(["", text]))
        spelt = [text.encode()[start:end].decode() for start, end in zip(starts[1], ends[1], strict=True)]
        assert [unicodedata.normalize("NFC", part) for part in spelt] == expected
    _, starts, ends = tokenizers["subwords"].tokenize_with_offsets(tf.constant([text]))
    spelt = b"".join(text.encode()[start:end] for start, end in zip(starts[0], ends[0], strict=True))
    assert spelt == text.replace(" ", "").encode()


@settings(deadline=None, max_examples=20)
@given(st.lists(st.one_of(st.binary(max_size=12), st.text(LETTERS, max_size=9).map(str.encode)), max_size=4))
@example([b"e\xcc\x81\xffe\xcc\x81", b"\xcc", b""])
@example([])
def test_places_increase_and_bad_bytes_stay(texts):
    text, place = composed_with_places(tf.constant(texts, tf.string))
    assert text.numpy().tolist() == composed(tf.constant(texts, tf.string)).numpy().tolist()
    lengths = [len(one) for one in text.numpy()]
    values = np.concatenate([[], *(range(length + 1) for length in lengths)])
    offsets = tf.RaggedTensor.from_row_lengths(values, [length + 1 for length in lengths])
    for found, one in zip(place(tf.cast(offsets, tf.int32)).to_list(), texts, strict=True):
        assert found == sorted(found)
        assert (found[0], found[-1]) == (0, len(one))


def test_without_normalisation_forms_differ(tokenizers, tmp_path):
    preprocessing.Words.train(LEARNT, tmp_path / "words", 50, normalize=False)
    words = preprocessing.Words((tmp_path / "words").read_bytes(), normalize=False)
    assert words.ids(tf.constant(["café"]), 9).numpy()[0, 0] != UNK
    assert words.ids(tf.constant(["cafe\u0301"]), 9).numpy()[0, 0] == UNK


def test_word_vectors_are_found_in_either_form(tmp_path):
    (tmp_path / "vectors.txt").write_text("cafe\u0301 1 2\n")
    found = preprocessing.WordVectors(tmp_path / "vectors.txt", 2).find(["caf\u00e9"])
    assert found["caf\u00e9"].tolist() == [1, 2]
