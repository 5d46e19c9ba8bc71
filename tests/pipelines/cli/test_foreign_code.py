"""What a run, an export or a file of options names runs no code: only tasks of the package, and what a user types."""

import json
import shutil
from pathlib import Path

import pytest

import pipelines
from pipelines import runs
from pipelines.cli import main
from pipelines.runs import registry
from pipelines.runs.reports import exported
from tfmodels import export, serving
from tfmodels.export.digests import write_digests

EVIL = "from pathlib import Path\nPath('MARKER').touch()\nclass Config: pass\n"


@pytest.fixture
def marker(shout, tmp_path, monkeypatch, one_replica):
    """The file that the attacker's code would write, whichever way it is named."""
    monkeypatch.syspath_prepend(str(tmp_path))
    path = tmp_path / "marker"
    for folder in ("", "pipelines/evil", "runs/evil"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        for name in ("evil.py", "task.py", "evil_module.py"):
            (tmp_path / folder / name).write_text(EVIL.replace("MARKER", str(path)))
    with one_replica():  # some commands are refused after they have asked for the devices
        yield path


NAMES = [
    "evil.py",
    "TMP/evil.py",
    "./runs/evil/task.py",
    "evil_module",
    "pipelines.evil.task",
    "pipelines.evil_module",
    "pipelines.cli.main",
    "pipelines.translation.task",
    "translation/../evil.py",
    "../evil",
    "evil",
    "",
    ["evil.py"],
    {"class_path": "evil_module.Config"},
    7,
    None,
]


def named(name, tmp_path):
    return name.replace("TMP", str(tmp_path)) if isinstance(name, str) else name


COMMANDS = [
    ["predict", "evil", "text"],
    ["predict", "runs/evil", "--input", "pairs.tsv", "--output", "out.jsonl"],
    ["evaluate", "evil"],
    ["evaluate", "evil", "--data", "pairs.tsv"],
    ["evaluate", "evil", "--beam_size", "8"],
    ["export", "evil"],
    ["explain", "evil", "text"],
    ["score", "evil", "--input", "pairs.tsv"],
    ["benchmark", "train", "evil"],
    ["benchmark", "train", "--config", "runs/evil/config.yaml"],
    ["fit", "translation", "--run", "evil"],
    ["fit", "translation", "--config", "runs/evil/config.yaml"],
    ["fit", "forecasting", "--start_from", "evil", "--dry_run"],
    ["fit", "translation", "--start_from", "evil", "--keep_tokens", "true", "--run", "new"],
]


def attacking_run(header, name, tmp_path):
    """A run with results that names some code as its task."""
    Path("runs/evil/config.yaml").write_text(json.dumps({**header, "task": named(name, tmp_path), "data": "cldr"}))
    Path("runs/evil/weights").touch()
    Path("pairs.tsv").write_text("a\tb\n")


@pytest.mark.parametrize("name", ["TMP/evil.py", "evil_module", "./runs/evil/task.py"])
def test_a_run_that_names_code_is_refused_by_every_command(marker, tmp_path, capsys, name):
    attacking_run({"format": 2}, name, tmp_path)
    for command in COMMANDS:
        assert main.main(command) == 2, command
        text = capsys.readouterr().err
        assert "Expected" in text and "Traceback" not in text, command
    assert not marker.exists()


@pytest.mark.parametrize("header", [{"format": 2}, {}], ids=["format 2", "format 1"])
@pytest.mark.parametrize("name", NAMES, ids=str)
def test_a_run_of_any_format_that_names_code_is_refused_from_python(marker, tmp_path, header, name):
    attacking_run(header, name, tmp_path)
    for load in (runs.load, pipelines.load):
        with pytest.raises(ValueError, match="Expected a run of a task of this package"):
            load("evil")
    assert not marker.exists()


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """An export whose card names no task of the package."""
    import tensorflow as tf

    def shout(text):
        repaired = tf.strings.unicode_transcode(text, "UTF-8", "UTF-8", errors="replace")
        return {"text": tf.strings.upper(repaired, encoding="utf-8")}

    endpoint = export.Endpoint("serving_default", (tf.TensorSpec([None], tf.string, name="text"),), shout)
    folder, samples = tmp_path_factory.mktemp("saved") / "shout", {"serving_default": {"text": ["a", "bc"]}}
    return export.save(folder, [endpoint], [], samples, {"task": "evil", "columns": ["text"]})


def attack(saved, **card):
    """An export whose card the attacker wrote, with digests to match."""
    version = Path("saved_models/evil/1")
    shutil.rmtree(version, ignore_errors=True)
    shutil.copytree(saved, version)
    file = version / "assets.extra" / "tfmodels.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | card))
    write_digests(version)


@pytest.mark.parametrize("name", [name for name in NAMES if isinstance(name, str)])
def test_an_export_that_names_code_answers_without_it(marker, saved, tmp_path, capsys, name):
    attack(saved, task=named(name, tmp_path), run={"name": "evil"})
    Path("runs/evil/config.yaml").write_text(json.dumps({"format": 2, "task": named(name, tmp_path)}))
    Path("rows.txt").write_text("one\ntwo\n")
    assert main.main(["predict", "saved_models/evil", "a"]) == 0
    assert capsys.readouterr().out == "A\n"
    for ending in ("txt", "jsonl", "csv", "tsv"):
        assert main.main(["predict", "saved_models/evil", "--input", "rows.txt", "--output", f"out.{ending}"]) == 0
        rows = Path(f"out.{ending}").read_text().splitlines()
        assert len(rows) in (2, 3) and "TWO" in rows[-1]
    capsys.readouterr()
    assert main.main(["evaluate", "saved_models/evil"]) == 2
    assert "Expected a run of a task of this package" in capsys.readouterr().err
    assert pipelines.load("saved_models/evil").predict(["a"]) == [{"text": "A"}]
    assert [model.name for model in serving.read_models("saved_models")] == ["evil"]
    assert not marker.exists()


@pytest.mark.parametrize("name", ["../elsewhere", "/tmp", "runs/evil"])
def test_the_run_that_a_card_names_lies_under_runs(marker, saved, capsys, name):
    attack(saved, run={"name": name})
    with pytest.raises(ValueError, match="Expected an export whose run lies under runs/"):
        exported.load("saved_models/evil")


@pytest.mark.parametrize(
    "card",
    [{"task": 7}, {"task": ["evil"]}, {"columns": 3}, {"columns": [{}]}, {"format": "2"}, {"format": 10**9}],
    ids=str,
)
def test_a_card_of_another_form_is_refused_in_a_sentence(marker, saved, capsys, card):
    attack(saved, **card)
    assert main.main(["predict", "saved_models/evil", "a"]) == 2
    assert "Expected" in capsys.readouterr().err


def test_typed_or_allowed_the_code_of_a_run_is_run(shout, tmp_path, capsys):
    main.main(["fit", shout])
    capsys.readouterr()
    for allowed in (["--task", shout], ["--task", "shout.py"], ["--allow_code"]):
        assert main.main(["predict", "shout", "a", *allowed]) == 0
        assert capsys.readouterr() == ("A!\n", "")
    for arguments in ({"task": "shout.py"}, {"allow_code": True}):
        assert pipelines.load("shout", **arguments).predict(["a"])[0]["text"] == "A!"
    assert main.main(["export", "shout", "--task", shout]) == 0
    command = json.loads(Path("saved_models/shout/1/assets.extra/tfmodels.json").read_text())["scores"]["command"]
    assert command == "tfmodels evaluate saved_models/shout --task shout.py"
    assert main.main(["predict", "saved_models/shout", "a", "--output", "own.jsonl", "--task", "shout.py"]) == 0


def test_the_code_of_the_run_to_start_from_is_run_if_it_is_allowed(shout, one_replica, capsys):
    main.main(["fit", shout])
    command = ["fit", "forecasting", "--run", "new", "--start_from", "shout", "--training.steps", "1"]
    with one_replica():
        assert main.main(command) == 2
        assert "trust this run with --allow_code" in capsys.readouterr().err
        assert not Path("runs/new").exists()
        for end in ([], ["--dry_run"]):
            assert main.main([*command, "--allow_code", *end]) == 2
            error = capsys.readouterr().err
            assert "Expected a run of a task with a function `model`" in error and "shout.py" in error


def test_another_task_than_that_of_the_run_is_refused(shout, capsys):
    main.main(["fit", shout])
    runs.create("translation", registry.find("translation").Config())
    for arguments in (["shout", "--task", "translation"], ["translation", "--task", "shout.py"]):
        assert main.main(["evaluate", *arguments]) == 2
        assert "Expected the task of the run" in capsys.readouterr().err


def test_a_task_that_has_changed_is_said_once(shout, capsys):
    main.main(["fit", shout])
    changed = Path("new", "shout.py")
    changed.parent.mkdir()
    changed.write_text(Path(shout).read_text() + "\n# as it is now\n")
    capsys.readouterr()
    assert main.main(["export", "shout", "--task", str(changed)]) == 0
    assert capsys.readouterr().err.count("new/shout.py is not what it was when runs/shout was written") == 1
    assert main.main(["fit", str(changed)]) == 2
    assert "task: " in capsys.readouterr().err
    changed.rename("other.py")
    assert main.main(["export", "shout", "--task", "other.py"]) == 2
    assert "Expected the task of the run runs/shout" in capsys.readouterr().err


def test_a_run_resumes_by_its_task_in_another_folder(shout, capsys):
    main.main(["fit", shout])
    Path("moved").mkdir()
    Path(shout).rename("moved/shout.py")
    assert main.main(["fit", "moved/shout.py"]) == 0
    assert runs.load("shout", "moved/shout.py").task == registry.full_name("moved/shout.py")
