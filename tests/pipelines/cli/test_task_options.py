import json
from pathlib import Path

import pytest

import pipelines
from pipelines import runs
from pipelines.cli import main, task_options


@pytest.mark.parametrize(
    ("arguments", "own", "overrides"),
    [
        (["run", "--voice.echoes", "2", "--split", "test"], ["run", "--split", "test"], ["--voice.echoes", "2"]),
        (["--voice.echoes=2", "run"], ["run"], ["--voice.echoes=2"]),
        (["run", "--", "--voice.echoes", "2"], ["run", "--", "--voice.echoes", "2"], []),
        (["run", "a.b", "--to", "x.y"], ["run", "a.b", "--to", "x.y"], []),
        (["run", "--voice.echoes"], ["run"], ["--voice.echoes"]),
    ],
)
def test_options_of_a_task_have_a_dot(arguments, own, overrides):
    assert task_options.split(arguments) == (own, overrides)


def test_evaluate_explain_predict_and_export_take_them(shout, capsys):
    main.main(["fit", shout])
    before = Path("runs/shout/config.yaml").read_bytes()
    assert main.main(["evaluate", "shout", "--task", shout, "--voice.echoes", "3"]) == 0
    report = json.loads(Path("runs/shout/report.changed.json").read_text())
    assert report["metrics"] == {"volume": 5.0}
    assert "evaluated with --voice.echoes 3" in report["notes"]
    assert main.main(["explain", "shout", "hello", "--task", shout, "--voice.echoes", "2", "--output", "new"]) == 0
    assert json.loads(Path("new/numbers.json").read_text()) == {"length": 6}
    capsys.readouterr()
    assert main.main(["predict", "shout", "--task", shout, "--voice.echoes", "2", "a"]) == 0
    assert capsys.readouterr().out == "A!!\n"
    assert main.main(["export", "--voice.echoes", "3", "shout", "--task", shout]) == 0
    capsys.readouterr()
    assert main.main(["predict", "saved_models/shout", "a"]) == 0
    assert capsys.readouterr().out == "A!!!\n"
    assert Path("runs/shout/config.yaml").read_bytes() == before


def test_they_are_refused_with_an_export_and_a_server(shout, capsys):
    main.main(["fit", shout])
    main.main(["export", "shout", "--task", shout])
    for model in (["saved_models/shout", "a"], ["--url", "http://localhost:1/v1/models/a", "a"]):
        assert main.main(["predict", *model, "--voice.echoes", "2"]) == 2
        assert "`with_options`" in capsys.readouterr().err
    with pytest.raises(ValueError, match="`with_options`"):
        pipelines.load("saved_models/shout", voice={"echoes": 2})


def test_load_takes_them(shout):
    main.main(["fit", shout])
    assert pipelines.load("shout", task=shout, voice={"echoes": 2}).predict(["a"])[0]["text"] == "A!!"
    assert pipelines.load("shout", task=shout).predict(["a"])[0]["text"] == "A!"
    with pytest.raises(ValueError, match="Received: mark"):
        pipelines.load("shout", task=shout, mark="?")


def test_a_run_resumes_with_changed_ones(shout, capsys):
    assert main.main(["fit", shout]) == 0
    assert main.main(["fit", shout, "--voice.echoes", "2"]) == 0
    assert runs.load("shout", shout).config.voice.echoes == 2
    assert main.main(["fit", shout, "--voice.echoes", "2", "--mark", "?"]) == 2
    assert "voice" not in capsys.readouterr().err


def test_options_that_affect_training_are_refused(shout, capsys):
    main.main(["fit", shout])
    assert main.main(["evaluate", "shout", "--task", shout, "--training.steps", "3"]) == 2
    assert "do not affect training: voice.*" in capsys.readouterr().err


def test_evaluate_with_changed_options_keeps_the_report_of_the_run(shout, capsys):
    main.main(["fit", shout])
    main.main(["evaluate", "shout", "--task", shout])
    before = Path("runs/shout/report.json").read_bytes()
    capsys.readouterr()
    assert main.main(["evaluate", "shout", "--task", shout, "--voice.echoes", "3"]) == 0
    assert "Report with changed options: runs/shout/report.changed.json" in capsys.readouterr().out
    assert Path("runs/shout/report.json").read_bytes() == before


def test_an_option_that_the_run_has_changes_nothing(shout, capsys):
    main.main(["fit", shout])
    echoes = str(runs.load("shout", shout).config.voice.echoes)
    assert main.main(["evaluate", "shout", "--task", shout, "--voice.echoes", echoes]) == 0
    assert "Report: runs/shout/report.json" in capsys.readouterr().out
    assert not Path("runs/shout/report.changed.json").exists()


@pytest.mark.parametrize("subcommand", ["evaluate", "export", "predict", "explain"])
def test_unknown_options_are_refused_with_those_that_can_be_changed(shout, capsys, subcommand):
    main.main(["fit", shout])
    for arguments in (["shout", "text", "--ecoes", "3"], ["--ecoes", "3", "shout", "text"]):
        assert main.main([subcommand, *arguments, "--task", shout]) == 2
        text = capsys.readouterr().err
        assert f"tfmodels {subcommand}. Received: --ecoes (did you mean --voice.echoes?)" in text
    assert main.main([subcommand, "shout", "text", "--xyzzy", "3", "--task", shout]) == 2
    assert "Received: --xyzzy. There are --help, " in (text := capsys.readouterr().err)
    assert "--voice.echoes" in text


def test_earlier_spellings_are_refused_with_the_current_ones(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("runs/old").mkdir(parents=True)
    Path("runs/old/config.yaml").write_text("task: pipelines.translation\n")
    assert main.main(["evaluate", "old", "--beam_size", "8"]) == 2
    assert "--beam_size is now --decoding.beam_size" in capsys.readouterr().err
