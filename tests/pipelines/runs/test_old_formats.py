import dataclasses

import pytest
import yaml

from pipelines.cli import main
from pipelines.runs import old_formats, registry, settings

OLD_FORECASTING = {
    "task": "pipelines.forecasting",
    "data": "generated",
    "model": "attention-lstm",
    "units": 8,
    "patch": 6,
    "head": "student-t",
    "training": {"steps": 4},
}


def test_a_run_of_format_1_is_converted():
    today = old_formats.config(OLD_FORECASTING)
    assert today["format"] == old_formats.FORMAT
    assert today["task"] == "forecasting"
    assert (today["data"], today["model"], today["head"]) == ("synthetic", "attention_lstm", "student_t")
    assert today["attention_lstm"]["d_model"] == 8
    assert today["attention_lstm"]["attention"] == "additive"  # the default of format 1
    assert not {"transformer", "lstm", "linear", "units"} & today.keys()
    assert today["training"]["steps"] == 4
    assert today["training"]["learning_rate"] == 4e-3


def test_an_option_can_have_several_current_names():
    today = old_formats.config({"task": "pipelines.translation", "max_length": 9, "model": "lstm", "dropout": 0.3})
    assert (today["max_source_length"], today["max_target_length"]) == (9, 9)
    assert today["lstm"]["attention_dropout"] == 0.3  # before it was a separate option


def test_the_stride_is_at_most_the_patch_length():
    old = {"task": "pipelines.forecasting", "patch": 4, "patch_stride": 8}
    assert old_formats.config(old)["transformer"]["stride"] == 4


@pytest.mark.parametrize(
    "values", [{"format": 2, "task": "forecasting", "d": 1}, {"task": "my.tasks.roman", "d": 1}, {"d": 1}]
)
def test_other_formats_are_not_converted(values):
    assert old_formats.config(values) == {"format": 2, **values}


def test_a_later_format_is_refused():
    with pytest.raises(ValueError, match="format=3"):
        old_formats.config({"format": 3})


@pytest.mark.parametrize(
    ("name", "today"),
    [
        ("pipelines.sentiment", "classification"),
        ("pipelines.translation", "translation"),
        ("sentiment", "sentiment"),  # a user's own module
        ("pipelines.other", "pipelines.other"),
        ("my.translation", "my.translation"),
        ("/tasks/roman.py", "/tasks/roman.py"),
    ],
)
def test_tasks_have_their_current_names(name, today):
    assert old_formats.current_task(name) == today


def test_a_report_and_a_card_of_format_1():
    report = old_formats.report({"task": "sentiment", "floors": {"a": {}}, "beats_floor": True})
    assert report == {"task": "classification", "baselines": {"a": {}}, "beats_baseline": True}
    assert old_formats.card({"task": "pipelines.sentiment", "columns": []}) == {"task": "classification", "columns": []}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--units", "8"],
            "--units is now --lstm.d_model or --attention_lstm.d_model or --transformer.d_model\n",
        ),
        (["--patch_stride=8"], "--patch_stride is now --transformer.stride\n"),
        (["--from", "origin"], "--from is now --start_from\n"),
        (
            ["--model", "attention-lstm"],
            "--model attention-lstm is now --model attention_lstm\n",
        ),
        (["--data=generated"], "--data generated is now --data synthetic\n"),
        (["--find-lr"], "--find-lr is now --find_lr\n"),
        (
            ["--config", "old.yaml"],
            ": units is now lstm.d_model or attention_lstm.d_model or transformer.d_model\n",
        ),
    ],
)
def test_earlier_spellings_are_refused_with_the_current_ones(tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.yaml").write_text(yaml.safe_dump({"units": 8}))
    assert main.main(["fit", "forecasting", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_the_options_of_an_old_run_start_another(tmp_path, monkeypatch):
    from pipelines.forecasting.task import Config
    from pipelines.runs import settings

    file = tmp_path / "config.yaml"
    file.write_text(yaml.safe_dump(OLD_FORECASTING))
    options = settings.parse(settings.parser(Config), Config, ["--config", str(file)], "forecasting")
    assert settings.build(Config, options).attention_lstm.d_model == 8


def test_values_that_only_format_1_accepted_have_their_effect_of_then():
    training = {"clip_norm": float("inf"), "clip_value": float("inf")}
    old = {"task": "pipelines.translation", "length_penalty": -0.5, "examples": 0, "training": training}
    today = old_formats.config(old)
    assert today["decoding"]["length_penalty"] == 0
    assert today["examples"] == 1
    assert (today["training"]["clip_norm"], today["training"]["clip_value"]) == (0, 0)


def test_options_that_had_no_effect_in_format_1_are_dropped():
    forecasting = old_formats.config({"task": "pipelines.forecasting", "point_loss": "mae"})
    assert forecasting["point_loss"] == "mse"
    forecasting = old_formats.config({"task": "pipelines.forecasting", "point_loss": "mae", "head": "point"})
    assert forecasting["point_loss"] == "mae"
    named = {"task": "pipelines.sentiment", "layout": "label-text", "label": "class"}
    assert old_formats.config(named)["label"] == "label"
    assert old_formats.config({**named, "data": "tfds:reviews"})["label"] == "class"


def test_an_option_format_of_an_old_task_is_not_a_format():
    assert old_formats.config({"task": "my.tasks.roman", "format": "csv", "d": 1}) == {
        "task": "my.tasks.roman",
        "format": 2,
        "d": 1,
    }


def test_a_renamed_task_in_a_file_is_refused_with_its_current_name(tmp_path, capsys):
    file = tmp_path / "old.yaml"
    file.write_text("task: sentiment\n")
    assert main.main(["fit", "classification", "--config", str(file)]) == 2
    assert "(sentiment is now classification)" in capsys.readouterr().err


def test_runs_made_before_quotes_were_found_keep_them_as_text_in_tsv():
    for values in ({"task": "pipelines.sentiment"}, {"task": "classification", "format": 2, "encoding": "utf-8"}):
        current = old_formats.config(values)
        assert (current["quotes"], current["encoding"]) == ("by_ending", "utf-8")
    assert old_formats.config({"task": "classification", "format": 2, "quotes": "text"})["quotes"] == "text"


def test_options_that_a_run_lacks_have_the_values_of_its_time():
    @dataclasses.dataclass
    class Inherits:
        normalize: str = "nfc"

    for values in ({"format": 2, "task": "translation"}, {"task": "pipelines.sentiment"}):
        assert old_formats.config(values)["normalize"] == "none"
    assert old_formats.config({"format": 2, "task": "classification", "normalize": "nfc"})["normalize"] == "nfc"
    assert old_formats.config({"format": 2, "task": "/roman.py"}, Inherits)["normalize"] == "none"
    assert "normalize" not in old_formats.config({"format": 2, "task": "forecasting"})
    assert "normalize" not in old_formats.config({"vocabulary_size": 9}, Inherits)  # a file of options


WRONG = [{"training": value} for value in (5, "x", [1], [["steps", 1]], None)]
WRONG += [{name: value} for name in ("patch", "patch_stride", "model", "units") for value in ("x", [1], {}, None, 1.5)]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_values_of_a_wrong_type_are_refused_by_their_option(wrong):
    values = old_formats.config(OLD_FORECASTING | {"model": "transformer"} | wrong)
    with pytest.raises(ValueError, match="Expected"):
        settings.from_dict(registry.find("forecasting").Config, values)


@pytest.mark.parametrize("number", [True, False, "1", 1.0, None, [1]])
def test_a_format_that_is_no_whole_number_is_refused(number):
    with pytest.raises(ValueError, match="whole number"):
        old_formats.config({"format": number, "task": "pipelines.translation"})
