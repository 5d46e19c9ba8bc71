"""What is refused at once: before TensorFlow is imported, with nothing left behind."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import tfmodels

ROOT = Path(tfmodels.__file__).parents[1]
REFUSED = {
    "fit translation --data nowhere": "there is no such file",
    "fit translation --data cldr*2,nowhere": "there is no such file",
    "fit translation --source xx": "a locale that Babel knows",
    "fit translation --teacher nowhere": "the folder of an export as teacher",
    "fit translation --start_from nowhere": "Expected a run",
    "fit translation --vectors nowhere": "a file of word vectors",
    "fit translation --config nowhere": "the name of a recipe",
    "fit translation --dry_run --data nowhere": "there is no such file",
    "fit translation --seeds 1,2 --data nowhere": "there is no such file",
    "fit classification --data nowhere": "there is no such file",
    "fit classification --teacher nowhere": "the folder of an export as teacher",
    "fit forecasting --data nowhere": "there is no such file",
    "fit forecasting --teacher nowhere": "the folder of an export as teacher",
    "evaluate nowhere": "Expected a run",
    "export nowhere": "Expected a run",
    "check nowhere": "Expected a SavedModel",
    "predict nowhere text": "Expected a run",
    "predict nowhere --input x --output no/folder": "Expected a folder for the output",
    "score nowhere --input pairs.txt": "Expected a run",
    "explain nowhere text": "Expected a run",
    "serve nowhere": "Expected a folder of exports",
    "serve . --batching nowhere": "a file of batching parameters",
    "serve . --server development": "Expected an export",
    "serve exports --server development --rest_port 99999": "Expected a free port",
    "predict --url http://localhost:99999/v1/models/x text": "Expected a URL",
    "benchmark decode nowhere": "Expected a SavedModel",
    "benchmark train nowhere": "Expected a run",
    "benchmark serve nowhere": "nowhere",
}
PROGRAM = """
import contextlib, io, json, sys
from pipelines.cli import main
found = {}
for words in json.load(sys.stdin):
    with contextlib.redirect_stderr(io.StringIO()) as printed, contextlib.redirect_stdout(printed):
        try:
            status = main.main(words.split())
        except BaseException as error:
            status = repr(error)
    found[words] = status, printed.getvalue(), "tensorflow" in sys.modules
    if found[words][2]:
        break
json.dump(found, sys.stdout)
"""


def refused(commands, folder):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], input=json.dumps([*commands]), cwd=folder, env=environment,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def test_mistakes_are_refused_before_tensorflow_is_imported(tmp_path):
    (tmp_path / "pairs.txt").write_text("a\tb\n")
    (tmp_path / "exports/demo/1").mkdir(parents=True)
    (tmp_path / "exports/demo/1/saved_model.pb").write_bytes(b"")
    commands = dict(REFUSED)
    if importlib.util.find_spec("holidays"):
        commands["fit forecasting --holidays XX"] = "countries by their codes"
    found = refused(commands, tmp_path)
    wrong = {
        words: answer
        for words, answer in found.items()
        if answer[0] != 2 or commands[words] not in answer[1] or answer[2]
    }
    assert not wrong
    assert found.keys() == commands.keys()
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"pairs.txt", "saved_model.pb"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_file_that_may_not_be_read_is_too(tmp_path):
    (tmp_path / "data.csv").write_text("text,label\n")
    (tmp_path / "data.csv").chmod(0)
    command = "fit classification --data data.csv"
    status, message, imported = refused([command], tmp_path)[command]
    assert (status, imported) == (2, False)
    assert "permission" in message
