import pytest

from tfmodels.suggestions import did_you_mean

OPTIONS = ["--data", "--help", "--training.rate", "--training.steps", "--layers.size", "--decay.rate"]


@pytest.mark.parametrize(
    ("wrong", "nearest"),
    [
        ("--dat", "--data"),
        ("--trainig.steps", "--training.steps"),
        ("--steps", "--training.steps"),
        ("--trainin.rate", "--training.rate"),
    ],
)
def test_the_nearest_name_is_named(wrong, nearest):
    assert did_you_mean(wrong, OPTIONS) == f" (did you mean {nearest}?)"


def test_nothing_is_guessed_where_nothing_is_near():
    assert did_you_mean("--quux", OPTIONS) == ""
    assert did_you_mean("anything", []) == ""
