import random
from collections import Counter
from functools import partial

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from tfmodels import preprocessing
from tfmodels.preprocessing import SubwordLattice

SYLLABLES = ["nor", "th", "sou", "ea", "st", "west", "er", "n", "ly", "2", "0"]
choose = random.Random(1)
WORDS = ["".join(choose.choices(SYLLABLES, k=choose.randint(1, 4))) for _ in range(100)]
LEARNT = [" ".join(choose.choices(WORDS, k=4)) for _ in range(200)]
HARD = ["  two  blanks ", "", " ", "a▁b", "line\nbreak", "nul\x00", "語🙂 x", "</s>", "\ufeff", "\u2028", "x" * 3_000]
TEXT = st.text(st.characters(exclude_categories=["Cs"])) | st.lists(st.sampled_from(WORDS)).map(" ".join)

# Ids 0 to 3 are reserved; the next are two bytes; then pieces with probabilities that are easy to multiply.
PIECES = [None] * 6 + ["▁", "a", "b", "▁a", "ab", "▁ab"]
SCORES = [0.0] * 6 + np.log([0.5, 0.25, 0.125, 0.25, 0.5, 0.0625]).tolist()
ALL = {(11,): 1 / 16, (6, 10): 1 / 4, (9, 8): 1 / 32, (6, 7, 8): 1 / 64}  # "▁ab", and their probabilities


def numbers(seed):
    return np.random.default_rng(seed).random


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("subwords") / "subwords.model"
    preprocessing.train_subwords(LEARNT, path, 360)
    return path


@pytest.fixture(scope="module")
def subwords(model):
    return preprocessing.Subwords(model.read_bytes())


@pytest.fixture(scope="module")
def lattices(model):
    return {alpha: SubwordLattice.read(model, alpha) for alpha in (0.1, 1e4)}


def best(subwords, texts):
    return [ids[:-1] for ids in subwords.ragged_ids(tf.constant(texts), 10_000).to_list()]


def text_of(subwords, rows):
    return [subwords.text(tf.constant([ids], tf.int32)).numpy()[0].decode() if ids else "" for ids in rows]


@settings(deadline=None, max_examples=15)
@given(texts=st.lists(TEXT, min_size=1, max_size=8), seed=st.integers(0, 3))
def test_a_draw_is_a_segmentation_of_the_text(lattices, subwords, texts, seed):
    rows = best(subwords, [*texts, *HARD])
    drawn = [lattices[0.1].draw(ids, numbers(seed)) for ids in rows]
    assert text_of(subwords, drawn) == text_of(subwords, rows)
    again = [lattices[0.1].draw(ids, numbers(seed)) for ids in drawn]  # of any segmentation, not only the best
    assert again == drawn


def test_with_a_high_exponent_it_is_the_segmentation_of_the_served_graph(lattices, subwords):
    rows = best(subwords, [*LEARNT, *HARD[:-1]])
    assert [lattices[1e4].draw(ids, numbers(0)) for ids in rows] == rows


@pytest.mark.parametrize("alpha", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("given_as", ALL)
def test_frequencies_are_those_of_all_segmentations(alpha, given_as):
    draw = partial(SubwordLattice(PIECES, SCORES, alpha).draw, list(given_as), numbers(1))
    counts = Counter(tuple(draw()) for _ in range(4_000))
    assert counts.keys() == ALL.keys()
    weights = np.array([probability**alpha for probability in ALL.values()])
    found = np.array([counts[one] for one in ALL]) / 4_000
    np.testing.assert_allclose(found, weights / weights.sum(), atol=0.03)


def test_words_are_drawn_by_themselves_and_bytes_stay():
    lattice, random_numbers = SubwordLattice(PIECES, SCORES, 0.0), numbers(2)
    pairs = Counter()
    for _ in range(2_000):
        ids = lattice.draw([11, 4, 5, 11], random_numbers)
        place = ids.index(4)
        assert ids[place : place + 2] == [4, 5]
        pairs[tuple(ids[:place]), tuple(ids[place + 2 :])] += 1
    assert len(pairs) == len(ALL) ** 2


def test_nothing_to_choose_takes_no_number():
    def none():
        raise AssertionError

    assert SubwordLattice(PIECES, SCORES, 0.1).draw([6, 4, 8], none) == [6, 4, 8]


def test_a_broken_model_is_refused(tmp_path):
    (tmp_path / "model").write_bytes(b"no model")
    with pytest.raises(ValueError, match=r"Expected a SentencePiece model in .*model"):
        SubwordLattice.read(tmp_path / "model", 0.1)
