import pytest
import tensorflow as tf
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tfmodels import preprocessing

TEXT = st.text(st.sampled_from("ab .!?\n\"'語。é\x00"), max_size=40)


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    path = tmp_path_factory.mktemp("words") / "words.json"
    preprocessing.Words.train(["a dog . it runs ! no end one two three"], path, 50, lower_case=True, min_count=1)
    return preprocessing.Words(path.read_bytes())


def split(text):
    return [part.decode(errors="replace") for part in preprocessing.Sentences.split(tf.constant([text]))[0].numpy()[0]]


def test_sentences():
    text = 'A dog. It "runs!" Does it?! (Yes.) 3.5 is ok\n\nA title\nline… end'
    parts = ["A dog. ", 'It "runs!" ', "Does it?! ", "(Yes.) ", "3.5 is ok\n\n", "A title\n", "line… ", "end"]
    assert split(text) == parts
    assert split("语。好！end") == ["语。", "好！", "end"]
    assert split("") == []
    assert split(b"one \xff two. three") == ["one \ufffd", " two. ", "three"]


@given(TEXT)
@example("..")
@example(" \n ")
def test_nothing_is_lost(text):
    parts, starts, ends = (ragged.numpy()[0] for ragged in preprocessing.Sentences.split(tf.constant([text])))
    assert "".join(part.decode() for part in parts) == text.replace("\x00", " ")
    assert [0, *ends.tolist()] == [*starts.tolist(), len(text.encode())]


@settings(deadline=None, max_examples=10)
@given(st.lists(TEXT, min_size=1, max_size=3), st.integers(1, 4))
@example(["a b. a b a b a b", "", "a"], 3)
def test_all_tokens_are_kept_in_order(words, texts, max_words):
    sentences = preprocessing.Sentences(words, 1_000, max_words)
    texts = tf.constant(texts)
    ids, (starts, ends) = sentences.ids(texts), sentences.offsets(texts)
    assert ids.shape == starts.shape == ends.shape
    assert ids.shape[2] <= max_words
    tokens, first, behind = words.tokenize_with_offsets(texts)
    for row in range(len(texts)):
        real = ids[row].numpy() != 0
        assert ids[row].numpy()[real].tolist() == tokens[row].numpy().tolist()
        assert starts[row].numpy()[real].tolist() == first[row].numpy().tolist()
        assert ends[row].numpy()[real].tolist() == behind[row].numpy().tolist()
        lengths = real.sum(axis=1)
        assert (lengths[: real.any(axis=1).sum()] > 0).all(), "empty sentences come last"


def test_limits(words):
    sentences = preprocessing.Sentences(words, max_sentences=3, max_words=2)
    pieces = sentences.pieces(sentences.ids(tf.constant(["a dog. it runs! no end", "one two three"])))
    found = [[b" ".join(row).decode().strip() for row in text] for text in pieces.numpy().tolist()]
    assert found == [["a dog", ".", "it runs"], ["one two", "three", ""]]


def test_of_a_long_text_only_the_start_is_split(words, monkeypatch):
    def watched(texts):
        seen.append(int(tf.reduce_max(tf.strings.length(texts))))
        return split_texts(texts)

    seen, split_texts = [], preprocessing.Sentences.split
    sentences = preprocessing.Sentences(words, 2, 3)
    monkeypatch.setattr(sentences, "split", watched)
    assert sentences.ids(tf.constant(["It runs. " * 20_000])).shape == (1, 2, 3)
    assert seen == [2 * 3 * 4096]


def test_a_text_without_tokens_is_padding(words):
    sentences = preprocessing.Sentences(words, 3, 2)
    assert sentences.ids(tf.constant(["", "a", " "])).numpy().tolist() == [[[0]], [[words.ids(["a"], 2)[0, 0]]], [[0]]]
    assert sentences.ids(tf.constant([""])).shape == (1, 0, 0)
    assert sentences.ids(tf.zeros([0], tf.string)).shape == (0, 0, 0)


def test_wrong_limits_are_refused(words):
    with pytest.raises(ValueError, match=r"`max_words` to be at least 1. Received: max_words=0"):
        preprocessing.Sentences(words, 3, 0)
