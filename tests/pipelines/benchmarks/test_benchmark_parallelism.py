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


def test_a_sweep_varies_one_quantity():
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
def fake_times(tmp_path, monkeypatch):
    """Replaces measurements: quadratic time for Transformers, linear for LSTMs, out of memory at length 64."""
    monkeypatch.chdir(tmp_path)
    settings = []

    def run(function, setting, shape, repeats):
        settings.append(setting)
        if setting.length == 64:
            raise MemoryError("killed")
        grown = setting.length**2 if setting.family == "transformer" else 10 * setting.length
        return Times(1e-3 * grown * setting.batch, 1000 * setting.length)

    monkeypatch.setattr(parallelism_sweeps, "run_in_child", run)
    return settings


def test_results_are_written_and_printed(fake_times, capsys):
    ranges = ["--lengths", "4,8,16,32,64", "--batches", "1,2,4", "--threads", "1", "--length", "8", "--batch", "2"]
    assert main.main(["benchmark", "parallelism", *ranges, "--output", "measured"]) == 0
    text = capsys.readouterr().out
    assert "training: the Transformer is slower from 10 tokens" in text
    assert "transformer, training, length 64: killed" in text
    assert len(fake_times) == len(set(fake_times))  # settings of several sweeps are measured once
    assert Path("measured/parallelism.png").read_bytes().startswith(b"\x89PNG")
    result = json.loads(Path("measured/parallelism.json").read_text())
    exponents = {(row["sweep"], row["workload"], row["family"]): row["seconds"] for row in result["growth"]}
    assert exponents["length", "training", "transformer"] == pytest.approx(2)
    assert exponents["length", "generation", "lstm"] == pytest.approx(1)
    assert exponents["batch", "training", "lstm"] == pytest.approx(1)
    assert result["crossover_length"] == {workload: pytest.approx(10) for workload in ("training", "generation")}
    row = next(row for row in result["rows"] if row["sweep"] == "batch" and row["batch"] == 4)
    assert row["seconds_per_token"] == pytest.approx(row["seconds"] / (8 * 4))
    assert {row["seconds"] for row in result["rows"] if row["length"] == 64} == {None}


def test_an_interrupted_benchmark_resumes(fake_times, capsys, monkeypatch):
    command = ["benchmark", "parallelism", "--quick", "--workloads", "training"]
    run = parallelism_sweeps.run_in_child
    assert main.main([*command, "--output", "whole"]) == 0
    settings = list(fake_times)

    def interrupted(*arguments):
        if len(fake_times) == len(settings) + 3:
            raise KeyboardInterrupt
        return run(*arguments)

    monkeypatch.setattr(parallelism_sweeps, "run_in_child", interrupted)
    assert main.main(command) == 130
    assert "Resume with\n  tfmodels benchmark parallelism --quick --workloads training" in capsys.readouterr().err
    monkeypatch.setattr(parallelism_sweeps, "run_in_child", run)
    assert main.main(command) == 0
    assert f"3 of {len(settings)} settings were measured before" in capsys.readouterr().out
    assert fake_times == 2 * settings  # each once in each folder
    whole, resumed = (json.loads(Path(folder, "parallelism.json").read_text()) for folder in ("whole", "benchmarks"))
    assert resumed["rows"] == whole["rows"]
    assert not list(Path("benchmarks").glob("*unfinished*"))
    assert main.main([*command, "--repeats", "3"]) == 0
    assert fake_times == 3 * settings


def test_results_of_other_conditions_are_not_used(tmp_path):
    file, results = tmp_path / "folder" / "unfinished.json", {"one": {"seconds": 0.5, "reason": None}}
    assert unfinished.read(file, {"width": 8}) == {}
    unfinished.write(file, {"width": 8}, results)
    assert unfinished.read(file, {"width": 8}) == results
    assert unfinished.read(file, {"width": 16}) == {}


def test_quick_measures_little(fake_times, capsys):
    assert main.main(["benchmark", "parallelism", "--quick", "--workloads", "generation"]) == 0
    assert max(setting.length * setting.batch for setting in fake_times) <= 16
    assert {setting.workload for setting in fake_times} == {"generation"}


@pytest.mark.parametrize(("workload", "expected"), [("training", "1"), ("generation", None)])
def test_onednn_depends_on_the_workload(workload, expected, monkeypatch):
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "")
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS")
    monkeypatch.setattr(parallelism_times, "measure", lambda *_: os.environ.get("TF_ENABLE_ONEDNN_OPTS"))
    assert parallelism_sweeps._measure(Setting("lstm", workload, 8, 1, 1, 0), Shape(8, 1), 1) == expected


def test_a_wrong_workload_is_refused(capsys):
    assert main.main(["benchmark", "parallelism", "--workloads", "sleep"]) == 2
    assert "Expected --workloads to be some of training, generation. Received: sleep" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("family", "workload"),
    [
        pytest.param("transformer", "training", marks=pytest.mark.slow),
        ("transformer", "generation"),
        pytest.param("lstm", "generation", marks=pytest.mark.slow),
    ],
)
def test_a_setting_is_measured(two_replicas, family, workload):
    rows = 2 if workload == "training" else 1
    setting = Setting(family, workload, length=4, batch=rows, replicas=2, threads=0)
    times = measure(setting, Shape(width=8, layers=1), repeats=2)
    assert times.seconds > 0
    assert times.memory_bytes >= 0
