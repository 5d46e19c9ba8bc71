import numpy as np
import pytest
import tensorflow as tf

from tfmodels.models.readers.question_matches import COUNT, TokenTables, match_features
from tfmodels.token_ids import END, UNK

BUCKETS, VOCABULARY = 8, 12


@pytest.fixture(scope="module")
def tables():
    """Tokens 4 and 5 are the same but for capitals; 7 has half of the n-grams of 6; 9 is rare; 10 begins no word."""
    begins = np.ones(VOCABULARY, "int32")
    begins[10] = 0
    folded, spellings = np.arange(VOCABULARY, dtype="int32"), np.zeros([VOCABULARY, 3], "int32")
    folded[5] = 4
    spellings[6, :2], spellings[7, :1] = [1, 2], [1]
    rarity = np.full(VOCABULARY, 0.5, "float32")
    rarity[9] = 1
    return TokenTables(*map(tf.constant, (folded, spellings, begins, rarity)))


def features(tables, question, *contexts):
    width = max(map(len, contexts))
    ids = tf.constant([[*context, *[0] * (width - len(context))] for context in contexts])
    return match_features(ids, tf.constant([question] * len(contexts)), tables, BUCKETS).numpy()


def test_tokens_match_exactly_but_for_capitals_and_by_their_ngrams(tables):
    found = features(tables, [5, 7, END], [5, 4, 6, 8])[0, :, :4]
    np.testing.assert_allclose(found, [[1, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 0.5], [0, 0, 0, 0]])


def test_a_word_of_several_tokens_matches_as_a_whole(tables):
    word = features(tables, [8, 10, 3, END], [8, 8, 10, 10, END, 5, 10, 8, 10])[0, :, 2]
    np.testing.assert_array_equal(word, [0, 0, 0, 0, 0, 0, 0, 1, 1])
    alike = features(tables, [7, END], [6, 10, 7, 3])[0, :, 3]
    np.testing.assert_allclose(alike, [0.5, 0.5, 1, 0])


def test_what_is_unknown_or_ends_a_text_matches_nothing(tables):
    assert not features(tables, [UNK, END, 0], [UNK, 8, END])[0].any()


def test_matches_count_by_their_rarity_before_and_after_a_token(tables):
    found = features(tables, [9, 8], [9, 3, 3, 8, 3])[0]
    of_9, of_8 = 1 / 1.5, 0.5 / 1.5
    np.testing.assert_allclose(found[:, 4], [of_9, 0, 0, of_8, 0], rtol=1e-6)
    just_before, just_after = found[:, 5], found[:, 6]
    np.testing.assert_allclose(just_before, [0, of_9, of_9, 0, of_8], atol=1e-6)
    np.testing.assert_allclose(just_after, [0, of_8, of_8, 0, 0], atol=1e-6)
    np.testing.assert_allclose(found[:, -2:], [[1, 0]] * 5, atol=1e-6)  # all of the question is around each of them


def test_a_row_alone_is_a_row_in_a_batch(tables):
    contexts = [[9, 3, 4, 8, 6, 7], [8, 4]]
    together = features(tables, [9, 5, 7], *contexts)
    assert together.shape == (2, 6, COUNT)
    for row, context in zip(together, contexts, strict=True):
        np.testing.assert_allclose(row[: len(context)], features(tables, [9, 5, 7], context)[0], atol=1e-6)


@pytest.mark.parametrize("rows, time, asked", [(0, 3, 2), (2, 0, 2), (2, 3, 0)])
def test_nothing_matches_nothing(tables, rows, time, asked):
    ids, question = tf.zeros([rows, time], tf.int32), tf.zeros([rows, asked], tf.int32)
    found = match_features(ids, question, tables, BUCKETS)
    assert found.shape == (rows, time, COUNT) and not found.numpy().any()
