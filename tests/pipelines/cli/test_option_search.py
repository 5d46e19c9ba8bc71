import json

import numpy as np
import pytest
import tensorflow as tf

from pipelines import runs
from pipelines.cli import main, option_search
from pipelines.runs import registry
from tfmodels.training.search import learning_rate_range


def files(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def last_state(run):
    reader = tf.train.load_checkpoint(str(run.checkpoints / "last"))
    names = [name for name in reader.get_variable_to_shape_map() if "weights" in name or "optimizer" in name]
    return {name: reader.get_tensor(name) for name in names}


@pytest.mark.slow
def test_a_learning_rate_is_found_and_the_run_not_changed(repeat, monkeypatch, capsys):
    monkeypatch.setattr(learning_rate_range, "STEPS", 80)
    assert main.main(["fit", repeat, "--run", "plain"]) == 0
    capsys.readouterr()
    assert main.main(["fit", repeat, "--run", "searched", "--find_lr"]) == 0
    printed = capsys.readouterr().out
    run = runs.load("searched", repeat)
    found = json.loads((run.path / "find_lr.json").read_text())
    assert 1e-6 < found["suggestion"] < found["minimum"] <= 1
    assert len(found["rates"]) == len(found["losses"]) == len(found["smoothed"])
    assert f"--training.learning_rate {found['suggestion']:.1e}" in printed
    assert found["option"] in printed
    assert found["command"] == f"tfmodels fit {repeat} --run searched --find_lr"
    assert (run.path / "find_lr.png").read_bytes().startswith(b"\x89PNG")
    assert {path.name for path in run.path.iterdir()} == {"assets", "config.yaml", "find_lr.json", "find_lr.png"}

    before = files(run.path)
    assert main.main(["fit", repeat, "--run", "searched"]) == 0
    assert {path: content for path, content in files(run.path).items() if path in before} == before
    plain, searched = last_state(runs.load("plain", repeat)), last_state(run)
    assert len(plain) > 10
    assert plain.keys() == searched.keys()
    assert not [name for name in plain if not np.array_equal(plain[name], searched[name])]

    before = files(run.path)
    assert main.main(["fit", repeat, "--run", "searched", "--find_lr"]) == 0  # also for a trained run
    assert "under another name" in capsys.readouterr().out
    after = files(run.path)
    changed = {path.name for path in after if after[path] != before.get(path)}
    assert before.keys() == after.keys()
    assert changed <= {"find_lr.json", "find_lr.png"}
    assert main.main(["fit", repeat, "--run", "searched", "--find_lr", "--overwrite"]) == 2
    assert "would delete runs/searched" in capsys.readouterr().err
    assert files(run.path) == after


@pytest.mark.slow
def test_a_batch_is_found_and_can_be_trained_with(repeat, capsys):
    command = ["fit", repeat, "--run", "searched"]
    assert main.main([*command, "--find_batch"]) == 0
    printed = capsys.readouterr().out
    run = runs.load("searched", repeat)
    found = json.loads((run.path / "find_batch.json").read_text())
    (trial,) = found["trials"]  # 60 rows of at most 8 tokens
    assert trial["batch_tokens"] == found["largest"] == found["fastest"] == 512
    assert trial["measurement"]["rows"] == 30  # 56 and the last 4
    assert trial["measurement"]["tokens_per_second"] > 0
    assert trial["measurement"]["peak_memory"] > 10**8
    assert "all data in one batch" in printed
    assert found["option"] == "--training.batch_tokens 512"
    assert found["option"] in printed
    assert {path.name for path in run.path.iterdir()} == {"assets", "config.yaml", "find_batch.json"}

    assert main.main([*command, *found["option"].split()]) == 0
    assert runs.load("searched", repeat).config.training.batch_tokens == 512


def test_both_searches_at_once_are_refused(repeat, capsys):
    assert main.main(["fit", repeat, "--find_lr", "--find_batch"]) == 2
    assert "Begin with --find_batch" in capsys.readouterr().err
    assert not runs.ROOT.exists()


def find_nothing(task, config, run):
    """Find nothing."""


def test_overwrite_may_delete_a_run_that_is_not_trained(repeat, monkeypatch):
    run = runs.create(repeat, registry.find(repeat).Config(width=16), "searched")
    monkeypatch.setitem(option_search.SEARCHES, "--find_lr", find_nothing)
    assert main.main(["fit", repeat, "--run", "searched", "--find_lr", "--overwrite"]) == 0
    assert runs.load(run.path, repeat).config.width == 8


@pytest.mark.parametrize("switch", ["--find_lr", "--find_batch"])
def test_a_task_that_cannot_be_searched_is_refused(shout, capsys, switch):
    assert main.main(["fit", shout, switch]) == 2
    assert "functions `datasets` and `model`" in capsys.readouterr().err
    assert not runs.ROOT.exists()


def test_a_misspelt_search_is_refused_with_the_right_name(repeat, capsys):
    assert main.main(["fit", repeat, "--find_bach"]) == 2
    assert "did you mean --find_batch?" in capsys.readouterr().err


@pytest.mark.slow
def test_translation_supports_the_search(one_replica, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(learning_rate_range, "STEPS", 40)
    small = ["--examples", "300", "--transformer.d_model", "16", "--training.batch_tokens", "256"]
    with one_replica():
        assert main.main(["fit", "translation", *small, "--find_lr"]) == 0
    file = runs.load("translation").path / "find_lr.json"
    assert json.loads(file.read_text())["option"] in capsys.readouterr().out
