from dataclasses import dataclass

import pytest

from pipelines.seq2seq import Config, DecodingOptions
from tfmodels.models import LSTMOptions
from tfmodels.training import Options


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"subword_samples": -1}, "subword_samples to be at least 0"),
        ({"subword_samples": 2, "resample_subwords": True}, "subword_samples to be 0 with resample_subwords"),
        ({"subword_alpha": -0.1}, "subword_alpha to be at least 0"),
        ({"keep_tokens": True}, "start_from to be the run whose tokens are kept"),
        ({"max_target_length": 1}, "max_target_length to be at least 2"),
        ({"lstm": LSTMOptions(num_layers=3)}, "lstm.*to be left out with model=transformer"),
        ({"training": Options(r_drop=5.0)}, "training.r_drop to be 0 without dropout, .*--transformer.dropout 0.2"),
        ({"training": Options(xla=True)}, "training.xla to be left out with model=transformer"),
        (
            {"model": "lstm", "training": Options(xla=True), "lstm": LSTMOptions(layer_norm=True)},
            "training.xla to be left out with lstm.layer_norm",
        ),
    ],
)
def test_options_that_make_no_sense_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        Config(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"beam_size": 0}, "beam_size to be at least 1"),
        ({"beam_size": 10**20}, "beam_size to be at least 1 and at most 1000"),
        ({"no_repeat_ngram": 10**20}, "no_repeat_ngram to be at most 2147483647"),
        ({"length_penalty": float("nan")}, "length_penalty to be finite"),
        ({"max_length": 1}, "max_length to be 0 or at least 2"),
        ({"length_ratio": -1.0}, "length_ratio to be at least 0"),
    ],
)
def test_searches_that_make_no_sense_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        DecodingOptions(**changes)


def test_the_chosen_family_and_the_limit_of_answers():
    config = Config(max_target_length=30)
    assert config.family is config.transformer and config.max_answer_length == 30
    other = Config(model="lstm", decoding=DecodingOptions(max_length=9))
    assert other.family is other.lstm and other.max_answer_length == 9


def test_a_beam_is_at_most_as_wide_as_the_vocabulary():
    assert Config(decoding=DecodingOptions(beam_size=500)).decoding.beam_size == 500
    with pytest.raises(ValueError, match=r"decoding\.beam_size to be at most 500, the size of the vocabulary"):
        Config(decoding=DecodingOptions(beam_size=501))
    kept = Config(decoding=DecodingOptions(beam_size=501), start_from="general", keep_tokens=True)
    with pytest.raises(ValueError, match=r"decoding\.beam_size to be at most 300, the size of the vocabulary"):
        kept.decoding.check_vocabulary(300)


def test_a_task_that_overrides_a_default_keeps_its_bounds():
    @dataclass(frozen=True, kw_only=True)
    class Roman(Config):
        max_source_length: int = 16

    with pytest.raises(ValueError, match="max_source_length to be at least 2"):
        Roman(max_source_length=0)
