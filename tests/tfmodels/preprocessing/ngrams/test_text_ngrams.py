import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from tfmodels.preprocessing import hashed_ngrams, spelt_ngrams

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def numbers(texts, **options):
    """For each text the hashes of its n-grams of words and of characters."""
    kinds = hashed_ngrams(tf.constant(texts, tf.string), **options)
    return [[kind[row][kind[row] >= 0].numpy().tolist() for kind in kinds] for row in range(len(texts))]


def test_ngrams_of_words_and_characters():
    words, characters = spelt_ngrams("A dog, a")
    assert words == ["a", "dog", ",", "a", "a dog", "dog ,", ", a", "a dog ,", "dog , a"]
    assert {" a", "a ", " d", "do", "og", " dog", "dog ", " dog ", " , "} <= {*characters}
    assert all(2 <= len(ngram) <= 5 for ngram in characters)


@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_each_ngram_has_a_hash_of_its_own_alone_and_in_a_batch(texts):
    batch = numbers(texts)
    for text, found in zip(texts, batch, strict=True):
        assert numbers([text])[0] == found
        for spelt, hashes in zip(spelt_ngrams(text), found, strict=True):
            assert len(spelt) == len(hashes)
            assert len({*zip(spelt, hashes, strict=True)}) == len({*spelt}) == len({*hashes})


def test_any_bytes_are_survived():
    found = numbers([b"\xff\xfe a \xc3", b"a\x00b", b"", b"  "])
    assert found[1] == numbers(["a b"])[0]
    assert found[2] == found[3] == [[], []]
    assert numbers(["a"])[0][0][0] in found[0][0]
    assert hashed_ngrams(tf.constant([], tf.string))[0].shape[0] == 0


def test_long_texts_are_cut_and_characters_composed():
    assert numbers(["word " * 10_000]) == numbers(["word " * 4_000])
    assert numbers(["Cafe\u0301"]) == numbers(["caf\u00e9"])
    assert numbers(["cafe\u0301"], normalize=False) != numbers(["caf\u00e9"], normalize=False)


@pytest.mark.parametrize("texts", [["ab", "ba"], ["a b", "b a"], ["ab", "a b"]])
def test_other_ngrams_have_other_hashes(texts):
    one, other = numbers(texts)
    assert one != other
    assert np.max(one[1]) < 2**31 - 1
