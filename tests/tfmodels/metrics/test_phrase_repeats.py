import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfmodels.metrics import repeated_phrase, repeated_phrases


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("ein hund auf einem log auf einem log .", "auf einem log"),
        ("der der hund", "der"),
        ("The the end", "The"),
        ("a b c, a b c, d", "a b c,"),
        ("one two one two one two", "one two"),  # not the pair of pairs
        ("a b b a b b", "b"),  # the shortest
        ("1 apple 1 apple", "1 apple"),
        ("東京タワー東京タワー", "東京タワー"),
        ("don't don't", "don't"),
    ],
)
def test_a_phrase_that_follows_itself_is_found(text, phrase):
    assert repeated_phrase(text) == phrase


@pytest.mark.parametrize(
    "text",
    [
        *("", "a", "in the, in the", "a b a", "12 12", "100", "- - -", "...", "haha", "word words", "so-so"),
        *("人人", "研究研究", "谢谢", "ก็ก็"),  # reduplication is grammar there
    ],
)
def test_what_is_no_repeated_phrase(text):
    assert repeated_phrase(text) == ""


@given(st.lists(st.sampled_from(["ab", "b", "ä", "x1"]), max_size=9))
def test_it_finds_what_a_regular_expression_with_a_reference_finds(words):
    text = " ".join(words)
    expected = re.search(r"(?<!\S)(\S+(?: \S+)*) \1(?!\S)", text)
    found = repeated_phrase(text)
    assert bool(found) == bool(expected)
    assert f" {found} {found} " in f" {text} " or not found


def test_the_share_of_texts():
    assert repeated_phrases(["a a", "b", "a b a b", "c"]) == 50.0
