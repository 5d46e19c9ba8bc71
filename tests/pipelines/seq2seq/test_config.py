import pytest

from pipelines.seq2seq import Config, DecodingOptions
from tfmodels.models import LSTMOptions
from tfmodels.training import Options


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"subword_samples": -1}, "subword_samples to be at least 0"),
        ({"subword_alpha": -0.1}, "subword_alpha to be at least 0"),
        ({"keep_tokens": True}, "start_from to be the run whose tokens are kept"),
        ({"max_target_length": 1}, "max_target_length to be at least 2"),
        ({"lstm": LSTMOptions(num_layers=3)}, "lstm.*to be left out with model=transformer"),
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
