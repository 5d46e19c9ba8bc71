import re
from dataclasses import dataclass, field
from functools import partial

import hypothesis
import pytest
from hypothesis import strategies as st

from pipelines.classification import task as classification
from pipelines.forecasting import task as forecasting
from pipelines.runs import registry, settings
from pipelines.translation import task as translation
from tfmodels.models import LSTMOptions
from tfmodels.training import Options


@dataclass(frozen=True)
class Inner:
    rate: float = 0.1
    on: bool = True


@dataclass(frozen=True)
class Outer:
    data: str | None = None
    languages: tuple[str, str] = ("en", "de")
    inner: Inner = field(default_factory=lambda: Inner(0.5))


@pytest.fixture
def config(shout):
    return registry.find(shout).Config


def parse(config, *arguments):
    parser = settings.parser(config, prog="tfmodels fit shout")
    return settings.build(config, settings.parse(parser, config, list(arguments), "shout"))


def test_options_reach_nested_fields_and_keep_the_other_defaults(config):
    parsed = parse(config, "--training.rate", "1e-3", "--languages", "[fr, it]", "--data=null")
    assert (parsed.training.rate, parsed.training.steps) == (1e-3, 20)
    assert parsed.languages == ("fr", "it")
    assert parsed.data is None


def test_the_command_line_overrides_the_file(config, tmp_path):
    file = tmp_path / "options.yaml"
    file.write_text("task: shout\nmark: '?'\ntraining: {steps: 3, rate: 1e-5}\n")
    parsed = parse(config, "--training.steps", "4", "--config", str(file))
    assert (parsed.mark, parsed.training.steps, parsed.training.rate) == ("?", 4, 1e-5)


@pytest.mark.parametrize(
    ("content", "arguments", "steps"),
    [
        ("{}", [], 900),
        ("training: {epochs: 2}", [], 0),
        ("training: {epochs: 2, steps: 3}", [], 3),
        ("training: {epochs: 2}", ["--training.steps=4"], 4),
        ("training: {steps: 3}", ["--training.epochs", "5"], 0),
        ("training: {steps: 3}", ["--training.epochs", "5", "--training.steps", "4"], 4),
    ],
)
def test_given_epochs_override_the_default_steps_of_a_task(tmp_path, content, arguments, steps):
    @dataclass(frozen=True)
    class Config:
        training: Options = field(default_factory=lambda: Options(steps=900))

    file = tmp_path / "options.yaml"
    file.write_text(content)
    assert parse(Config, "--config", str(file), *arguments).training.steps == steps


@pytest.mark.parametrize(
    ("option", "nearest"),
    [("--trainig.steps", "--training.steps"), ("--steps=3", "--training.steps"), ("--lang", "--languages")],
)
def test_an_unknown_option_is_refused_with_the_nearest(config, option, nearest):
    with pytest.raises(ValueError, match=re.escape(f"Received: {option.partition('=')[0]} (did you mean {nearest}?)")):
        parse(config, option, "3")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("training: {stesp: 3}", r"training.stesp \(did you mean training.steps\?\)"),
        ("trainign: {steps: 3}", r"trainign.steps \(did you mean training.steps\?\)"),
        ("training: 3", r"such as `training: \{steps: 100\}`\. Received: training: 3"),
        ("training: null", "Expected options of training"),
        ("recipe: 3", "`recipe` to hold a task"),
        ("overwrite: true", "Received: overwrite"),
        ("run: mine", "Received: run"),
        ("find_lr: true", "Received: find_lr"),
        ("mark: 3", r"Expected mark to be text, in quotes\. Received: mark='3'"),
        ("format: csv", "Expected `format` to be a whole number"),
        ("training: {steps: three}", "training.steps"),
        ("languages: [en]", "languages"),
        ("config: other.yaml", "Received: config"),
        ("- mark", "option: value"),
        ("mark: '", "Expected YAML"),
    ],
)
def test_a_wrong_file_is_refused(config, tmp_path, content, message):
    file = tmp_path / "options.yaml"
    file.write_text(content)
    with pytest.raises(ValueError, match=message):
        parse(config, "--config", str(file))


def test_a_missing_file_is_refused(config):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.yaml"):
        parse(config, "--config", "nowhere.yaml")


@pytest.mark.parametrize("arguments", [["--training.steps", "few"], ["--mark"], ["stray"], ["--training.steps=-1"]])
def test_a_wrong_value_is_refused_in_one_line(config, arguments):
    with pytest.raises(ValueError, match=r"^.+$"):
        parse(config, *arguments)


@hypothesis.given(
    # Texts that YAML reads as None (`null`, `~`, a comment) are left out: on the command line they mean None.
    data=st.none() | st.text().map("x{}".format) | st.sampled_from(["no", "1e5", "[a]", "{}", "'a'", "3", "", "a: b"]),
    languages=st.tuples(st.sampled_from(["no", "1", "null", "1e5", "~", ""]), st.text("[]{}:,#'\" \n")),
    rate=st.floats(allow_nan=False),
)
def test_a_config_survives_yaml(data, languages, rate):
    config = Outer(data, languages, Inner(rate, False))
    assert settings.from_dict(Outer, settings.to_dict(config)) == config


@pytest.mark.parametrize(
    ("make", "model", "received"),
    [
        (
            partial(translation.Config, lstm=LSTMOptions(layer_norm=True)),
            "lstm",
            r"lstm\.layer_norm.*training\.xla=True",
        ),
        (
            partial(forecasting.Config, frequency="irregular"),
            "lstm",
            r"with frequency=irregular.*Received: training\.xla=True",
        ),
        (classification.Config, "transformer", r"model=transformer.*Received: training\.xla=True"),
    ],
)
def test_xla_is_refused_for_models_without_compiled_loops(make, model, received):
    make(model=model)
    with pytest.raises(ValueError, match=rf"Expected training\.xla .*{received}"):
        make(model=model, training=Options(xla=True))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--training", "3"], "one option of training at a time, such as --training.steps 100. Received: --training 3"),
        (["--training"], "such as --training.steps 100. Received: --training"),
        (["--training", '{"steps": 3}'], "one option of training at a time"),
        (["--training.steps", ""], "Expected training.steps to be a whole number. Received: training.steps=''"),
        (["--training.steps"], "Expected a value after --training.steps"),
        (["stray"], "which begin with --. Received: stray"),
        (["--config", "Multi30k"], "(did you mean multi30k?). `tfmodels recipes` lists the recipes."),
        (["--config", "other/multi30k.yaml"], "(did you mean multi30k?)"),
        (["--config", ""], "or the name of a recipe"),
    ],
)
def test_a_mistake_on_the_command_line_is_explained(config, arguments, message):
    with pytest.raises((ValueError, FileNotFoundError), match=re.escape(message)):
        parse(config, *arguments)


@pytest.mark.parametrize(
    ("option", "nearest"),
    [
        ("xyzzy", ". `fit --help` lists them"),
        ("rate", " (did you mean --training.learning_rate?)"),
        ("training.bogus", "; training has --training.epochs"),
    ],
)
def test_only_a_similar_option_is_suggested(option, nearest):
    parser = settings.parser(translation.Config, prog="fit")
    with pytest.raises(ValueError, match=re.escape(f"--{option}{nearest}") + ("$" if "has" not in nearest else "")):
        settings.parse(parser, translation.Config, [f"--{option}", "3"])
