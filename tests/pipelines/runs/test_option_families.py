import re
from dataclasses import dataclass, field
from typing import Literal

import pytest

from pipelines.runs import settings
from tfmodels.checked_options import OptionError, check, check_family, option


@dataclass(frozen=True)
class Wide:
    d_model: int = option(8, least=1)

    def __post_init__(self):
        check(self)


@dataclass(frozen=True)
class Deep:
    num_layers: int = option(2, least=1)
    d_model: int = option(4, least=1)

    def __post_init__(self):
        check(self)


@dataclass(frozen=True)
class Decoding:
    beam_size: int = option(4, least=1)
    length_penalty: float = option(0.6, least=0)

    def __post_init__(self):
        check(self)


@dataclass(frozen=True)
class Config:
    model: Literal["wide", "deep", "none"] = "wide"
    wide: Wide = field(default_factory=Wide)
    deep: Deep = field(default_factory=lambda: Deep(num_layers=3))
    seed: int = option(1, least=0)
    decoding: Decoding = field(default_factory=Decoding, metadata={"after_training": True})

    def __post_init__(self):
        check(self)
        check_family(self)


def parse(*arguments):
    parser = settings.parser(Config, prog="tfmodels fit shout")
    return settings.build(Config, settings.parse(parser, Config, list(arguments)))


def test_options_reach_the_chosen_family():
    assert parse("--model", "deep", "--deep.d_model", "16").deep == Deep(num_layers=3, d_model=16)


@pytest.mark.parametrize("value", ["8", "9"])  # 8 is the default
def test_an_option_of_another_family_is_refused_and_its_family_named(value):
    with pytest.raises(OptionError, match=r"wide\.d_model only with model=wide; the model is deep"):
        parse("--model", "deep", "--wide.d_model", value)


def test_a_file_has_no_options_of_another_family(tmp_path):
    file = tmp_path / "options.yaml"
    file.write_text("model: wide\nwide: {d_model: 2}\n")
    assert parse("--config", str(file)).wide.d_model == 2
    with pytest.raises(OptionError, match=r"wide\.d_model only with model=wide; the model is none"):
        parse("--config", str(file), "--model", "none")
    with pytest.raises(OptionError, match=r"deep\.num_layers only with model=deep"):
        settings.from_dict(Config, {"deep": {"num_layers": 1}})


@pytest.mark.parametrize("model", ["wide", "deep"])
def test_a_file_may_serve_several_families(tmp_path, model):
    file = tmp_path / "options.yaml"
    file.write_text("wide: {d_model: 2}\ndeep: {num_layers: 4}\n")
    chosen = parse("--config", str(file), "--model", model)
    assert chosen == (
        Config(model="wide", wide=Wide(d_model=2)) if model == "wide" else Config("deep", deep=Deep(num_layers=4))
    )
    with pytest.raises(OptionError, match=r"only with model=wide; the model is none"):
        parse("--config", str(file), "--model", "none")


def test_options_of_other_families_in_a_file_are_ignored(tmp_path):
    file = tmp_path / "options.yaml"
    file.write_text("wide: {d_model: 2}\ndeep: {d_model: 3}\n")
    assert parse("--config", str(file)).wide.d_model == 2
    config = parse("--config", str(file), "--model", "deep", "--deep.num_layers", "7")
    assert (config.deep, config.wide) == (Deep(num_layers=7, d_model=3), Wide())


def test_yaml_leaves_out_the_families_that_are_not_chosen():
    config = Config(model="deep", deep=Deep(num_layers=5))
    assert settings.to_dict(config).keys() == {"model", "deep", "seed", "decoding"}
    assert settings.from_dict(Config, settings.to_dict(config)) == config
    assert settings.to_dict(Config(model="none")).keys() == {"model", "seed", "decoding"}


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["--wide.d_model", "0"], "wide.d_model"),
        (["--decoding.length_penalty", "nan"], "decoding.length_penalty"),
        (["--seed", "-1"], "seed"),
    ],
)
def test_an_error_contains_the_full_name(arguments, name):
    with pytest.raises(OptionError, match=re.escape(f"Expected {name} to be ")) as error:
        parse(*arguments)
    assert error.value.name == name


def test_options_that_do_not_affect_training_can_be_changed():
    config = Config(seed=3)
    assert settings.after_training(Config) == ["decoding"]
    assert settings.changed(config, []) == config
    changed = settings.changed(config, ["--decoding.beam_size", "9", "--decoding.length_penalty=1"])
    assert (changed.seed, changed.decoding) == (3, Decoding(9, 1.0))
    assert settings.replaced(config, {"decoding": Decoding(9, 1.0)}) == changed
    assert settings.replaced(changed, {"decoding": {"beam_size": 4}}).decoding == Decoding(4, 1.0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--wide.d_model", "8"], r"do not affect training: decoding\.\*.*Received: --wide\.d_model"),
        (["--decoding.beam_siez", "8"], r"did you mean --decoding\.beam_size"),
        (["--decoding.beam_size", "0"], r"decoding\.beam_size to be at least 1"),
    ],
)
def test_options_that_affect_training_are_fixed(arguments, message):
    with pytest.raises(ValueError, match=message):
        settings.changed(Config(), arguments)


def test_replaced_refuses_the_same_options():
    with pytest.raises(ValueError, match="Received: seed"):
        settings.replaced(Config(), {"seed": 2})
    with pytest.raises(OptionError, match=r"decoding\.beam_size"):
        settings.replaced(Config(), {"decoding": {"beam_size": 0}})
    with pytest.raises(ValueError, match=r"beam_siez.*did you mean"):
        settings.replaced(Config(), {"decoding": {"beam_siez": 2}})


def test_unknown_options_of_a_family_that_is_not_chosen_are_refused(tmp_path):
    file = tmp_path / "options.yaml"
    file.write_text("model: deep\ndeep: {d_model: 2}\nwide: {bogus: 3}\n")
    with pytest.raises(ValueError, match=r"Received: wide\.bogus; wide has wide\.d_model$"):
        parse("--config", str(file))


@pytest.mark.parametrize("model", ["[deep]", "3"])
def test_a_model_that_is_no_choice_is_refused(tmp_path, model):
    file = tmp_path / "options.yaml"
    file.write_text(f"model: {model}\n")
    with pytest.raises(OptionError, match="Expected model to be one of wide, deep, none"):
        parse("--config", str(file))


def test_a_number_in_a_file_must_be_finite(tmp_path):
    file = tmp_path / "options.yaml"
    file.write_text("decoding: {length_penalty: .nan}\n")
    with pytest.raises(OptionError, match=r"Expected decoding\.length_penalty to be .*finite"):
        parse("--config", str(file))
    with pytest.raises(OptionError, match=r"Expected decoding\.length_penalty to be .*finite"):
        settings.replaced(Config(), {"decoding": {"length_penalty": float("nan")}})


@pytest.mark.parametrize("change", [None, 3, Decoding, [("beam_size", 8)]])
def test_replaced_takes_a_dict_or_a_dataclass(change):
    with pytest.raises(ValueError, match="Expected decoding to be a dict or a dataclass"):
        settings.replaced(Config(), {"decoding": change})


def test_replaced_replaces_all_options_by_a_dataclass():
    config = Config(decoding=Decoding(9, 1.0))
    assert settings.replaced(config, {"decoding": Decoding(beam_size=2)}).decoding == Decoding(2, 0.6)
