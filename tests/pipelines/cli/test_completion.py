"""Completion of the command: the words themselves, and the scripts where their shells are installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tfmodels
from pipelines.cli import main
from pipelines.cli.completion import words
from pipelines.runs import registry

ROOT = Path(tfmodels.__file__).parents[1]


@pytest.fixture(autouse=True)
def workplace(tmp_path, monkeypatch):
    """A folder with a run, exports, and names that no shell, or the command as options, takes as they are."""
    monkeypatch.chdir(tmp_path)
    named = {"first": "translation", "$(date)": "translation", "--overwrite": "translation", "two words": "forecasting"}
    for name, task in named.items():
        Path("runs", name).mkdir(parents=True)
        Path("runs", name, "config.yaml").write_text(f"format: 2\ntask: {task}\n")
    Path("runs", "no_run").mkdir()
    Path("saved_models", "demo", "1").mkdir(parents=True)
    Path("saved_models", "serving").mkdir()
    for name in ("roman.py", "--help.py"):
        Path(name).write_text("raise SystemExit('code of a user ran')\n")


def following(*typed):
    return words.following(typed, main._SUBCOMMANDS)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (["ev"], {"evaluate"}),
        (["--"], {"--help", "--version"}),
        (["fit", ""], {*registry.summaries(), "roman.py"}),
        (["fit", "roman.py", "--"], set()),
        (["fit", "translation", "--model", ""], {"transformer", "lstm"}),
        (["fit", "translation", "--model", "=", "l"], {"lstm"}),
        (["fit", "translation", "--training.xla", ""], {"true", "false"}),
        (["fit", "forecasting", "--config", "m"], {"m4_hourly"}),
        (["fit", "translation", "--start_from", ""], {"first"}),
        (["fit", "translation", "--teacher", ""], {"saved_models/demo"}),
        (["fit", "translation", "--run", ""], set()),
        (["tune", "tran"], {"translation"}),
        (["tune", "translation", "--tri"], {"--trials"}),
        (["tune", "translation", "--model", ""], {"transformer", "lstm"}),
        (["predict", ""], {"first", "saved_models/demo"}),
        (["explain", ""], {"first", "saved_models/demo"}),
        (["export", ""], {"first"}),
        (["export", "first", "--weights", ""], set()),
        (["check", ""], {"saved_models/demo"}),
        (["evaluate", "--split", ""], {"validation", "test"}),
        (["evaluate", "first", "--decoding.b"], {"--decoding.beam_size"}),
        (["evaluate", "two words", "--decoding.b"], set()),
        (["benchmark", "d"], {"decode"}),
        (["benchmark", "decode", ""], {"saved_models/demo"}),
        (["completion", ""], {"bash", "zsh", "fish"}),
        (["no_such_subcommand", ""], set()),
    ],
)
def test_the_words_that_may_follow(typed, expected):
    assert set(following(*typed)) == expected


TASKS = [
    "translation",
    "summarization",
    "question_answering",
    "classification",
    "forecasting",
    "recommendation",
    "clinical",
]


@pytest.mark.parametrize("task", TASKS)
def test_every_option_of_a_task_is_among_them(task, capsys):
    main.main(["fit", task, "--help"])
    text = capsys.readouterr().out
    found = following("fit", task, "--")
    assert {"--training.learning_rate", "--overwrite", "--transformer.d_model", "--data"} <= set(found)
    assert all(one in text for one in found)


def test_the_options_of_every_subcommand_are_among_them(capsys):
    for name in main._SUBCOMMANDS:
        assert name in ("fit", "tune", "benchmark", "completion") or "--help" in following(name, "--"), name


def complete(shell, script, *typed):
    """What a shell completes, with `tfmodels` on its path."""
    Path("bin").mkdir()
    command = Path("bin", "tfmodels")
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m tfmodels "$@"\n')
    command.chmod(0o755)
    environment = {**os.environ, "PATH": f"{Path('bin').resolve()}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run([shell, "-c", script, shell, *typed], env=environment, capture_output=True, text=True)
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
def test_the_script_of_bash_completes():
    script = (
        'source <(tfmodels completion bash)\nCOMP_WORDS=("$@")\nCOMP_CWORD=$(($# - 1))\n_tfmodels "$1"\n'
        'printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    assert complete("bash", script, "tfmodels", "predict", "f") == ["first"]


@pytest.mark.skipif(not shutil.which("fish"), reason="needs fish")
def test_the_script_of_fish_completes():
    script = "tfmodels completion fish | source\ncomplete --do-complete 'tfmodels predict f'"
    assert complete("fish", script) == ["first"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_a_script(shell, capsys):
    assert main.main(["completion", shell]) == 0
    assert "completion words" in capsys.readouterr().out
    assert main.main(["completion", "tcsh"]) == 2
    assert "one of bash, zsh, fish" in capsys.readouterr().err
