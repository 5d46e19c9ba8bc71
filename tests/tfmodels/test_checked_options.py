import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Optional

import numpy as np
import pytest

from tfmodels.checked_options import (
    OptionError,
    check,
    check_family,
    default_of,
    described_bounds,
    families,
    listed,
    option,
)


@dataclass(frozen=True)
class Transformer:
    num_layers: int = option(2, least=1)
    dropout: float = option(0.1, least=0, below=1)

    def __post_init__(self):
        check(self)


@dataclass(frozen=True)
class LSTM:
    units: int = option(8, least=1)


@dataclass(frozen=True)
class Config:
    model: Literal["transformer", "lstm", "linear"] = "transformer"
    transformer: Transformer = field(default_factory=Transformer)
    lstm: LSTM = field(default_factory=LSTM)
    share: float = option(0.5, above=0, most=1)
    count: int = 3
    seed: int = option(1, least=0, below=2**32)
    beams: int | None = option(None, least=1)
    limit: Optional[float] = None  # noqa: UP045 - other code may still write it like this
    horizon: int | Literal["auto"] = option("auto", least=1)
    places: Literal[0, 1, 2] = 0
    shuffle: bool = True
    name: str = "run"
    folder: Path = Path()

    def __post_init__(self):
        check(self)
        check_family(self)


def refused(**values):
    with pytest.raises(OptionError) as error:
        Config(**values)
    return str(error.value)


@pytest.mark.parametrize(
    "values",
    [
        {"share": 1},
        {"share": 1e-9},
        {"beams": 1},
        {"beams": None},
        {"limit": 3},
        {"horizon": 24},
        {"horizon": "auto"},
        {"count": -(2**31) + 1},
        {"seed": 2**32 - 1},
        {"places": 2},
        {"folder": "anything"},
        {"transformer": Transformer(num_layers=1, dropout=0)},
        {"model": "lstm", "lstm": LSTM(units=9)},
    ],
    ids=str,
)
def test_right_values_are_accepted(values):
    config = Config(**values)
    assert {name: getattr(config, name) for name in values} == values


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("share", 0, "above 0 and at most 1"),
        ("share", 1.5, "above 0 and at most 1"),
        ("share", math.nan, "finite and above 0 and at most 1"),
        ("share", "0.5", "a number"),
        ("share", True, "a number"),
        ("count", 3.0, "a whole number"),
        ("count", False, "a whole number"),
        ("count", 2**31, "at most 2147483647"),
        ("count", -(10**20), "at least -2147483647"),
        ("seed", 2**32, "at least 0 and below 4294967296"),
        ("beams", 10**20, "at most 2147483647, or None"),
        ("beams", 0, "at least 1, or None"),
        ("beams", 1.5, "a whole number, or None"),
        ("limit", -math.inf, "finite, or None"),
        ("limit", "none", "a number, or None"),
        ("horizon", 0, "at least 1, or one of auto"),
        ("horizon", "day", "a whole number, or one of auto"),
        ("places", 3, "one of 0, 1, 2"),
        ("places", True, "one of 0, 1, 2"),
        ("shuffle", 1, "true or false"),
        ("name", None, "text"),
        ("model", "gru", "one of transformer, lstm, linear"),
        ("lstm", {"units": 8}, "options of type LSTM"),
    ],
)
def test_wrong_values_are_refused_by_name(name, value, expected):
    assert refused(**{name: value}) == f"Expected {name} to be {expected}. Received: {name}={value!r}"


def test_choices_that_are_no_words_are_listed_in_quotes():
    assert listed(["", ",", "none", 3]) == "'', ',', none, 3"


@pytest.mark.parametrize("name", ["share", "count", "limit", "seed"])
def test_enormous_numbers_are_refused_briefly(name):
    assert refused(**{name: 10**5000}).endswith(f"Received: {name}=a number of about 5000 digits")


@pytest.mark.parametrize(
    ("name", "value", "plain"),
    [
        ("count", np.int64(4), 4),
        ("share", np.float32(0.5), 0.5),
        ("share", np.float64(0.5), 0.5),
        ("limit", np.int8(1), 1),
    ],
)
def test_numbers_of_numpy_become_plain_ones(name, value, plain):
    found = getattr(Config(**{name: value}), name)
    assert (found, type(found)) == (plain, type(plain))


@pytest.mark.parametrize("value", [np.float32("nan"), np.float64("inf"), np.bool_(True)])
def test_wrong_numbers_of_numpy_are_refused(value):
    assert refused(share=value).startswith("Expected share to be ")


@dataclass(frozen=True)
class Inherited(Config):
    """Gives an inherited option another default, without bounds."""

    share: float = 0.25
    beams: int | None = option(4, least=2)


def test_an_overridden_default_keeps_the_bounds():
    assert Inherited().share == 0.25
    assert described_bounds(Inherited, "share") == "above 0 and at most 1"
    with pytest.raises(OptionError, match="Expected share to be above 0 and at most 1"):
        Inherited(share=0)
    with pytest.raises(OptionError, match="Expected beams to be at least 2, or None"):
        Inherited(beams=1)


def test_nested_options_check_themselves():
    with pytest.raises(OptionError, match=r"Expected num_layers to be at least 1\. Received: num_layers=0"):
        Config(transformer=Transformer(num_layers=0))


def test_the_error_holds_its_parts():
    with pytest.raises(ValueError, match=r"dropout") as error:
        Transformer(dropout=1)
    assert (error.value.name, error.value.expected, error.value.value) == ("dropout", "to be at least 0 and below 1", 1)


def test_families_are_the_choices_with_options_of_their_own():
    assert families(Config) == ["transformer", "lstm"]
    assert families(Transformer) == []


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"model": "lstm", "transformer": Transformer(num_layers=9)}, "transformer.num_layers"),
        ({"model": "linear", "lstm": LSTM(units=9)}, "lstm.units"),
    ],
)
def test_options_of_a_family_not_chosen_are_refused(values, name):
    assert refused(**values) == f"Expected {name} to be left out with model={values['model']}. Received: {name}=9"


def test_defaults():
    assert default_of(Config, "model") == "transformer"
    assert default_of(Config, "lstm") == LSTM()
    assert default_of(Config, "beams") is None
