import json
import os
from pathlib import Path

import pytest

from pipelines.benchmarks import growth, parallelism_sweeps, parallelism_times, unfinished
from pipelines.benchmarks.parallelism_setting import Ranges, Setting, Shape, Times
from pipelines.benchmarks.parallelism_times import measure
from pipelines.cli import main


def test_growth_is_fitted_and_a_crossing_found():
    assert growth.exponent({2: 3.0, 4: 24.0, 8: 192.0}) == pytest.approx(3)
    assert growth.exponent({2: 3.0}) is None
    linear, square = {x: 8.0 * x for x in (2, 4, 16)}, {x: float(x * x) for x in (2, 4, 16)}
    assert growth.crossing(square, linear) == pytest.approx(8)
    assert growth.crossing(linear, square) is None  # below it at the end
    assert growth.crossing({1: 3.0, 2: 3.0}, {1: 1.0, 2: 1.0}) is None  # never below it
    assert growth.crossing({}, {}) is None


def test_one_thing_is_varied_at_a_time():
    ranges = Ranges(("training", "generation"), [8], [1, 2], [1], [4], length=16, batch=3)
    assert [(sweep, *setting) for sweep, setting in ranges.settings() if setting.family == "lstm"] == [
        ("length", "lstm", "training", 8, 1, 1, 0),
        ("batch", "lstm", "training", 16, 1, 1, 0),
        ("batch", "lstm", "training", 16, 2, 1, 0),
        ("replicas", "lstm", "training", 16, 3, 1, 0),
        ("threads", "lstm", "training", 16, 3, 1, 4),
        ("length", "lstm", "generation", 8, 1, 1, 0),
        ("batch", "lstm", "generation", 16, 1, 1, 0),
        ("batch", "lstm", "generation", 16, 2, 1, 0),
        ("threads", "lstm", "generation", 16, 3, 1, 4),
    ]


@pytest.fixture
def imagined(tmp_path, monkeypatch):
    """Times of machines that take the square of the length, or are linear, in place of real ones; too little memory."""
    monkeypatch.chdir(tmp_path)
    asked = []

    def run(function, setting, shape, repeats):
        asked.append(setting)
        if setting.length == 64:
            raise MemoryError("killed")
        grown = setting.length**2 if setting.family == "transformer" else 10 * setting.length
        return Times(1e-3 * grown * setting.batch, 1000 * setting.length)

    monkeypatch.setattr(parallelism_sweeps, "run_in_child", run)
    return asked


def test_what_was_measured_is_told(imagined, capsys):
    ranges = ["--lengths", "4,8,16,32,64", "--batches", "1,2,4", "--threads", "1", "--length", "8", "--batch", "2"]
    assert main.main(["benchmark", "parallelism", *ranges, "--output", "measured"]) == 0
    text = capsys.readouterr().out
    assert "training: the Transformer takes longer from 10 tokens on" in text
    assert "transformer, training, length 64: killed" in text
    assert len(imagined) == len(set(imagined))  # none measured twice, though sweeps share some
    assert Path("measured/parallelism.png").read_bytes().startswith(b"\x89PNG")
    result = json.loads(Path("measured/parallelism.json").read_text())
    exponents = {(row["sweep"], row["work"], row["family"]): row["seconds"] for row in result["growth"]}
    assert exponents["length", "training", "transformer"] == pytest.approx(2)
    assert exponents["length", "generation", "lstm"] == pytest.approx(1)
    assert exponents["batch", "training", "lstm"] == pytest.approx(1)
    assert result["crossover_length"] == {work: pytest.approx(10) for work in ("training", "generation")}
    row = next(row for row in result["rows"] if row["sweep"] == "batch" and row["batch"] == 4)
    assert row["seconds_per_token"] == pytest.approx(row["seconds"] / (8 * 4))
    assert {row["seconds"] for row in result["rows"] if row["length"] == 64} == {None}


def test_a_call_that_was_cut_off_goes_on(imagined, capsys, monkeypatch):
    command = ["benchmark", "parallelism", "--quick", "--works", "training"]
    run = parallelism_sweeps.run_in_child
    assert main.main([*command, "--output", "whole"]) == 0
    settings = list(imagined)

    def interrupted(*arguments):
        if len(imagined) == len(settings) + 3:
            raise KeyboardInterrupt
        return run(*arguments)

    monkeypatch.setattr(parallelism_sweeps, "run_in_child", interrupted)
    assert main.main(command) == 130
    assert "Go on with\n  tfmodels benchmark parallelism --quick --works training" in capsys.readouterr().err
    monkeypatch.setattr(parallelism_sweeps, "run_in_child", run)
    assert main.main(command) == 0
    assert f"3 of {len(settings)} settings were measured before" in capsys.readouterr().out
    assert imagined == 2 * settings  # each once in each folder
    whole, resumed = (json.loads(Path(folder, "parallelism.json").read_text()) for folder in ("whole", "benchmarks"))
    assert resumed["rows"] == whole["rows"]
    assert not list(Path("benchmarks").glob("*unfinished*"))
    assert main.main([*command, "--repeats", "3"]) == 0
    assert imagined == 3 * settings


def test_what_was_measured_otherwise_is_not_gone_on_with(tmp_path):
    file, results = tmp_path / "folder" / "unfinished.json", {"one": {"seconds": 0.5, "reason": None}}
    assert unfinished.read(file, {"width": 8}) == {}
    unfinished.write(file, {"width": 8}, results)
    assert unfinished.read(file, {"width": 8}) == results
    assert unfinished.read(file, {"width": 16}) == {}


def test_quick_measures_little(imagined, capsys):
    assert main.main(["benchmark", "parallelism", "--quick", "--works", "generation"]) == 0
    assert max(setting.length * setting.batch for setting in imagined) <= 16
    assert {setting.work for setting in imagined} == {"generation"}


@pytest.mark.parametrize(("work", "expected"), [("training", "1"), ("generation", None)])
def test_each_process_decides_about_onednn(work, expected, monkeypatch):
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "")
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS")
    monkeypatch.setattr(parallelism_times, "measure", lambda *_: os.environ.get("TF_ENABLE_ONEDNN_OPTS"))
    assert parallelism_sweeps._measure(Setting("lstm", work, 8, 1, 1, 0), Shape(8, 1), 1) == expected


def test_wrong_work_is_refused(capsys):
    assert main.main(["benchmark", "parallelism", "--works", "sleep"]) == 2
    assert "Expected --works to be some of training, generation. Received: sleep" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("family", "work"), [("transformer", "training"), ("transformer", "generation"), ("lstm", "generation")]
)
def test_a_setting_is_measured(two_replicas, family, work):
    rows = 2 if work == "training" else 1
    setting = Setting(family, work, length=4, batch=rows, replicas=2, threads=0)
    times = measure(setting, Shape(width=8, layers=1), repeats=2)
    assert times.seconds > 0
    assert times.memory_bytes >= 0
