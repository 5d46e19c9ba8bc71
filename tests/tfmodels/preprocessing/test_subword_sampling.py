import random
from collections import Counter

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from tfmodels import preprocessing

SYLLABLES = ["nor", "th", "sou", "ea", "st", "west", "er", "n", "ly", "2", "0"]
choose = random.Random(1)
WORDS = ["".join(choose.choices(SYLLABLES, k=choose.randint(1, 4))) for _ in range(100)]
LEARNT = [" ".join(choose.choices(WORDS, k=4)) for _ in range(200)]
ENOUGH = 10_000


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("subwords") / "subwords.model"
    preprocessing.train_subwords(LEARNT, path, 360)
    return path


@pytest.fixture(scope="module")
def subwords(model):
    return preprocessing.Subwords(model.read_bytes())


def sample(texts, model, alpha=0.1, seed=1):
    return [ids.tolist() for ids in preprocessing.sample_subwords(texts, model, alpha, seed)]


def text_of(subwords, rows):
    return [subwords.text(tf.constant([ids], tf.int32)).numpy()[0].decode() if ids else "" for ids in rows]


def best(subwords, texts):
    return [ids[:-1] for ids in subwords.ragged_ids(tf.constant(texts), ENOUGH).to_list()]


TEXT = st.text(st.characters(exclude_categories=["Cs"])) | st.lists(st.sampled_from(WORDS)).map(" ".join)
HARD = ["  two  blanks ", "", " ", "a▁b", "line\nbreak", "nul\x00", "語🙂 x", "</s>", "\ufeff", "\u2028", "x" * 3_000]


@settings(deadline=None, max_examples=15)
@given(texts=st.lists(TEXT, min_size=1, max_size=8), seed=st.integers(0, 3))
def test_a_sample_is_a_segmentation_of_the_text(model, subwords, texts, seed):
    texts = [*texts, *HARD]
    assert text_of(subwords, sample(texts, model, seed=seed)) == text_of(subwords, best(subwords, texts))


def test_with_a_high_exponent_it_is_the_segmentation_of_the_served_graph(model, subwords):
    texts = [*LEARNT, *HARD[:-1]]
    assert sample(texts, model, alpha=1e4) == best(subwords, texts)


def test_the_same_seed_draws_the_same_and_another_seed_others(model):
    one, again, other = (sample(LEARNT, model, seed=seed) for seed in (1, 1, 2))
    assert one == again
    assert one != other


def test_a_text_has_many_segmentations(model):
    assert len(set(map(tuple, sample(["western southeast"] * 100, model)))) > 20


def test_their_frequencies_follow_the_exponent(model):
    counts = {alpha: Counter(map(tuple, sample(["western"] * 4_000, model, alpha))) for alpha in (0.0, 0.2)}
    even = np.array(list(counts[0.0].values()))
    assert len(even) > 3
    np.testing.assert_allclose(even / 4_000, 1 / len(even), atol=0.04)
    import sentencepiece

    processor = sentencepiece.SentencePieceProcessor(model_file=str(model))
    scores = np.array([sum(map(processor.get_score, ids)) for ids in counts[0.0]])
    expected = np.exp(0.2 * (scores - scores.max()))
    found = np.array([counts[0.2][ids] for ids in counts[0.0]])
    np.testing.assert_allclose(found / 4_000, expected / expected.sum(), atol=0.04)


def test_no_other_file_is_left(model):
    sample(["north"], model)
    assert list(model.parent.iterdir()) == [model]


def test_a_broken_model_is_refused(tmp_path):
    (tmp_path / "model").write_bytes(b"no model")
    with pytest.raises(ValueError, match=r"Expected a SentencePiece model in .*model"):
        sample(["north"], tmp_path / "model")
