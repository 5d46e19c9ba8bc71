import random
import shutil
import sys

import pytest
import tensorflow as tf

from tfmodels import preprocessing
from tfmodels.checked_options import OptionError
from tfmodels.preprocessing import Subwords

WORDS = ["north", "south", "east", "west", "northwest", "southeast", "2024"]


def sentences(count):
    choose = random.Random(1)
    return [" ".join(choose.choices(WORDS, k=4)) for _ in range(count)]


def test_the_same_texts_give_the_same_model_and_no_other_file(tmp_path):
    for name in ("one", "two"):
        preprocessing.train_subwords(iter(sentences(200)), tmp_path / name, 300)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"one", "two"}


def test_frequent_words_are_pieces(tmp_path):
    preprocessing.train_subwords(sentences(200), tmp_path / "model", 300)
    subwords = Subwords((tmp_path / "model").read_bytes())
    assert subwords.size <= 300
    pieces = subwords.pieces(subwords.ids(tf.constant(["northwest east"]), 10)).numpy()[0].tolist()
    assert pieces == ["▁northwest".encode(), "▁east".encode(), b"</s>"]


def test_few_texts_give_fewer_pieces_than_requested(tmp_path):
    preprocessing.train_subwords(["a b", "b a"], tmp_path / "model", 8_000)
    assert 260 < Subwords((tmp_path / "model").read_bytes()).size < 300


@pytest.mark.parametrize("texts", [[], ["", ""]])
def test_texts_without_text_are_refused(tmp_path, texts):
    with pytest.raises(ValueError, match="Expected text to train 300 subwords on"):
        preprocessing.train_subwords(texts, tmp_path / "model", 300)
    assert not list(tmp_path.iterdir())


def test_too_small_a_vocabulary_is_refused_with_the_smallest_that_fits(tmp_path):
    with pytest.raises(OptionError, match=r"vocabulary_size to be at least (\d+) for this text") as error:
        preprocessing.train_subwords(sentences(200), tmp_path / "model", 60)
    assert (error.value.name, error.value.value) == ("vocabulary_size", 60)
    assert not list(tmp_path.iterdir())
    least = int(error.value.expected.split()[4])
    preprocessing.train_subwords(sentences(200), tmp_path / "model", least)
    assert Subwords((tmp_path / "model").read_bytes()).size == least


def test_a_silent_failure_is_reported_by_its_exit_status(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    with pytest.raises(ValueError, match="Received: exit status 1"):
        preprocessing.train_subwords(sentences(10), tmp_path / "model", 300)
    assert not list(tmp_path.iterdir())


def test_the_texts_error_comes_through_and_leaves_nothing(tmp_path):
    def texts():
        yield "north"
        raise ValueError("Expected text in each line")

    with pytest.raises(ValueError, match="text in each line"):
        preprocessing.train_subwords(texts(), tmp_path / "model", 300)
    assert not list(tmp_path.iterdir())
