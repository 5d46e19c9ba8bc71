import shlex
import sys

import pytest

from pipelines.forecasting.decisions import command_to_try
from pipelines.forecasting.task import Config
from pipelines.runs import settings
from tfmodels.models.lstm_options import LSTMForecasterOptions

FIT = "tfmodels fit forecasting --data a.csv --run load --overwrite --model lstm"
SHOWN, NOT_SHOWN = {"low": 0.01}, {"low": -0.01}


def said(monkeypatch, command, ridge, naive, found=SHOWN, **options):
    monkeypatch.setattr(sys, "argv", command.split())
    config = Config(**{"data": "a.csv", "context": 24, "season": 12, "horizon": 6} | options)
    baselines = {"ridge": {"mase": ridge}, "seasonal naive": {"mase": naive}, "drift": {"mase": 0.1}}
    return command_to_try.notes(config, "load", "mase", {"mase": 1.0}, baselines, dict.fromkeys(baselines, found))


@pytest.mark.parametrize(
    ("ridge", "naive", "options", "tried"),
    [
        (0.9, 1.1, {"model": "lstm", "center": "mean"}, "fit forecasting --data a.csv --model linear --run load-2"),
        (0.9, 1.1, {"model": "linear", "center": "season"}, "--model lstm --center mean --run load-2"),
        (0.9, 1.1, {"model": "lstm", "center": "training"}, "--model lstm --center mean --run load-2"),
        (0.9, 1.1, {"model": "linear", "center": "mean"}, "--training.weight_decay 0.1 --run load-2"),
        (0.9, 0.8, {"model": "linear", "center": "mean"}, "--center season --run load-2"),
        (1.1, 0.8, {"model": "linear", "center": "mean", "context": 8}, "--center season --context 24 --run load-2"),
    ],
)
def test_a_better_baseline_comes_with_a_command(monkeypatch, ridge, naive, options, tried):
    (note,) = said(monkeypatch, FIT, ridge, naive, **options)
    assert tried in note and "--overwrite" not in note and note.count("--run") == 1
    assert note.startswith("seasonal naive is better" if naive < ridge else "ridge is better")


@pytest.mark.parametrize("found", [None, NOT_SHOWN])
def test_a_difference_that_is_not_shown_is_not_called_better(monkeypatch, found):
    (note,) = said(monkeypatch, FIT, 0.9, 1.1, found, model="lstm")
    assert note.startswith("ridge has a better score here, which may be chance: mase 0.9. To try: ")


def test_nothing_is_tried_where_the_model_is_as_good(monkeypatch):
    assert said(monkeypatch, FIT, 1.0, 1.2) == []
    (note,) = said(monkeypatch, "tfmodels evaluate load", 0.9, 1.2, model="lstm")
    assert "the command that trained load, with --model linear --run load-2" in note


@pytest.mark.parametrize(
    ("options", "tried"),
    [
        ({"model": "linear"}, "--linear.decoder steps"),
        ({"model": "lstm", "lstm": LSTMForecasterOptions(decoder="steps")}, "--training.steps 1800"),
    ],
)
def test_better_trees_ask_for_a_decoder_of_steps_or_for_more_of_them(monkeypatch, options, tried):
    monkeypatch.setattr(sys, "argv", FIT.split())
    scores = {"boosted trees": {"mase": 0.8}, "ridge": {"mase": 0.9}}
    (note,) = command_to_try.notes(
        Config(data="a.csv", **options), "load", "mase", {"mase": 1.0}, scores, {"boosted trees": SHOWN}
    )
    assert note.startswith("boosted trees is better here: mase 0.8") and tried in note


@pytest.mark.parametrize("options", ["--lstm.decoder steps --lstm.d_model=8 --training.xla true", "--center=last"])
def test_the_command_that_changes_the_model_is_accepted(monkeypatch, options):
    (note,) = said(monkeypatch, f"{FIT} {options}", 0.9, 1.1, model="lstm", lstm=LSTMForecasterOptions(d_model=8))
    config = parsed(note.split("To try: ")[1])
    assert config.model == "linear" and not config.training.xla and config.data == "a.csv"


def test_a_file_with_options_of_the_network_keeps_its_model(monkeypatch, tmp_path):
    file = tmp_path / "lstm.yaml"
    file.write_text("model: lstm\nlstm: {d_model: 8}\n")
    command = f"tfmodels fit forecasting --data a.csv --config {file}"
    (note,) = said(monkeypatch, command, 0.9, 1.1, model="lstm", center="last", lstm=LSTMForecasterOptions(d_model=8))
    assert parsed(note.split("To try: ")[1]).center == "mean"


def parsed(command):
    words = shlex.split(command)
    assert words[:3] == ["tfmodels", "fit", "forecasting"]
    parser = settings.parser(Config, prog="tfmodels fit forecasting")
    parser.add_argument("--run")
    return settings.build(Config, settings.parse(parser, Config, words[3:]))
