import json
from pathlib import Path

import pytest
from rich.console import Console

from pipelines import runs
from pipelines.benchmarks import matrix_peak, training, training_steps
from pipelines.cli import main
from pipelines.runs import registry

FEW = ["--warm_up", "2", "--steps", "3", "--profile", "2", "--output", "measured"]


@pytest.fixture
def small_matrices(monkeypatch):
    monkeypatch.setattr(matrix_peak, "_SIZE_ON_CPU", 64)


def test_a_run_is_measured_on_its_data_and_not_changed(repeat, small_matrices, monkeypatch, capsys):
    monkeypatch.setattr(training_steps, "training_flops", lambda network, inputs: 1000)
    task = registry.find(repeat)
    run = runs.create(repeat, task.Config(width=12), "mine")
    task.prepare(run.config, run)
    before = sorted(run.path.rglob("*"))
    assert main.main(["benchmark", "train", "mine", "--task", repeat, *FEW]) == 0
    text = capsys.readouterr().out
    assert all(words in text for words in ("Sequential", "share of the peak", "MatMul", "measured/train.json"))
    assert Path("measured/train.png").read_bytes().startswith(b"\x89PNG")
    result = json.loads(Path("measured/train.json").read_text())
    assert result["replicas"] == 2
    assert result["parameters"] == 13 * 12 + 12 * 13 + 13
    assert result["tokens_per_second"] == pytest.approx(result["tokens_per_step"] / result["seconds_per_step"])
    achieved = 1000 / result["seconds_per_step"]
    assert result["share_of_peak"] == pytest.approx(achieved / result["peak_flops_per_second"])
    assert 0 < result["tokens_per_step"] <= 2 * 64
    assert result["input_share"] == pytest.approx(result["input_seconds_per_step"] / result["seconds_per_step"])
    assert result["peak_memory_bytes"] > 2**20
    assert sum(row["share"] for row in result["operations"]) == pytest.approx(1)
    products = [row["calls_per_step"] for row in result["operations"] if row["kind"].endswith("MatMul")]
    assert sum(products) >= 2
    assert sorted(run.path.rglob("*")) == before


def test_unknown_flops_are_left_out(capsys):
    known = ("parameters", "replicas", "tokens_per_step", "padding", "seconds_per_step", "tokens_per_second")
    known += ("peak_flops_per_second", "peak_memory_bytes", "input_tokens_per_second", "input_share")
    counted = dict.fromkeys(("flops_per_step", "flops_per_second", "share_of_peak"))
    result = {"model": "Sequential", "precision": "float32", "operations": [], **counted, **dict.fromkeys(known, 1)}
    training._show(result, Console())
    assert "unknown" in capsys.readouterr().out


def test_a_translator_of_the_reference_size_is_measured_by_default():
    task, config = training._task_and_config(training._options(["--model", "lstm", "--batch_tokens", "512"]))
    assert (task, config.model, config.lstm.d_model, config.training.batch_tokens) == (
        "translation",
        "lstm",
        256,
        512,
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none"], "Expected a run"),
        (["none", "--model", "lstm"], "Expected either RUN or options"),
        (["--config", "none.yaml"], "Expected a YAML file"),
        (["--precision", "float8"], "Expected precision"),
        (["--data", "none"], "Expected"),
    ],
)
def test_a_mistake_is_reported_without_a_trace(tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    assert main.main(["benchmark", "train", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert not Path("benchmarks").exists()


def test_an_option_that_the_task_lacks_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("classification.yaml").write_text("task: classification\n")
    assert main.main(["benchmark", "train", "--config", "classification.yaml", "--source", "en"]) == 2
    assert "Expected an option of the task. Received: --source=en" in capsys.readouterr().err


def test_a_task_without_datasets_and_model_is_refused(shout, capsys):
    Path("shout.yaml").write_text(f"task: {shout}\n")
    assert main.main(["benchmark", "train", "--config", "shout.yaml", "--task", shout]) == 2
    assert "Expected a task with functions `datasets` and `model`" in capsys.readouterr().err
