import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import pipelines
from pipelines import runs
from pipelines.cli import benchmark, fit, main, option_search, tune
from pipelines.cli.predicting import printed_answers
from tfmodels.export.graph.compact_weights import FORMATS

HEAVY = {"tensorflow", "keras", "numpy", "matplotlib", "pandas"}
ROOT = Path(pipelines.__file__).parents[1]


def imported_by(*arguments):
    """The top-level packages that a command imports, and what it prints."""
    program = (
        "import sys\n"
        "from pipelines.cli.main import main\n"
        "try:\n    main(sys.argv[1:])\n"
        "except SystemExit:\n    pass\n"
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    return set(done.stderr.split()), done.stdout


def test_help_imports_nothing_slow():
    packages, text = imported_by("--help")
    assert not packages & {*HEAVY, "jsonargparse", "rich", "yaml"}
    assert all(
        subcommand in text for subcommand in ("fit", "evaluate", "export", "check", "predict", "score", "explain")
    )


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_import_no_subcommand(option):
    program = (
        "import sys\n"
        "from pipelines.cli.main import main\n"
        "main(sys.argv[1:])\n"
        "print(*(name for name in sys.modules if name.startswith('pipelines.cli.')), file=sys.stderr)"
    )
    command = [sys.executable, "-c", program, option]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert set(done.stderr.split()) == {f"pipelines.cli.{name}" for name in ("main", "failures", "subcommands")}


@pytest.mark.parametrize("name", sorted(main._SUBCOMMANDS.keys() - {"fit", "tune", "benchmark"}))
def test_the_list_of_subcommands_says_what_the_help_of_each_says(name, capsys):
    with pytest.raises(SystemExit):
        main.main([name, "--help"])
    assert main._SUBCOMMANDS[name].__doc__ in " ".join(capsys.readouterr().out.split())


def test_the_list_of_subcommands_says_what_their_functions_say():
    assert main._SUBCOMMANDS["fit"].__doc__ == fit.fit.__doc__
    assert main._SUBCOMMANDS["tune"].__doc__ == tune.tune.__doc__
    assert main._SUBCOMMANDS["benchmark"].__doc__ == benchmark.benchmark.__doc__


def test_no_search_can_be_resumed():
    assert option_search.SEARCHES.keys() <= main._NOT_KEPT


@pytest.mark.parametrize(
    ("subcommand", "expected"),
    [
        ("check", "--json"),
        ("fit", "any importable module"),
        ("serve", "--write_config"),
        ("benchmark serve", "--rates"),
    ],
)
def test_the_help_of_a_subcommand_imports_nothing_slow(subcommand, expected):
    packages, text = imported_by(*subcommand.split(), "--help")
    assert not packages & {*HEAVY, "aiohttp", "jsonargparse", "rich", "yaml"}
    assert expected in text


def test_the_help_of_a_task_imports_nothing_slow(shout):
    packages, text = imported_by("fit", shout, "--help")
    assert not packages & HEAVY
    assert "--training.steps" in text
    assert "Learns nothing." in text
    assert "--overwrite" in text


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
def test_the_help_of_a_task_of_this_package_imports_nothing_slow(task):
    packages, text = imported_by("fit", task, "--help")
    assert not packages & {*HEAVY, "jsonargparse", "yaml"}
    assert "--training.learning_rate X" in text
    assert max(map(len, text.splitlines())) <= 120  # lines of the task's docstring; options have 100


def test_a_refused_option_imports_nothing_slow(shout):
    packages, _ = imported_by("fit", shout, "--trainig.steps", "3")
    assert not packages & HEAVY


def test_fit_prepares_trains_and_suggests_the_next_commands(shout, capsys):
    assert main.main(["fit", shout, "--run", "loud", "--training.steps", "7"]) == 0
    run = runs.load("loud", shout)
    assert run.config.training.steps == 7
    assert (run.assets / "prepared").exists()
    assert (run.path / "trained").read_text() == f"7 tfmodels fit {shout} --run loud --training.steps 7"
    text = capsys.readouterr().out
    assert "runs/loud" in text
    assert f"tfmodels export loud --task {shout}\n" in text


def test_the_settings_of_a_run_fit_another(shout):
    main.main(["fit", shout, "--mark", "?"])
    assert main.main(["fit", shout, "--config", "runs/shout/config.yaml", "--run", "again"]) == 0
    assert runs.load("again", shout).config == runs.load("shout", shout).config


def test_overwrite_replaces_a_run_of_other_settings(shout, capsys):
    assert main.main(["fit", shout]) == 0
    assert main.main(["fit", shout, "--mark", "?"]) == 2
    assert "--run shout-2" in capsys.readouterr().err
    assert main.main(["fit", shout, "--mark", "?", "--overwrite"]) == 0
    assert runs.load("shout", shout).config.mark == "?"


def test_overwriting_with_wrong_data_leaves_the_run(shout, capsys):
    assert main.main(["fit", shout]) == 0
    assert main.main(["fit", shout, "--data", "missing", "--overwrite"]) == 2
    assert "Expected a folder of data" in capsys.readouterr().err
    assert Path("runs/shout/trained").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fti"], "did you mean fit?"),
        (["evaluate"], "Expected RUN|EXPORT; `tfmodels evaluate --help` tells what they are"),
        (["predict", "run", "text", "--input", "file"], "either texts, --input FILE, or texts at standard input"),
        (["predict", "run", "--on_badd", "drop"], "did you mean --on_bad?"),
        (
            ["evaluate", "run", "--split", "tset"],
            "--split to be one of validation, test. Received: --split tset",
        ),
        (["export", "run", "--keep", "few"], "Expected --keep to be a whole number. Received: --keep few"),
        (["check", "a", "--jsno"], "--jsno (did you mean --json?)"),
        (["check", "a", "b"], "Expected options, which begin with --. Received: b"),
        (["fit", "SHOUT", "--over-write"], "--over-write (did you mean --overwrite?)"),
        (["fit", "SHOUT", "--training.stops", "3"], "--training.stops (did you mean --training.steps?)"),
        (["fit", "SHOUT", "--training.width", "3"], "--training.width; training has --training.steps"),
        (["fit", "SHOUT", "--trainig.steps", "3"], "--trainig.steps (did you mean --training.steps?)"),
        (["fit", "SHOUT", "--overwrit"], "--overwrit (did you mean --overwrite?)"),
        (["fit", "SHOUT", "--training.steps", "-3"], "at least 0"),
        (["fit", "SHOUT", "--training.steps", "few"], "training.steps"),
        (["fit", "SHOUT", "--data", "missing"], "Expected a folder of data"),
        (["fit", "no_such_task"], "Expected a task"),
        (["evaluate", "nowhere"], "Expected a run"),
        (["export", "nowhere"], "Expected a run"),
        (["explain", "nowhere", "hello"], "Expected a run"),
        (["check", "nowhere"], "Expected a SavedModel"),
    ],
)
def test_a_mistake_is_reported_without_a_trace(shout, capsys, arguments, message):
    assert main.main([shout if argument == "SHOUT" else argument for argument in arguments]) == 2
    text = capsys.readouterr().err
    assert message in text
    assert "Traceback" not in text


def test_an_internal_failure_keeps_its_trace(shout):
    with pytest.raises(RuntimeError, match="broken"):
        main.main(["fit", shout, "--data", "broken"])


def test_a_dependency_s_error_keeps_its_trace(shout):
    import tensorflow as tf

    with pytest.raises(ValueError, match="shape") as error:
        tf.zeros([2]).set_shape([3])
    assert main._raised_by_dependency(error.value)
    with pytest.raises(ValueError, match="literal") as error:
        int("three")
    assert not main._raised_by_dependency(error.value)


def test_an_interruption_prints_the_command_to_resume_with(shout, capsys):
    assert main.main(["fit", shout, "--data", "stopped", "--overwrite"]) == 130
    assert f"tfmodels fit {shout} --data stopped\n" in capsys.readouterr().err


@pytest.mark.parametrize(("split", "file"), [("validation", "report.json"), ("test", "report.test.json")])
def test_evaluate_writes_and_shows_the_report(shout, capsys, split, file):
    main.main(["fit", shout])
    assert main.main(["evaluate", "shout", "--split", split, "--task", shout]) == 0
    report = json.loads(Path("runs/shout", file).read_text())
    assert report["split"] == split
    assert report["command"] == f"tfmodels evaluate shout --split {split} --task {shout}"
    assert "whisper" in capsys.readouterr().out


def test_explain_writes_figures_and_numbers(shout, capsys):
    main.main(["fit", shout])
    assert main.main(["explain", "shout", "hello", "--task", shout]) == 0
    assert Path("runs/shout/explain/picture.png").read_text() == "hello"
    assert main.main(["explain", "shout", "hello", "--task", shout, "--output", "new/one.svg"]) == 0
    assert Path("new/one.svg").read_text() == "hello"
    assert json.loads(Path("new/one.json").read_text()) == {"length": 5}
    assert "new/one.svg" in capsys.readouterr().out


def test_an_export_predicts_as_its_run(shout, capsys):
    main.main(["fit", shout, "--mark", "?!"])
    assert main.main(["export", "shout", "--task", shout]) == 0
    text = capsys.readouterr().out
    assert "saved_models/shout/1" in text
    assert "tfmodels predict saved_models/shout --input FILE --output FILE" in text
    assert "with_options" in text
    for model in (["shout", "--task", shout], ["saved_models/shout"], ["saved_models/shout/1"]):
        assert main.main(["predict", *model, "grün", "b"]) == 0
        assert capsys.readouterr().out == "GRÜN?!\nB?!\n"
    Path("rows.txt").write_text("one\ntwo\n")
    assert main.main(["predict", "saved_models/shout", "--input", "rows.txt", "--output", "answers.jsonl"]) == 0
    written = [json.loads(line)["answer_text"] for line in Path("answers.jsonl").read_text().splitlines()]
    assert written == ["ONE?!", "TWO?!"]
    assert main.main(["export", "shout", "--task", shout, "--to", "elsewhere/loud"]) == 0
    assert Path("elsewhere/loud/1/saved_model.pb").is_file()


def test_an_export_holds_and_prints_no_row_of_the_data_unless_asked(shout, capsys):
    main.main(["fit", shout])
    capsys.readouterr()
    for number, (kept, holds) in enumerate({"synthetic": False, "none": False, "data": True}.items(), start=1):
        options = [] if kept == "synthetic" else ["--samples", kept]
        assert main.main(["export", "shout", "--task", shout, *options]) == 0
        version = Path(f"saved_models/shout/{number}")
        assert json.loads((version / "assets.extra/tfmodels.json").read_text())["samples"] == kept
        held = {path.name for path in version.rglob("*") if path.is_file() and b"hello" in path.read_bytes()}
        assert held == ({"tf_serving_warmup_requests", "model_card.md", "tfmodels.json"} if holds else set())
        assert ("hello" in capsys.readouterr().out) == holds


def test_check_prints_findings_and_fails_on_errors(shout, checks_in_this_process, capsys):
    main.main(["fit", shout])
    main.main(["export", "shout", "--task", shout])
    capsys.readouterr()
    assert main.main(["check", "saved_models/shout"]) == 0
    assert capsys.readouterr().out == "No problems found.\n"
    Path("saved_models/shout/1/assets.extra/tf_serving_warmup_requests").unlink()
    assert main.main(["check", "saved_models/shout", "--json"]) == 0
    assert [found["rule"] for found in json.loads(capsys.readouterr().out)] == ["warmup_missing"]
    Path("saved_models/shout/1").rename("saved_models/shout/v1")
    assert main.main(["check", "saved_models/shout/v1"]) == 1
    text = capsys.readouterr().out
    assert all(word in text for word in ("error", "version", "'v1'", "warning"))


def test_export_keeps_the_requested_number_of_versions(shout):
    main.main(["fit", shout])
    for _ in range(3):
        assert main.main(["export", "shout", "--task", shout, "--keep", "2"]) == 0
    assert sorted(path.name for path in Path("saved_models/shout").iterdir()) == ["2", "3"]
    assert main.main(["export", "shout", "--task", shout, "--keep", "0"]) == 2


def test_the_format_of_the_weights_is_recorded(shout, capsys):
    main.main(["fit", shout])
    assert main.main(["export", "shout", "--task", shout, "--weights", "int8"]) == 0
    card = json.loads(Path("saved_models/shout/1/assets.extra/tfmodels.json").read_text(encoding="utf-8"))
    assert card["weights"] == "int8"
    assert main.main(["export", "shout", "--task", shout, "--weights", "int4"]) == 2
    assert ", ".join(FORMATS) in capsys.readouterr().err


def test_outputs_without_text_are_printed_as_a_table(capsys):
    printed_answers.show([{"label": "[good]", "score": 0.5}, {"label": "bad", "score": 0.25}])
    text = capsys.readouterr().out
    assert all(word in text for word in ("label", "score", "[good]", "0.25"))


def test_diverged_training_fails_without_a_trace(monkeypatch, capsys):
    def diverge(arguments):
        raise FloatingPointError("Expected a finite loss. Received: loss=nan")

    monkeypatch.setitem(main._SUBCOMMANDS, "fit", diverge)
    assert main.main(["fit", "translation"]) == 1
    assert capsys.readouterr().err == "tfmodels: error: Expected a finite loss. Received: loss=nan\n"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["predict"], None),
        (["serve"], None),
        (["benchmark", "decode"], None),
        (["benchmark", "train"], "1"),
        (["fit"], "1"),
        (["benchmark", "parallelism"], None),  # its child processes set it themselves
    ],
    ids=str,
)
def test_onednn_is_enabled_for_training_only(arguments, expected, monkeypatch):
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "")
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS")
    monkeypatch.setattr(main, "_dispatch", lambda arguments: 0)
    main.main(arguments)
    assert os.environ.get("TF_ENABLE_ONEDNN_OPTS") == expected


def test_a_closed_pipe_is_not_an_error():
    words = f"{sys.executable} -m tfmodels fit translation --help"
    child = subprocess.run(
        ["bash", "-c", f"{words} | head -n 1; exit ${{PIPESTATUS[0]}}"], capture_output=True, text=True, cwd=ROOT
    )
    assert child.stdout.startswith("usage: tfmodels fit translation")
    assert child.stderr == ""
    assert child.returncode in (0, 141)  # 0 if the whole output fits into the pipe's buffer
